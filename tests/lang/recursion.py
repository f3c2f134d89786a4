# Deep recursion of every kind is RecursionError, and the program goes on.
import sys


def f(n):
    return f(n + 1)


class R:
    def __repr__(self):
        return repr(self)

    def __getattr__(self, name):
        return getattr(self, name + "x")

    def __eq__(self, other):
        return self == other

    def __call__(self):
        return self()

    def __len__(self):
        return len(self)

    def __iter__(self):
        return iter(self)

    def __add__(self, other):
        return self + other

    @property
    def p(self):
        return self.p

    def __hash__(self):
        return hash(self)

    def __lt__(self, other):
        return sorted([self, other])[0]

    def __init_subclass__(cls):
        type("S", (cls,), {})


def gen():
    yield from gen()


def sort_key(x):
    return sorted([x], key=sort_key)


def mapped(x):
    return list(map(mapped, [x]))


def comprehension(x):
    return [comprehension(i) for i in [x]]


nested = []
for _ in range(100_000):
    nested = [nested]
nested_tuple = ()
for _ in range(100_000):
    nested_tuple = (nested_tuple,)
nested_dict = {}
for _ in range(100_000):
    nested_dict = {"k": nested_dict}
r = R()
for name, what in {
    "function": lambda: f(0),
    "repr": lambda: repr(r),
    "attribute": lambda: r.x,
    "eq": lambda: r == 1,
    "call": lambda: r(),
    "len": lambda: len(r),
    "add": lambda: r + 1,
    "property": lambda: r.p,
    "hash": lambda: hash(r),
    "lt": lambda: r < R(),
    "generator": lambda: list(gen()),
    "sort": lambda: sort_key(1),
    "map": lambda: mapped(1),
    "comprehension": lambda: comprehension(1),
    "nested repr": lambda: repr(nested),
    "nested tuple hash": lambda: hash(nested_tuple),
    "nested eq": lambda: nested_tuple == (nested_tuple[0],),
    "nested dict repr": lambda: repr(nested_dict),
    "eval": lambda: eval("(" * 5000 + ")" * 5000),
    "eval unary": lambda: eval("-" * 100_000 + "1"),
    "eval lambda": lambda: eval("lambda:" * 20_000 + "1"),
}.items():
    try:
        what()
    except RecursionError as error:
        print(name, "RecursionError")
    except (MemoryError, SyntaxError) as error:
        print(name, "refused")
    else:
        print(name, "no error")
del nested, nested_tuple, nested_dict
sys.setrecursionlimit(100)


def depth():
    try:
        return 1 + depth()
    except RecursionError:
        return 1


print(50 < depth() < 110, sys.getrecursionlimit())
try:
    sys.setrecursionlimit(0)
except ValueError as error:
    print(error)

# === stdout
# function RecursionError
# repr RecursionError
# attribute RecursionError
# eq RecursionError
# call RecursionError
# len RecursionError
# add RecursionError
# property RecursionError
# hash RecursionError
# lt RecursionError
# generator RecursionError
# sort RecursionError
# map RecursionError
# comprehension RecursionError
# nested repr RecursionError
# nested tuple hash no error
# nested eq no error
# nested dict repr RecursionError
# eval refused
# eval unary refused
# eval lambda refused
# True 100
# recursion limit must be greater or equal than 1
