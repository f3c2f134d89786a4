# The iterator protocol, iter with a sentinel, zip, map, filter, enumerate, reversed, itertools.
class Count:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return self.n


print(list(Count(3)), sum(Count(4)), max(Count(5)), [*Count(2)], dict(zip("ab", Count(2))), 2 in Count(3), sorted(Count(4)))
a, b = Count(2)
print(a, b)
feed = iter([1, 2, 0, 3])
print(list(iter(lambda: next(feed), 0)), next(feed), next(feed, "default"))
print(list(zip([1, 2, 3], "ab")), list(zip()), list(zip([1], [2], strict=True)), list(map(pow, [2, 3], [3, 2])), list(filter(None, [0, 1, "", "a"])), list(filter(str.isupper, "aBcD")))
print(list(enumerate("ab", 5)), list(reversed([1, 2, 3])), list(reversed("ab")), list(reversed(range(3))), list(map(str, range(3))), list(map(lambda a, b: a + b, "ab", "cd")))
for bad in ("next(iter([]))", "list(zip([1], [], strict=True))", "list(zip([1], [1, 2], strict=True))", "iter(5)", "next(5)", "reversed(5)", "reversed({1})", "list(map(len, 5))", "enumerate()", "iter(5, 6)", "list(map(len, [1]))", "zip(1)", "map(len)"):
    try:
        print(bad, "=", eval(bad))
    except BaseException as error:
        print(bad, "->", type(error).__name__, error)


class Bad:
    def __iter__(self):
        return 5


class NoNext:
    def __iter__(self):
        return object()


for x in Bad(), NoNext():
    try:
        list(x)
    except TypeError as error:
        print(error)
i = iter("abc")
print(next(i), iter(i) is i, type(i).__name__, type(iter([])).__name__, type(iter({})).__name__, type(iter(())).__name__, type(iter(range(1))).__name__, type(iter(set())).__name__, type(zip()).__name__)
import itertools as it

print(list(it.chain("ab", [1])), list(it.islice(it.count(5), 3)), list(it.accumulate([1, 2, 3])), list(it.product("ab", [1, 2])), list(it.permutations("abc", 2))[:3], list(it.combinations(range(4), 2)))
print([(k, list(g)) for k, g in it.groupby("aabbc")], list(it.takewhile(lambda x: x < 3, it.count())), list(it.dropwhile(lambda x: x < 3, range(5))), list(it.repeat("x", 2)), list(it.zip_longest("ab", "c", fillvalue="-")), list(it.starmap(pow, [(2, 3)])), list(it.pairwise("abc")), list(it.batched("abcde", 2)), list(it.compress("abc", [1, 0, 1])), [list(x) for x in it.tee("ab")], list(it.islice(it.cycle("ab"), 5)), list(it.chain.from_iterable(["ab", "c"])))
import functools, operator

print(functools.reduce(operator.add, range(5)), functools.partial(pow, 2)(5), functools.partial(print, end="!\n")("p"), operator.itemgetter(1, 0)("ab"), operator.attrgetter("real")(5), operator.methodcaller("upper")("x"))


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(80), fib.cache_info())


@functools.total_ordering
class V:
    def __init__(self, n):
        self.n = n

    def __eq__(self, o):
        return self.n == o.n

    def __lt__(self, o):
        return self.n < o.n


print(V(1) <= V(2), V(3) > V(2), V(2) >= V(3))

# === stdout
# [2, 1, 0] 6 4 [1, 0] {'a': 1, 'b': 0} True [0, 1, 2, 3]
# 1 0
# [1, 2] 3 default
# [(1, 'a'), (2, 'b')] [] [(1, 2)] [8, 9] [1, 'a'] ['B', 'D']
# [(5, 'a'), (6, 'b')] [3, 2, 1] ['b', 'a'] [2, 1, 0] ['0', '1', '2'] ['ac', 'bd']
# next(iter([])) -> StopIteration 
# list(zip([1], [], strict=True)) -> ValueError zip() argument 2 is shorter than argument 1
# list(zip([1], [1, 2], strict=True)) -> ValueError zip() argument 2 is longer than argument 1
# iter(5) -> TypeError 'int' object is not iterable
# next(5) -> TypeError 'int' object is not an iterator
# reversed(5) -> TypeError 'int' object is not reversible
# reversed({1}) -> TypeError 'set' object is not reversible
# list(map(len, 5)) -> TypeError 'int' object is not iterable
# enumerate() -> TypeError enumerate() missing required argument 'iterable'
# iter(5, 6) -> TypeError iter(v, w): v must be callable
# list(map(len, [1])) -> TypeError object of type 'int' has no len()
# zip(1) -> TypeError 'int' object is not iterable
# map(len) -> TypeError map() must have at least two arguments.
# iter() returned non-iterator of type 'int'
# iter() returned non-iterator of type 'object'
# a True str_ascii_iterator list_iterator dict_keyiterator tuple_iterator range_iterator set_iterator zip
# ['a', 'b', 1] [5, 6, 7] [1, 3, 6] [('a', 1), ('a', 2), ('b', 1), ('b', 2)] [('a', 'b'), ('a', 'c'), ('b', 'a')] [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
# [('a', ['a', 'a']), ('b', ['b', 'b']), ('c', ['c'])] [0, 1, 2] [3, 4] ['x', 'x'] [('a', 'c'), ('b', '-')] [8] [('a', 'b'), ('b', 'c')] [('a', 'b'), ('c', 'd'), ('e',)] ['a', 'c'] [['a', 'b'], ['a', 'b']] ['a', 'b', 'a', 'b', 'a'] ['a', 'b', 'c']
# p!
# 10 32 None ('b', 'a') 5 X
# 23416728348467685 CacheInfo(hits=78, misses=81, maxsize=None, currsize=81)
# True True False
