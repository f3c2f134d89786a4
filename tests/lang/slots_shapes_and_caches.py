# Attribute access that changes under the caches: classes edited after use, shadowing, deletion, many shapes.
class A:
    x = 1

    def m(self):
        return "A.m"


class B(A):
    pass


b = B()


def read():
    return b.x


def call():
    return b.m()


def loop(f, n=50):
    result = None
    for _ in range(n):
        result = f()
    return result


print(loop(read), loop(call))
A.x = 2
A.m = lambda self: "A.m edited"
print(loop(read), loop(call))
B.x = 3
B.m = lambda self: "B.m"
print(loop(read), loop(call))
b.x = 4
b.m = lambda: "instance m"
print(loop(read), loop(call))
del b.x, b.m
print(loop(read), loop(call))
del B.x, B.m
print(loop(read), loop(call))
A.x = property(lambda self: "property")
print(loop(read))
b.__dict__["x"] = "hidden by the property"
print(loop(read))
A.x = 5
print(loop(read))
B.__getattr__ = lambda self, name: f"made {name}"
del b.__dict__["x"], A.x
print(loop(read))
b.__class__ = A
try:
    read()
except AttributeError as error:
    print(error)
limit = 10


def uses_global():
    return limit + len([1])


print(loop(uses_global))
limit = 20
print(loop(uses_global))
len = lambda x: 100
print(loop(uses_global))
del len
print(loop(uses_global))
import builtins

builtins.invented = "builtin"


def uses_builtin():
    return invented


print(loop(uses_builtin))
invented = "global"
print(loop(uses_builtin))
del invented
print(loop(uses_builtin))
del builtins.invented
try:
    uses_builtin()
except NameError as error:
    print(error)


class P:
    def __init__(self, n):
        for i in range(n):
            setattr(self, f"a{i}", i)
        self.last = n


def last(p):
    return p.last


print(sum(last(P(n)) for n in range(40)), [last(P(n)) for n in (0, 5, 200)])
ps = [P(3) for _ in range(4)]
ps[1].a1 = "changed"
del ps[2].a0
ps[3].extra = 1
print([vars(p) for p in ps])


def add(x, y):
    return x + y


print([loop(lambda: add(*pair)) for pair in ((1, 2), (1.5, 2), ("a", "b"), ([1], [2]), (2**60, 2**60), (True, 1), ((1,), (2,)))], add(1, 2))
try:
    add(1, "x")
except TypeError as error:
    print(error)


def item(c, k):
    return c[k]


print([loop(lambda: item(c, k)) for c, k in (([1, 2], 1), ((1, 2), -1), ({"k": "v"}, "k"), ("abc", 2), (b"abc", 0), (range(5), 3), ([1, 2, 3], slice(1, None)))])
for bad, key in ([], 0), ({}, "k"), ("a", 5), (5, 0):
    try:
        item(bad, key)
    except Exception as error:
        print(type(error).__name__, error)


def iterate(x):
    return [i for i in x]


print([iterate(x) for x in ([1], (2,), "ab", {3: 4}, range(2), {5}, iter([6]), (i for i in [7]), b"c", {"k": 1}.items())])


class Meta(type):
    attr = "meta"


class WithMeta(metaclass=Meta):
    pass


print(loop(lambda: WithMeta.attr))
WithMeta.attr = "own"
print(loop(lambda: WithMeta.attr))
del WithMeta.attr
Meta.attr = "meta edited"
print(loop(lambda: WithMeta.attr))


class F:
    def f(self, a, b=2):
        return a, b


f = F()
print(loop(lambda: f.f(1)), loop(lambda: f.f(1, b=3)), loop(lambda: F.f(f, 4)))
F.f.__defaults__ = (9,)
print(loop(lambda: f.f(1)))
F.f = staticmethod(lambda a: ("static", a))
print(loop(lambda: f.f(1)))
F.f = classmethod(lambda cls, a: (cls.__name__, a))
print(loop(lambda: f.f(1)))
F.f = len
print(loop(lambda: f.f("abc")))

# === stdout
# 1 A.m
# 2 A.m edited
# 3 B.m
# 4 instance m
# 3 B.m
# 2 A.m edited
# property
# property
# hidden by the property
# made x
# 'A' object has no attribute 'x'
# 11
# 21
# 120
# 21
# builtin
# global
# builtin
# name 'invented' is not defined
# 780 [0, 5, 200]
# [{'a0': 0, 'a1': 1, 'a2': 2, 'last': 3}, {'a0': 0, 'a1': 'changed', 'a2': 2, 'last': 3}, {'a1': 1, 'a2': 2, 'last': 3}, {'a0': 0, 'a1': 1, 'a2': 2, 'last': 3, 'extra': 1}]
# [3, 3.5, 'ab', [1, 2], 2305843009213693952, 2, (1, 2)] 3
# unsupported operand type(s) for +: 'int' and 'str'
# [2, 2, 'v', 'c', 97, 3, [2, 3]]
# IndexError list index out of range
# KeyError 'k'
# IndexError string index out of range
# TypeError 'int' object is not subscriptable
# [[1], [2], ['a', 'b'], [3], [0, 1], [5], [6], [7], [99], [('k', 1)]]
# meta
# own
# meta edited
# (1, 2) (1, 3) (4, 2)
# (1, 9)
# ('static', 1)
# ('F', 1)
# 3
