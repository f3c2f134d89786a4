# tuple, range and slice objects.
t = (1, "a", [2])
print(t, t[0], t[-1], t[1:], t + (3,), t * 2, len(t), "a" in t, t.index("a"), t.count(1), (), (1,), tuple("ab"), tuple([1, 2]), 1, (1, 2) < (1, 3), (1, 2) == (1.0, 2.0))
t[2].append(5)
print(t, hash((1, 2)) == hash((1, 2)), {(1, 2): "k"}[1, 2], (1, (2, (3,))), tuple(i for i in range(3)), (*"ab", *[1]))
for bad in ("(1,)[3]", "t.append(1)", "hash(([],))", "(1,) + [2]", "(1,).index(5)", "tuple(5)", "item()", "range(1, 2, 0)", "range(1.5)", "range(5)[9]", "range()", "range(3).index(7)", "[1, 2][::0]", "[1]['a':2]"):
    def item():
        t[0] = 1

    try:
        print(bad, "=", eval(bad))
    except Exception as error:
        print(bad, "->", type(error).__name__, error)
try:
    t[2] += [6]
except TypeError as error:
    print(error, t)
r = range(2, 20, 3)
print(r, list(r), len(r), r[1], r[-1], r[1:3], r[::-1], 5 in r, 6 in r, 5.0 in r, "a" in r, r.index(8), r.count(8), r.start, r.stop, r.step, list(reversed(r)), r == range(2, 18 + 2, 3), range(0) == range(5, 2), hash(range(3)) == hash(range(3)))
print(list(range(5, 0, -2)), range(3), range(1, 3), bool(range(0)), sum(range(101)), range(-3), max(range(4)), range(10)[2:8:2], range(5, -5, -3)[::-1], list(range(True)))
s = slice(1, 10, 2)
print(s, s.start, s.stop, s.step, s.indices(5), slice(None).indices(3), slice(None, None, -1).indices(4), slice(3), slice(1, 2) == slice(1, 2), list(range(20))[s])


class Shows:
    def __getitem__(self, key):
        return key


x = Shows()
print(x[1], x[1:2], x[::3], x[1, 2], x[1:2, ::3], x[...], x[()], x[:, 1], x["a":"b"], x[-1:], x[*[1, 2]], x[1, *"ab"])
a, *b = range(3)
*c, d = "xyz"
(e, f), g = (1, 2), 3
print(a, b, c, d, e, f, g)
h, = [9]
print(h)
import collections

P = collections.namedtuple("P", "x y", defaults=[5])
p = P(1)
print(p, p.x, p._replace(x=3), p._asdict(), P._fields, p == (1, 5), [*p])

# === stdout
# (1, 'a', [2]) 1 [2] ('a', [2]) (1, 'a', [2], 3) (1, 'a', [2], 1, 'a', [2]) 3 True 1 1 () (1,) ('a', 'b') (1, 2) 1 True True
# (1, 'a', [2, 5]) True k (1, (2, (3,))) (0, 1, 2) ('a', 'b', 1)
# (1,)[3] -> IndexError tuple index out of range
# t.append(1) -> AttributeError 'tuple' object has no attribute 'append'
# hash(([],)) -> TypeError unhashable type: 'list'
# (1,) + [2] -> TypeError can only concatenate tuple (not "list") to tuple
# (1,).index(5) -> ValueError tuple.index(x): x not in tuple
# tuple(5) -> TypeError 'int' object is not iterable
# item() -> TypeError 'tuple' object does not support item assignment
# range(1, 2, 0) -> ValueError range() arg 3 must not be zero
# range(1.5) -> TypeError 'float' object cannot be interpreted as an integer
# range(5)[9] -> IndexError range object index out of range
# range() -> TypeError range expected at least 1 argument, got 0
# range(3).index(7) -> ValueError range.index(x): x not in range
# [1, 2][::0] -> ValueError slice step cannot be zero
# [1]['a':2] -> TypeError slice indices must be integers or None or have an __index__ method
# 'tuple' object does not support item assignment (1, 'a', [2, 5, 6])
# range(2, 20, 3) [2, 5, 8, 11, 14, 17] 6 5 17 range(5, 11, 3) range(17, -1, -3) True False True False 2 1 2 20 3 [17, 14, 11, 8, 5, 2] True True True
# [5, 3, 1] range(0, 3) range(1, 3) False 5050 range(0, -3) 3 range(2, 8, 2) range(-4, 8, 3) [0]
# slice(1, 10, 2) 1 10 2 (1, 5, 2) (0, 3, 1) (3, -1, -1) slice(None, 3, None) True [1, 3, 5, 7, 9]
# 1 slice(1, 2, None) slice(None, None, 3) (1, 2) (slice(1, 2, None), slice(None, None, 3)) Ellipsis () (slice(None, None, None), 1) slice('a', 'b', None) slice(-1, None, None) (1, 2) (1, 'a', 'b')
# 0 [1, 2] ['x', 'y'] z 1 2 3
# 9
# P(x=1, y=5) 1 P(x=3, y=5) {'x': 1, 'y': 5} ('x', 'y') True [1, 5]
