# functools, itertools and operator at work: currying, pipelines, dispatch, memoising, partial, recipes.
import itertools as it
import operator as op
from functools import cache, cached_property, cmp_to_key, partial, partialmethod, reduce, singledispatch, singledispatchmethod, wraps


def curry(f, n=None):
    n = n or f.__code__.co_argcount

    @wraps(f)
    def curried(*args):
        return f(*args) if len(args) >= n else lambda *more: curried(*args, *more)

    return curried


@curry
def volume(a, b, c):
    """The volume."""
    return a * b * c


print(volume(2)(3)(4), volume(2, 3)(4), volume.__name__, volume.__doc__)


class Pipe:
    def __init__(self, f):
        self.f = f

    def __ror__(self, x):
        return self.f(x)

    def __call__(self, *args, **kwargs):
        return Pipe(lambda x: self.f(x, *args, **kwargs))


@Pipe
def where(items, test):
    return (i for i in items if test(i))


@Pipe
def select(items, f):
    return map(f, items)


print(range(20) | where(lambda n: n % 3 == 0) | select(lambda n: n * n) | Pipe(list), [3, 1] | Pipe(sorted))


@singledispatch
def describe(x):
    return f"something: {x!r}"


@describe.register
def _(x: int):
    return f"int {x}"


@describe.register(list)
@describe.register(tuple)
def _(x):
    return f"sequence of {len(x)}: {', '.join(map(describe, x))}"


@describe.register
def _(x: bool):
    return f"bool {x}"


print(describe(5), describe(True), describe([1, (2.5, False)]), describe.dispatch(bool) is describe.dispatch(int))


class Shape:
    def __init__(self, side):
        self.side = side
        self.computed = 0

    @cached_property
    def area(self):
        self.computed += 1
        return self.side**2

    def scale(self, by, how="plain"):
        return self.side * by, how

    double = partialmethod(scale, 2)
    fancy = partialmethod(scale, how="fancy")

    @singledispatchmethod
    def fits(self, other):
        return NotImplemented

    @fits.register
    def _(self, other: int):
        return other <= self.side


s = Shape(3)
print(s.area, s.area, s.computed, s.double(), s.fancy(5), s.fits(2), s.fits("x"))
s.side = 5
del s.area
print(s.area, s.computed)


@cache
def ways(n, coins=(50, 25, 10, 5, 1)):
    if n == 0:
        return 1
    return sum(ways(n - c, coins[i:]) for i, c in enumerate(coins) if c <= n)


print(ways(100), ways.cache_info().currsize > 10)
print(reduce(lambda a, b: a * 10 + b, [1, 2, 3]), reduce(op.mul, range(1, 11)), sorted("bAc", key=cmp_to_key(lambda a, b: (a > b) - (a < b))), partial(int, base=2)("101"), partial(print, "p", sep=">").keywords)


def chunks(items, n):
    return it.zip_longest(*[iter(items)] * n, fillvalue="-")


def flatten(x):
    for i in x:
        if isinstance(i, (list, tuple)):
            yield from flatten(i)
        else:
            yield i


def primes():
    composites = {}
    for n in it.count(2):
        if n not in composites:
            yield n
            composites[n * n] = [n]
        else:
            for p in composites.pop(n):
                composites.setdefault(p + n, []).append(p)


print(["".join(c) for c in chunks("abcdefg", 3)], list(flatten([1, [2, [3, (4,)], 5]])), list(it.islice(primes(), 12)), list(it.takewhile(lambda p: p < 20, primes())))
print(list(it.accumulate([3, 1, 4, 1, 5], max)), list(it.accumulate(range(5), initial=100)), list(it.combinations_with_replacement("ab", 2)), len(list(it.product(range(3), repeat=3))), list(it.filterfalse(str.isdigit, "a1b2")), list(it.permutations([1, 2, 3]))[3])
print(sorted(it.chain({"b": 1}, [("a")]), reverse=True), op.itemgetter(0, -1)("word"), list(map(op.attrgetter("imag"), [1j, 2])), op.methodcaller("replace", "a", "b")("banana"), op.concat("x", "y"), op.contains([1], 1), op.index(5))
names = ["Ann", "bob", "Cy", "dee"]
for length, group in it.groupby(sorted(names, key=lambda n: (len(n), n.lower())), key=len):
    print(length, list(group))

# === stdout
# 24 24 volume The volume.
# [0, 9, 36, 81, 144, 225, 324] [1, 3]
# int 5 bool True sequence of 2: int 1, sequence of 2: something: 2.5, bool False False
# 9 9 1 (6, 'plain') (15, 'fancy') True NotImplemented
# 25 2
# 292 True
# 123 3628800 ['A', 'b', 'c'] 5 {'sep': '>'}
# ['abc', 'def', 'g--'] [1, 2, 3, 4, 5] [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37] [2, 3, 5, 7, 11, 13, 17, 19]
# [3, 3, 4, 4, 5] [100, 100, 101, 103, 106, 110] [('a', 'a'), ('a', 'b'), ('b', 'b')] 27 ['a', 'b'] (2, 3, 1)
# ['b', 'a'] ('w', 'd') [1.0, 0] bbnbnb xy True 5
# 2 ['Cy']
# 3 ['Ann', 'bob', 'dee']
