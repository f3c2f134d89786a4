# Method resolution, super() in its forms, diamonds, conflicts, abstract classes.
class A:
    def who(self):
        return ["A"]


class B(A):
    def who(self):
        return ["B"] + super().who()


class C(A):
    def who(self):
        return ["C"] + super().who()


class D(B, C):
    def who(self):
        return ["D"] + super(D, self).who()


print(D().who(), [c.__name__ for c in D.__mro__])
try:
    class Bad(A, B):
        pass
except TypeError as error:
    print(error)
try:
    class Twice(A, A):
        pass
except TypeError as error:
    print(error)
try:
    class Final(bool):
        pass
except TypeError as error:
    print(error)
try:
    class Layout(int, str):
        pass
except TypeError as error:
    print(error)
try:
    class NotBase(3):
        pass
except TypeError as error:
    print(error)


class E(A):
    @classmethod
    def made(cls):
        return super().__new__(cls)

    @property
    def up(self):
        return super().who()

    def lambda_super(self):
        return (lambda: super(E, self).who())()

    def nested(self):
        return [super(E, self).who() for _ in range(2)]

    def comprehension(self):
        return [__class__.__name__ for _ in range(2)]


e = E.made()
print(e.up, e.lambda_super(), e.nested(), e.comprehension(), type(e).__name__)


def loose(self):
    return super().who()


try:
    loose(e)
except RuntimeError as error:
    print(error)
try:
    super(B, 3).who()
except TypeError as error:
    print(error)
try:
    super(D, D()).nothing
except AttributeError as error:
    print(error)


class Int(int):
    def __add__(self, other):
        return Int(super().__add__(other) * 10)

    def __repr__(self):
        return f"Int({int(self)})"


print(Int(1) + 2, Int(3) * 2, type(Int(3) * 2), Int("7"), isinstance(Int(), int))


class Str(str):
    def shout(self):
        return self.upper() + "!"


print(Str("hey").shout(), Str("a") + "b", type(Str("a").upper()), {Str("k"): 1}["k"])


class List(list):
    def __init__(self, *items):
        super().__init__(items)
        self.label = "l"


l = List(3, 1, 2)
l.sort()
print(l, l.label, l + [1], len(l), l[0])


class Dict(dict):
    def __missing__(self, key):
        return f"no {key}"


d = Dict(a=1)
print(d["a"], d["b"], d.get("b"), len(d))


class Tuple(tuple):
    def __new__(cls, *items):
        return super().__new__(cls, items)


print(Tuple(1, 2), Tuple(1, 2)[0], Tuple(1) + (2,))


class Error(Exception):
    def __init__(self, code, message="m"):
        super().__init__(message)
        self.code = code


try:
    raise Error(5)
except Error as error:
    print(error.code, error, error.args, repr(error))


class Hooked:
    registry = []

    def __init_subclass__(cls, /, tag=None, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.registry.append((cls.__name__, tag))


class One(Hooked, tag="first"):
    pass


class Two(One):
    pass


print(Hooked.registry)
try:
    class Three(A, keyword=1):
        pass
except TypeError as error:
    print(error)
A.added = lambda self: "added later"
print(D().added())
D.who = lambda self: "replaced"
print(D().who())
del D.who
print(D().who())
B.__bases__ = (C,)
print([c.__name__ for c in B.__mro__])

# === stdout
# ['D', 'B', 'C', 'A'] ['D', 'B', 'C', 'A', 'object']
# Cannot create a consistent method resolution order (MRO) for bases A, B
# duplicate base class A
# type 'bool' is not an acceptable base type
# multiple bases have instance lay-out conflict
# int expected at most 2 arguments, got 3
# ['A'] ['A'] [['A'], ['A']] ['E', 'E'] E
# super(): __class__ cell not found
# super(type, obj): obj (instance of int) is not an instance or subtype of type (B).
# 'super' object has no attribute 'nothing'
# Int(30) 6 <class 'int'> Int(7) True
# HEY! ab <class 'str'> 1
# [1, 2, 3] l [1, 2, 3, 1] 3 1
# 1 no b None 1
# (1, 2) 1 (1, 2)
# 5 m ('m',) Error('m')
# [('One', 'first'), ('Two', None)]
# Three.__init_subclass__() takes no keyword arguments
# added later
# replaced
# ['B', 'C', 'A']
# ['B', 'C', 'A', 'object']
