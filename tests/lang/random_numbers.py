"""The generator behind `random` is CPython's, number for number."""

import _random
import pickle
import random


def attempt(text):
    try:
        print(text, "->", eval(text))
    except Exception as e:
        print(text, "->", type(e).__name__ + ":", e)


for seed in (1, 0, -5, 2**200 + 3, 1.5, "abc", b"xyz", bytearray(b"q"), None):
    random.seed(seed)
    if seed is not None:
        print(repr(seed), random.random(), random.getrandbits(5), random.getrandbits(100))

random.seed(7)
print(random.randint(1, 100), random.sample(range(100), 5), random.choices("abc", k=5), random.gauss(0, 1))
items = list(range(20))
random.shuffle(items)
print(items)

state = random.getstate()
first = [random.random() for _ in range(700)]
random.setstate(state)
print(first == [random.random() for _ in range(700)], state[0], len(state[1]))

mine = random.Random(3)
print(mine.random(), pickle.loads(pickle.dumps(mine)).random() == mine.random())

plain = _random.Random(5)
for text in (
    "plain.getrandbits(-1)",
    "plain.getrandbits(0)",
    "plain.getrandbits('a')",
    "plain.setstate(1)",
    "plain.setstate((1,))",
    "plain.setstate((1,) * 624 + (700,))",
    "plain.setstate(('a',) * 625)",
    "plain.seed(1, 2)",
    "plain.seed([])",
    "_random.Random(a=2)",
):
    attempt(text)

# === stdout
# 1 0.13436424411240122 27 321912487774453150805552873008
# 0 0.8444218515250481 24 320120153174708524685608814210
# -5 0.6229016948897019 23 1243125272628914304950441933756
# 1606938044258990275541962092341162602522202993782792835301379 0.6852303422526461 13 135387478549759409600905193456
# 1.5 0.551763726942059 8 669396287011562957169143585859
# 'abc' 0.7720246314157545 17 468814617451789309951066757768
# b'xyz' 0.9371584003394712 10 970510926862340351344377645877
# bytearray(b'q') 0.4549104119056959 8 177667772844705281016082034339
# 42 [19, 50, 83, 6, 9] ['c', 'a', 'b', 'c', 'a'] 0.8926486446566249
# [4, 18, 11, 5, 19, 12, 8, 6, 0, 14, 10, 3, 15, 9, 16, 1, 13, 17, 2, 7]
# True 3 625
# 0.23796462709189137 True
# plain.getrandbits(-1) -> ValueError: Cannot convert negative int
# plain.getrandbits(0) -> 0
# plain.getrandbits('a') -> TypeError: 'str' object cannot be interpreted as an integer
# plain.setstate(1) -> TypeError: state vector must be a tuple
# plain.setstate((1,)) -> ValueError: state vector is the wrong size
# plain.setstate((1,) * 624 + (700,)) -> ValueError: invalid state
# plain.setstate(('a',) * 625) -> TypeError: an integer is required
# plain.seed(1, 2) -> TypeError: seed expected at most 1 argument, got 2
# plain.seed([]) -> TypeError: unhashable type: 'list'
# _random.Random(a=2) -> TypeError: Random() takes no keyword arguments
