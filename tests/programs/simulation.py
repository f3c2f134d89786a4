# A simulation with a random generator of its own, game of life, elevator, dice statistics, formatted histograms.
class Random:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (6364136223846793005 * self.state + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        return self.state >> 33

    def below(self, n):
        return self.next() * n >> 31

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]

    def uniform(self):
        return self.next() / (1 << 31)


r = Random(42)
rolls = [r.below(6) + r.below(6) + 2 for _ in range(3600)]
counts = {n: rolls.count(n) for n in range(2, 13)}
for n, count in counts.items():
    print(f"{n:>2} {count:>4} {'*' * (count // 20)}")
mean = sum(rolls) / len(rolls)
variance = sum((x - mean) ** 2 for x in rolls) / (len(rolls) - 1)
print(f"mean {mean:.4f} deviation {variance**0.5:.4f}")
deck = [f"{rank}{suit}" for suit in "♠♥♦♣" for rank in [*range(2, 11), *"JQKA"]]
r.shuffle(deck)
print(*deck[:8], len(set(deck)))
inside = sum(r.uniform() ** 2 + r.uniform() ** 2 <= 1 for _ in range(20000))
print(f"pi is about {4 * inside / 20000:.3f}")


def life(cells, steps):
    for _ in range(steps):
        yield cells
        near = {}
        for x, y in cells:
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    if (dx, dy) != (0, 0):
                        near[x + dx, y + dy] = near.get((x + dx, y + dy), 0) + 1
        cells = {c for c, n in near.items() if n == 3 or (n == 2 and c in cells)}


glider = {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}
for generation in list(life(glider, 9))[::4]:
    print("\n".join("".join(".#"[(x, y) in generation] for x in range(6)) for y in range(6)))
    print()


class Elevator:
    def __init__(self, floors):
        self.floor, self.direction, self.calls, self.travelled = 0, 1, set(), 0
        self.floors = floors

    def step(self):
        if self.floor in self.calls:
            self.calls.discard(self.floor)
            return f"opens at {self.floor}"
        if not self.calls:
            return None
        ahead = [c for c in self.calls if (c - self.floor) * self.direction > 0]
        if not ahead:
            self.direction = -self.direction
        self.floor += self.direction
        self.travelled += 1
        return ""


e = Elevator(10)
e.calls |= {7, 3, 9}
log = []
for tick in range(40):
    if tick == 5:
        e.calls |= {1, 0}
    if (event := e.step()) is None:
        break
    if event:
        log.append((tick, event))
print(log, e.travelled)
grid = [[" "] * 30 for _ in range(9)]
for x in range(30):
    y = round(4 - 4 * __import__("math").sin(x / 30 * 6.283))
    grid[y][x] = "o"
print("\n".join("".join(row).rstrip() for row in grid))

# === stdout
#  2   87 ****
#  3  200 **********
#  4  318 ***************
#  5  418 ********************
#  6  474 ***********************
#  7  621 *******************************
#  8  482 ************************
#  9  417 ********************
# 10  298 **************
# 11  184 *********
# 12  101 *****
# mean 6.9867 deviation 2.3973
# 8♦ 2♥ A♥ 4♠ 9♣ 10♠ 8♥ 9♥ 52
# pi is about 3.143
# .#....
# ..#...
# ###...
# ......
# ......
# ......
#
# ......
# ..#...
# ...#..
# .###..
# ......
# ......
#
# ......
# ......
# ...#..
# ....#.
# ..###.
# ......
#
# [(3, 'opens at 3'), (8, 'opens at 7'), (11, 'opens at 9'), (20, 'opens at 1'), (22, 'opens at 0')] 18
#       oooo
#     oo    oo
#   oo        oo
#  o            o
# o              o
#                 o            o
#                  oo        oo
#                    oo    oo
#                      oooo
