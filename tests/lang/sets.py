# set and frozenset: methods, operators, comparison, errors.
s = {3, 1, 2, 3}
s.add(4)
s.discard(9)
s.remove(1)
print(sorted(s), len(s), 3 in s, s == {2, 3, 4}, set() or "empty", sorted(set("hello")), {1, 1.0, True})
a, b = {1, 2, 3}, {2, 3, 4}
print(a & b, a | b, a - b, a ^ b, a < b, {2} < a, a <= a, a > {1}, a.isdisjoint({9}), a.issubset({1, 2, 3, 4}), a.issuperset([1]))
print(a.union([9], (8,)), a.intersection([1, 2], {2}), a.difference([1], [2]), a.symmetric_difference([1, 7]))
a &= {1, 2}
a |= {5}
a ^= {1, 6}
a -= {5}
print(a)
a.update([1], "x")
a.intersection_update([1, 2, 6])
a.difference_update([6])
a.symmetric_difference_update([7])
print(sorted(a), a.copy() == a)
f = frozenset([1, 2])
print(f, hash(f) == hash(frozenset([2, 1])), {f: "key"}[frozenset({2, 1})], f | {3}, type(f | {3}).__name__, type({3} | f).__name__, f == {1, 2}, frozenset() == set())
x = set()
x.add((1, "a"))
x.add(None)
print((1, "a") in x, None in x, x.pop() is not ..., len(x), repr(set()), repr(frozenset()), {frozenset({1}), frozenset({1})}, {1} in {frozenset({1})})
for bad in ("{[]}", "set(5)", "{1}.remove(2)", "set().pop()", "{1} + {2}", "{1} | [2]", "frozenset().add(1)", "{1} < [1]", "{1}[0]", "hash({1})", "{1: 2} in {1}", "set(1, 2)"):
    try:
        print(bad, "=", eval(bad))
    except Exception as error:
        print(bad, "->", type(error).__name__, error)
primes = {n for n in range(2, 50) if all(n % p for p in range(2, n))}
print(sorted(primes), sum(primes), max(primes), min(primes))
big = set(range(1000)) - set(range(0, 1000, 3))
print(len(big), 999 in big, 998 in big, len(big ^ set(range(500))))

# === stdout
# [2, 3, 4] 3 True True empty ['e', 'h', 'l', 'o'] {1}
# {2, 3} {1, 2, 3, 4} {1} {1, 4} False True True True True True True
# {1, 2, 3, 8, 9} {2} {3} {2, 3, 7}
# {2, 6}
# [1, 2, 7] True
# frozenset({1, 2}) True key frozenset({1, 2, 3}) frozenset set True True
# True True True 1 set() frozenset() {frozenset({1})} True
# {[]} -> TypeError cannot use 'list' as a set element (unhashable type: 'list')
# set(5) -> TypeError 'int' object is not iterable
# {1}.remove(2) -> KeyError 2
# set().pop() -> KeyError 'pop from an empty set'
# {1} + {2} -> TypeError unsupported operand type(s) for +: 'set' and 'set'
# {1} | [2] -> TypeError unsupported operand type(s) for |: 'set' and 'list'
# frozenset().add(1) -> AttributeError 'frozenset' object has no attribute 'add'
# {1} < [1] -> TypeError '<' not supported between instances of 'set' and 'list'
# {1}[0] -> TypeError 'set' object is not subscriptable
# hash({1}) -> TypeError unhashable type: 'set'
# {1: 2} in {1} -> TypeError cannot use 'dict' as a set element (unhashable type: 'dict')
# set(1, 2) -> TypeError set expected at most 1 argument, got 2
# [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47] 328 47 2
# 666 False True 500
# === stderr
# <string>:1: SyntaxWarning: 'set' object is not subscriptable; perhaps you missed a comma?
