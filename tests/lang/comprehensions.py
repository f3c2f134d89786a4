# Comprehensions: nesting, conditions, scopes, evaluation order, walrus, sets, dicts, in class bodies.
print([x for x in range(5)], [x * y for x in range(3) for y in range(3) if x != y])
print({x % 3 for x in range(10)} == {0, 1, 2}, {x: x * x for x in range(4)}, {k: v for k, v in zip("ab", [1, 2])})
print([[y for y in range(x)] for x in range(4)], [x for x in [3, 1, 2] if x > 1 if x < 3])
print([(a, b) for a, *b in [(1, 2, 3), "xy"]], [c for row in ["ab", "cd"] for c in row])
x = "outer"
print([x for x in "in"], x)
print([last := n for n in range(3)], last)
print([y for x in range(5) if (y := x * 2) > 4], y)


def scoped():
    n = 3
    return [[n + i for i in range(n)] for n in range(n)], n


print(scoped())


class Body:
    size = 3
    listed = [i for i in range(size)]
    try:
        broken = [size for _ in range(1)]
    except NameError as error:
        message = str(error)


print(Body.listed, Body.message if hasattr(Body, "message") else Body.broken)


def trace(name, value):
    print(name, end=" ")
    return value


print({trace("key", k): trace("value", k) for k in "ab"})
print(list(trace("g", i) for i in range(2)))
matrix = [[1, 2, 3], [4, 5, 6]]
print([[row[i] for row in matrix] for i in range(3)], [*map(list, zip(*matrix))])
print([lambda: i for i in range(3)][0](), [(lambda: i)() for i in range(3)])
print(sum(x for x in range(5)), any(x > 3 for x in range(5)), all(x for x in [1, 0]), "".join(c.upper() for c in "abc"))
print([*range(3), *"ab"], {*[1], *[2]}, {**{"a": 1}, **{"b": 2}, "a": 3}, (*[1], 2))
print([i if i % 2 else -i for i in range(5)], [i for i in range(20) if i % 2 == 0 if i % 3 == 0])
try:
    [undefined_name for _ in range(1)]
except NameError as error:
    print(error)
try:
    [1 / (i - 1) for i in range(3)]
except ZeroDivisionError as error:
    print(error)
i = 10
print([i for _ in range(2)], [i for i in range(i) if i > 7])
nested = {n: {m: m * n for m in range(2)} for n in range(2)}
print(nested)
print([a + b for a, b in {"x": "y"}.items()], sorted({len(w) for w in "a bb cc ddd".split()}))


def uses_locals(a):
    return [sorted(locals()) for _ in range(1)]


print(uses_locals(1))
print(list(x for x in range(3) for _ in range(x)))

# === stdout
# [0, 1, 2, 3, 4] [0, 0, 0, 2, 0, 2]
# True {0: 0, 1: 1, 2: 4, 3: 9} {'a': 1, 'b': 2}
# [[], [0], [0, 1], [0, 1, 2]] [2]
# [(1, [2, 3]), ('x', ['y'])] ['a', 'b', 'c', 'd']
# ['i', 'n'] outer
# [0, 1, 2] 2
# [6, 8] 8
# ([[], [1], [2, 3]], 3)
# [0, 1, 2] name 'size' is not defined
# key value key value {'a': 'a', 'b': 'b'}
# g g [0, 1]
# [[1, 4], [2, 5], [3, 6]] [[1, 4], [2, 5], [3, 6]]
# 2 [0, 1, 2]
# 10 True False ABC
# [0, 1, 2, 'a', 'b'] {1, 2} {'a': 3, 'b': 2} (1, 2)
# [0, 1, -2, 3, -4] [0, 6, 12, 18]
# name 'undefined_name' is not defined
# division by zero
# [10, 10] [8, 9]
# {0: {0: 0, 1: 0}, 1: {0: 0, 1: 1}}
# ['xy'] [1, 2, 3]
# [['_', 'a']]
# [1, 2, 2]
