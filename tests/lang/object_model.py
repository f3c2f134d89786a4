# Special methods and attributes that are seldom used: what each protocol calls, and with what.
import copy
import math
import operator


class Everything:
    def __init__(self, tag="x"):
        self.tag = tag

    def __bytes__(self):
        return b"bytes"

    def __complex__(self):
        return 1 + 2j

    def __float__(self):
        return 1.5

    def __int__(self):
        return 7

    def __trunc__(self):
        return 8

    def __floor__(self):
        return 9

    def __ceil__(self):
        return 10

    def __round__(self, n=None):
        return "round", n

    def __length_hint__(self):
        return 5

    def __reversed__(self):
        return iter("reversed")

    def __dir__(self):
        return ["z", "a"]

    def __copy__(self):
        return "copied"

    def __deepcopy__(self, memo):
        return "deep"

    def __fspath__(self):
        return "/path"

    def __sizeof__(self):
        return 5

    def __getstate__(self):
        return {"tag": self.tag}

    def __class_getitem__(cls, item):
        return item

    def __missing__(self, key):
        return "missing"

    def __str__(self):
        return "as str"

    def __repr__(self):
        return "as repr"


e = Everything()
print(bytes(e), complex(e), float(e), int(e), math.trunc(e), math.floor(e), math.ceil(e), round(e), round(e, 3), operator.length_hint(e), "".join(reversed(e)), dir(e), copy.copy(e), copy.deepcopy(e), e.__sizeof__(), Everything[3])
print(e, repr(e), [e], {e: e} if False else f"{e!s} {e!r} {e}", "%s %r" % (e, e), str(e) + "!", __import__("os").fspath(e))


class BadRepr:
    def __repr__(self):
        return 5


class BadStr:
    def __str__(self):
        return None


class BadHash:
    def __hash__(self):
        return "x"


class BadLen:
    def __len__(self):
        return "x"


class BadIndex:
    def __index__(self):
        return 1.5


class BadIter:
    def __iter__(self):
        return [1]


class BadBool:
    def __bool__(self):
        return 1


class BadInit:
    def __init__(self):
        return 5


class BadContains:
    __contains__ = None


class BadBytes:
    def __bytes__(self):
        return "s"


class BadFormat:
    def __format__(self, spec):
        return 5


for what in (
    lambda: repr(BadRepr()), lambda: str(BadStr()), lambda: hash(BadHash()), lambda: len(BadLen()), lambda: [1, 2][BadIndex()], lambda: list(BadIter()), lambda: bool(BadBool()), lambda: BadInit(), lambda: 1 in BadContains(), lambda: bytes(BadBytes()), lambda: format(BadFormat()),
    lambda: object().__new__(), lambda: object.__new__(int), lambda: int.__new__(str), lambda: Everything(1, 2, 3), lambda: object.__init__(1, 2) , lambda: Everything.__str__(), lambda: Everything.__init__(5), lambda: str.upper(5), lambda: list.append((), 1), lambda: type.__call__(5), lambda: object.__setattr__(int, "x", 1), lambda: setattr(int, "x", 1), lambda: int.__dict__.update(), lambda: delattr(type("T", (), {}), "x"),
):
    try:
        print(what())
    except Exception as error:
        print(type(error).__name__, error)


class D:
    pass


d = D()
d.__dict__ = {"swapped": 1}
print(d.swapped, vars(d))
try:
    d.__dict__ = 5
except TypeError as error:
    print(error)
try:
    d.__class__ = int
except TypeError as error:
    print(error)
D.__name__ = "Renamed"
D.__qualname__ = "Some.Where"
print(D.__name__, repr(D), type(d).__name__)
D.__doc__ = "new doc"
print(D.__doc__, D.__dict__["__doc__"])
for attribute in "__name__", "__bases__", "__class__", "__module__", "__mro__", "__dict__", "__weakref__", "__hash__", "__eq__", "__init_subclass__", "__subclasshook__":
    print(attribute, hasattr(D, attribute), hasattr(d, attribute))
print(object.__repr__(5)[:8], object.__eq__(1, 2), object().__eq__(5), (5).__eq__("x"), object.__hash__ is not None, type.__repr__(int), type(object.__init__).__name__)
print(int.__subclasses__(), D.__subclasses__(), type(d) is D, isinstance(D, type), issubclass(type, object), isinstance(type, type))


class Meta(type):
    def mro(cls):
        return super().mro()

    def __dir__(cls):
        return ["from meta"]


class M(metaclass=Meta):
    pass


print(dir(M), M.mro()[0].__name__)


class Slots:
    __slots__ = {"a": "documented", "__weakref__": None}


s = Slots()
s.a = 1
print(s.a, Slots.__slots__, __import__("weakref").ref(s)() is s)
try:
    class Clash:
        __slots__ = ("a",)
        a = 1
except ValueError as error:
    print(error)


class Proxy:
    def __init__(self, target):
        object.__setattr__(self, "_target", target)

    def __getattribute__(self, name):
        return getattr(object.__getattribute__(self, "_target"), name)

    def __setattr__(self, name, value):
        setattr(object.__getattribute__(self, "_target"), name, value)


class Target:
    value = 1


target = Target()
proxy = Proxy(target)
proxy.value = 5
print(proxy.value, target.value, type(proxy).__name__, proxy.__class__.__name__, isinstance(proxy, Target))

# === stdout
# b'bytes' (1+2j) 1.5 7 8 9 10 ('round', None) ('round', 3) 5 reversed ['a', 'z'] copied deep 5 3
# as str as repr [as repr] as str as repr as str as str as repr as str! /path
# TypeError __repr__ returned non-string (type int)
# TypeError __str__ returned non-string (type NoneType)
# TypeError __hash__ method should return an integer
# TypeError 'str' object cannot be interpreted as an integer
# TypeError __index__ returned non-int (type float)
# TypeError iter() returned non-iterator of type 'list'
# TypeError __bool__ should return bool, returned int
# TypeError __init__() should return None, not 'int'
# TypeError 'BadContains' object is not a container
# TypeError __bytes__ returned non-bytes (type str)
# TypeError __format__ must return a str, not int
# TypeError object.__new__(): not enough arguments
# TypeError object.__new__(int) is not safe, use int.__new__()
# TypeError int.__new__(str): str is not a subtype of int
# TypeError Everything.__init__() takes from 1 to 2 positional arguments but 4 were given
# None
# TypeError Everything.__str__() missing 1 required positional argument: 'self'
# AttributeError 'int' object has no attribute 'tag' and no __dict__ for setting new attributes
# TypeError descriptor 'upper' for 'str' objects doesn't apply to a 'int' object
# TypeError descriptor 'append' for 'list' objects doesn't apply to a 'tuple' object
# TypeError descriptor '__call__' requires a 'type' object but received a 'int'
# TypeError can't apply this __setattr__ to type object
# TypeError cannot set 'x' attribute of immutable type 'int'
# AttributeError 'mappingproxy' object has no attribute 'update'
# AttributeError type object 'T' has no attribute 'x'
# 1 {'swapped': 1}
# __dict__ must be set to a dictionary, not a 'int'
# __class__ assignment only supported for mutable types or ModuleType subclasses
# Renamed <class '__main__.Some.Where'> Renamed
# new doc new doc
# __name__ True False
# __bases__ True False
# __class__ True True
# __module__ True True
# __mro__ True False
# __dict__ True True
# __weakref__ True True
# __hash__ True True
# __eq__ True True
# __init_subclass__ True True
# __subclasshook__ True True
# <int obj NotImplemented NotImplemented NotImplemented True <class 'int'> wrapper_descriptor
# [<class 'bool'>] [] True True True True
# ['from meta'] M
# 1 {'a': 'documented', '__weakref__': None} True
# 'a' in __slots__ conflicts with class variable
# 5 5 Proxy Target True
