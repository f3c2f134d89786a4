# list: every method, slices, comparison, repetition, sorting, errors.
l = [3, 1, 2]
l.append(4)
l.extend("ab")
l.insert(0, "first")
l.insert(-1, "before last")
l.insert(100, "end")
print(l, l.pop(), l.pop(0), l.index(1), l.count("a"), len(l))
l.remove("a")
l.reverse()
print(l, l.copy() is l, l.copy() == l)
l.clear()
print(l, [1, 2] + [3], [0] * 3, [1, 2] * 0, [[]] * 2, [1, 2] < [1, 2, 0], [1, 2] == [1.0, 2.0], 2 in [1, 2], list("abc"), list(range(3)), list({"k": 1}))
a = list(range(10))
print(a[2:5], a[:3], a[7:], a[-3:], a[::3], a[::-1], a[8:2:-2], a[100:], a[-100:2], a[5:2], a[-1], a[slice(1, 4)], a[True])
a[2:4] = ["x"]
print(a)
a[::2] = [0] * len(a[::2])
print(a)
a[1:1] = [7, 8]
del a[0], a[-1]
del a[::2]
print(a)
a[:] = [1]
print(a, a.__len__(), a.__contains__(1))
a *= 3
a += (5,)
print(a)
for bad in ("[][0]", "[1][5]", "[1].index(2)", "[].pop()", "[1].remove(3)", "[1]['a']", "[1, 2, 3][1:2:0]", "[1] + (2,)", "[3, 'a'].sort()", "[1].pop(3)", "list(5)", "[1, 2][1.0]", "[1].insert('a', 1)", "[1].sort(1)", "del_(5)", "assign()"):
    def del_(i):
        x = [1]
        del x[i]

    def assign():
        x = [1, 2, 3]
        x[::2] = [1]

    try:
        print(bad, "=", eval(bad))
    except Exception as error:
        print(bad, "->", type(error).__name__, error)
words = ["banana", "Apple", "cherry", "apple"]
print(sorted(words), sorted(words, key=str.lower), sorted(words, reverse=True), sorted(words, key=len), sorted(words, key=lambda w: (len(w), w)))
pairs = [(1, "b"), (0, "z"), (1, "a"), (0, "y")]
print(sorted(pairs, key=lambda p: p[0]), sorted(pairs, key=lambda p: p[0], reverse=True), sorted(pairs))
nums = [5, 2.5, True, -1]
nums.sort()
print(nums, max(nums), min(nums), sum(nums), any(nums), all(nums), list(reversed(nums)))
big = [(i * 7919) % 1000 for i in range(1000)]
print(sorted(big) == list(range(1000)), sorted(big, reverse=True)[:3], sorted(range(20), key=lambda x: x % 5))
class Odd:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n < other.n

    def __repr__(self):
        return f"O{self.n}"


print(sorted([Odd(3), Odd(1), Odd(2)]))
x = [1, 2]
x.append(x)
print(x, x[2] is x)
print([1, [2, [3]]], [None, True, "s", b"b", 1.5], [[1, 2], [3, 4]][1][0], [*range(3), 9], [i for i in [1, 2, 3] if i % 2])


def mutate(key_list):
    def key(x):
        key_list.append(x)
        return x
    return key


m = [2, 1]
try:
    m.sort(key=mutate(m))
except ValueError as error:
    print(error)
it = iter([1, 2, 3])
print(next(it), list(it), next(it, "end"), it.__length_hint__())

# === stdout
# [3, 1, 2, 4, 'a', 'before last', 'b'] end first 1 1 7
# ['b', 'before last', 4, 2, 1, 3] False True
# [] [1, 2, 3] [0, 0, 0] [] [[], []] True True True ['a', 'b', 'c'] [0, 1, 2] ['k']
# [2, 3, 4] [0, 1, 2] [7, 8, 9] [7, 8, 9] [0, 3, 6, 9] [9, 8, 7, 6, 5, 4, 3, 2, 1, 0] [8, 6, 4] [] [0, 1] [] 9 [1, 2, 3] 1
# [0, 1, 'x', 4, 5, 6, 7, 8, 9]
# [0, 1, 0, 4, 0, 6, 0, 8, 0]
# [8, 0, 0, 0]
# [1] 1 True
# [1, 1, 1, 5]
# [][0] -> IndexError list index out of range
# [1][5] -> IndexError list index out of range
# [1].index(2) -> ValueError list.index(x): x not in list
# [].pop() -> IndexError pop from empty list
# [1].remove(3) -> ValueError list.remove(x): x not in list
# [1]['a'] -> TypeError list indices must be integers or slices, not str
# [1, 2, 3][1:2:0] -> ValueError slice step cannot be zero
# [1] + (2,) -> TypeError can only concatenate list (not "tuple") to list
# [3, 'a'].sort() -> TypeError '<' not supported between instances of 'str' and 'int'
# [1].pop(3) -> IndexError pop index out of range
# list(5) -> TypeError 'int' object is not iterable
# [1, 2][1.0] -> TypeError list indices must be integers or slices, not float
# [1].insert('a', 1) -> TypeError 'str' object cannot be interpreted as an integer
# [1].sort(1) -> TypeError sort() takes no positional arguments
# del_(5) -> IndexError list assignment index out of range
# assign() -> ValueError attempt to assign sequence of size 1 to extended slice of size 2
# ['Apple', 'apple', 'banana', 'cherry'] ['Apple', 'apple', 'banana', 'cherry'] ['cherry', 'banana', 'apple', 'Apple'] ['Apple', 'apple', 'banana', 'cherry'] ['Apple', 'apple', 'banana', 'cherry']
# [(0, 'z'), (0, 'y'), (1, 'b'), (1, 'a')] [(1, 'b'), (1, 'a'), (0, 'z'), (0, 'y')] [(0, 'y'), (0, 'z'), (1, 'a'), (1, 'b')]
# [-1, True, 2.5, 5] 5 -1 7.5 True True [5, 2.5, True, -1]
# True [999, 998, 997] [0, 5, 10, 15, 1, 6, 11, 16, 2, 7, 12, 17, 3, 8, 13, 18, 4, 9, 14, 19]
# [O1, O2, O3]
# [1, 2, [...]] True
# [1, [2, [3]]] [None, True, 's', b'b', 1.5] 3 [0, 1, 2, 9] [1, 3]
# list modified during sort
# 1 [2, 3] end 0
# === stderr
# <string>:1: SyntaxWarning: list indices must be integers or slices, not str; perhaps you missed a comma?
# <string>:1: SyntaxWarning: list indices must be integers or slices, not float; perhaps you missed a comma?
