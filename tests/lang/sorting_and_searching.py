# Stability, keys, reverse, comparison functions, bisect, heapq, min and max with ties, partially failing sorts.
import bisect
import heapq
import random
from functools import cmp_to_key

random.seed(7)
records = [(random.randrange(5), i) for i in range(50)]
assert sorted(records, key=lambda r: r[0]) == sorted(records)
back = sorted(records, key=lambda r: r[0], reverse=True)
print(all(a[0] > b[0] or (a[0] == b[0] and a[1] < b[1]) for a, b in zip(back, back[1:])))
for n in 0, 1, 2, 10, 63, 64, 65, 1000, 5000:
    items = [random.random() for _ in range(n)]
    expected = []
    for x in items if n <= 1000 else []:
        bisect.insort(expected, x)
    if n > 1000:
        heap = list(items)
        heapq.heapify(heap)
        expected = [heapq.heappop(heap) for _ in range(n)]
    assert sorted(items) == expected, n
    for shape in (items[::-1], sorted(items), sorted(items)[::-1], items[: n // 2] + sorted(items[n // 2 :])):
        copy = list(shape)
        copy.sort()
        assert copy == expected, n
print("sorted")
print(min([3, 1, 1.0, True]), max([1, 1.0, True]), min("b", "a", "a"), max({"a": 1, "b": 2}), min([(1, "b"), (1, "a")]), max(["aa", "b"], key=len), min([], default=None))
compared = 0


class Counted:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        global compared
        compared += 1
        if compared == 20:
            raise RuntimeError("tired")
        return self.n < other.n


items = [Counted(n) for n in (5, 3, 8, 1, 9, 2, 7, 4, 6, 0)]
try:
    items.sort()
except RuntimeError as error:
    print(error, sorted(c.n for c in items) == list(range(10)))
print(sorted([3, 1, 2], key=cmp_to_key(lambda a, b: b - a)), sorted({"b": 1, "a": 2}.items(), key=lambda p: p[1]), sorted("banana", key="nab".index), sorted([[2], [1, 5], [1]]), sorted([True, False, 2, 0.5]))
print([bisect.bisect_left([1, 2, 2, 3], x) for x in (0, 1, 2, 2.5, 4)], [bisect.bisect_right([1, 2, 2, 3], x) for x in (0, 1, 2, 2.5, 4)], bisect.bisect([1, 3], 2, key=None))
print(heapq.nlargest(3, records), heapq.nsmallest(2, range(10), key=lambda x: -x), list(heapq.merge([1, 4], [2, 3], reverse=False)), heapq.heappushpop([1, 2], 0))
nan = float("nan")
print(len(sorted([3, nan, 1])), sorted(["10", "9", "a", "A", "é", ""]), sorted([(), (1,), (0, 5), (1, 0)]), sorted([b"b", b"", b"a\x00"]), sorted([10**30, -10**30, 2.5, 10**15]))
print([i for i, _ in sorted(enumerate("hello"), key=lambda p: p[1])], sorted(range(10), key=lambda i: (i % 3, -i)), list(reversed(sorted("cab"))), sorted(sorted("bca"), reverse=True))

# === stdout
# True
# sorted
# 1 1 a b (1, 'a') aa None
# tired True
# [3, 2, 1] [('b', 1), ('a', 2)] ['n', 'n', 'a', 'a', 'a', 'b'] [[1], [1, 5], [2]] [False, 0.5, True, 2]
# [0, 0, 1, 3, 4] [0, 1, 3, 3, 4] 1
# [(4, 46), (4, 45), (4, 42)] [9, 8] [1, 2, 3, 4] 0
# 3 ['', '10', '9', 'A', 'a', 'é'] [(), (0, 5), (1,), (1, 0)] [b'', b'a\x00', b'b'] [-1000000000000000000000000000000, 2.5, 1000000000000000, 1000000000000000000000000000000]
# [1, 0, 2, 3, 4] [9, 6, 3, 0, 7, 4, 1, 8, 5, 2] ['c', 'b', 'a'] ['c', 'b', 'a']
