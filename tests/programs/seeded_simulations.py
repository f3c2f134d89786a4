# Simulations: the game of life, a queue at a bank, a random walk, dice and a small neural network, all seeded.
import math
import random
from collections import Counter, deque
from enum import Enum, auto
from itertools import product, repeat
from statistics import NormalDist, fmean, pstdev

GLIDER = {(0, 1), (1, 2), (2, 0), (2, 1), (2, 2)}


class Life:
    def __init__(self, cells, rule="B3/S23"):
        born, stay = rule.split("/")
        self.born, self.stay = {int(c) for c in born[1:]}, {int(c) for c in stay[1:]}
        self.cells, self.age = frozenset(cells), 0

    def neighbours(self):
        counts = Counter()
        for r, c in self.cells:
            counts.update((r + i, c + j) for i, j in product((-1, 0, 1), repeat=2) if i or j)
        return counts

    def step(self):
        self.cells = frozenset(cell for cell, n in self.neighbours().items() if n in (self.stay if cell in self.cells else self.born))
        self.age += 1
        return self

    def __str__(self):
        rows, columns = zip(*self.cells)
        return "\n".join("".join(".#"[(r, c) in self.cells] for c in range(min(columns), max(columns) + 1)) for r in range(min(rows), max(rows) + 1))

    def period(self, limit=50):
        seen = {}
        for _ in repeat(None, limit):
            if self.cells in seen:
                return self.age - seen[self.cells]
            seen[self.cells] = self.age
            self.step()
        return None


class State(Enum):
    WAITING = auto()
    SERVED = auto()
    LEFT = auto()


class Customer:
    def __init__(self, arrival, patience):
        self.arrival, self.patience, self.state = arrival, patience, State.WAITING

    def __repr__(self):
        return f"<{self.state.name.lower()} since {self.arrival}>"


def bank(rng, minutes, tellers):
    line, busy, everyone = deque(), [0] * tellers, []
    waits = []
    for now in range(minutes):
        if rng.random() < 0.6:
            customer = Customer(now, rng.randint(3, 9))
            everyone.append(customer)
            line.append(customer)
        for c in list(line):
            if now - c.arrival > c.patience:
                c.state = State.LEFT
                line.remove(c)
        for i, until in enumerate(busy):
            if until <= now and line:
                customer = line.popleft()
                customer.state = State.SERVED
                waits.append(now - customer.arrival)
                busy[i] = now + rng.randint(1, 6)
    return everyone, waits


class Network:
    def __init__(self, rng, *sizes):
        self.weights = [[[rng.uniform(-1, 1) for _ in range(n + 1)] for _ in range(m)] for n, m in zip(sizes, sizes[1:])]

    def forward(self, x):
        layers = [list(x)]
        for layer in self.weights:
            x = [math.tanh(math.sumprod(row, [*layers[-1], 1.0])) for row in layer]
            layers.append(x)
        return layers

    def train(self, samples, rounds, rate=0.5):
        for _ in range(rounds):
            for x, target in samples:
                layers = self.forward(x)
                delta = [(t - y) * (1 - y * y) for t, y in zip(target, layers[-1])]
                for depth in reversed(range(len(self.weights))):
                    layer, before = self.weights[depth], [*layers[depth], 1.0]
                    back = [sum(d * row[j] for d, row in zip(delta, layer)) for j in range(len(before) - 1)]
                    for d, row in zip(delta, layer):
                        for j, value in enumerate(before):
                            row[j] += rate * d * value
                    delta = [b * (1 - y * y) for b, y in zip(back, layers[depth])]


life = Life(GLIDER)
print(life)
print(life.step().step(), life.age, len(life.step().step().cells), sorted(life.cells) == sorted((r + 1, c + 1) for r, c in GLIDER))
print(Life({(0, 0), (0, 1), (0, 2)}).period(), Life({(0, 0), (0, 1), (1, 0), (1, 1)}).period(), Life(GLIDER).period(20))
rng = random.Random(2026)
everyone, waits = bank(rng, 240, 2)
print(len(everyone), Counter(c.state.name for c in everyone), f"{fmean(waits):.3f} {pstdev(waits):.3f} {max(waits)}", everyone[:2])
walk = [0]
for step in rng.choices((-1, 1), weights=(1, 1.1), k=500):
    walk.append(walk[-1] + step)
print(walk[-1], min(walk), max(walk), walk.count(0), rng.sample(range(100), 5), rng.getrandbits(70), rng.random())
rolls = Counter(sum(rng.randint(1, 6) for _ in range(3)) for _ in range(2000))
print([rolls[n] for n in range(3, 19)], "#" * (rolls.most_common(1)[0][1] // 25))
deck = [f"{r}{s}" for s in "♠♥" for r in "A23"]
rng.shuffle(deck)
print(deck, rng.choice(deck), f"{rng.gauss(0, 1):.6f} {rng.expovariate(2):.6f} {rng.betavariate(2, 3):.6f} {rng.triangular(0, 10, 3):.6f} {rng.vonmisesvariate(0, 4):.6f} {rng.normalvariate():.6f}")
state = rng.getstate()
first = [rng.random() for _ in range(3)]
rng.setstate(state)
print(first == [rng.random() for _ in range(3)], rng.randbytes(5), rng.binomialvariate(20, 0.3), random.Random("seed").randrange(10**20), random.Random(b"x").randint(1, 6))
network = Network(random.Random(3), 2, 4, 1)
samples = [((a, b), (float(a != b),)) for a, b in product((0, 1), repeat=2)]
network.train(samples, 800)
print([round(network.forward(x)[-1][0]) for x, _ in samples], f"{sum((network.forward(x)[-1][0] - t[0]) ** 2 for x, t in samples) < 0.05}")
normal = NormalDist(100, 15)
print(f"{normal.cdf(130):.6f} {normal.inv_cdf(0.9):.4f} {(normal + NormalDist(5, 8)).stdev:.1f} {normal.overlap(NormalDist(110, 15)):.4f}")
inside = sum(rng.random() ** 2 + rng.random() ** 2 <= 1 for _ in range(20000))
print(inside, abs(4 * inside / 20000 - math.pi) < 0.05)

# === stdout
# .#.
# ..#
# ###
# .#.
# ..#
# ### 2 5 True
# 2 1 None
# 134 Counter({'SERVED': 122, 'LEFT': 9, 'WAITING': 3}) 2.164 1.879 7 [<served since 0>, <served since 6>]
# 14 -5 22 33 [94, 79, 52, 60, 37] 965007283718539790602 0.16815210954592175
# [8, 34, 56, 104, 140, 218, 232, 263, 223, 227, 191, 139, 82, 53, 16, 14] ##########
# ['2♠', 'A♥', '2♥', '3♠', '3♥', 'A♠'] 3♥ 0.713739 0.011498 0.794236 2.552183 4.797584 1.167420
# True b'F\xac\xd58\xbe' 8 19533131527563210494 6
# [0, 1, 1, 0] True
# 0.977250 119.2233 17.0 0.7389
# 15767 True
