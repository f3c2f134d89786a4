# Classes that borrow, change and lose things: slots of foreign types, odd MROs, changed bases and classes, classes that are garbage.
import gc
import weakref


def attempt(what):
    try:
        print(what())
    except Exception as error:
        print(type(error).__name__, error)


class Foreign:
    __len__ = list.__len__
    __getitem__ = dict.__getitem__
    __add__ = int.__add__
    __repr__ = str.__repr__
    __iter__ = set.__iter__
    __hash__ = tuple.__hash__
    __eq__ = bytes.__eq__
    __call__ = type.__call__


foreign = Foreign()
for what in (lambda: len(foreign), lambda: foreign[1], lambda: foreign + 1, lambda: repr(foreign), lambda: iter(foreign),
             lambda: hash(foreign), lambda: foreign == 1, lambda: foreign(1)):
    attempt(what)


class Meta(type):
    def mro(cls):
        return [cls, dict, object]


attempt(lambda: Meta("X", (), {}))


class Base:
    value = 1


class Odd(type):
    def mro(cls):
        return (cls, Base, object)


class Weird(metaclass=Odd):
    pass


def read():
    return Weird.value, Weird().value


for Base.value in (1, "two", [3]):
    print(read(), end=" ")
del Base.value
attempt(read)


class G:
    __slots__ = ["a", "b"]


class H:
    __slots__ = ["b", "a"]


class J:
    __slots__ = ["c", "b"]


g = G()
g.a, g.b = 1, 2
g.__class__ = H
print(type(g).__name__, g.a, g.b)
attempt(lambda: setattr(g, "__class__", J))


class M(type):
    answer = 42


class C(metaclass=M):
    q = 5


print(type(C.__dict__).__name__, C.__dict__["q"], C.answer, "answer" in C.__dict__, M.__dict__["answer"])
attempt(lambda: M("S", (), {"__slots__": "__dict__"}).__slots__)
attempt(lambda: type("T", (type,), {"__slots__": ("x",)}))
attempt(lambda: type("D", (G, G), {}))


class Reentrant(type):
    armed = False

    def mro(cls):
        if Reentrant.armed and cls.__name__ == "R3":
            Reentrant.armed = False
            R3.__bases__ = (R2,)
        return type.mro(cls)


class R0(metaclass=Reentrant):
    pass


class R1(R0):
    pass


class R2(R0):
    pass


class R3(R0):
    pass


Reentrant.armed = True
R3.__bases__ = (R1,)
R1.__bases__ = (R3,)
print(R3.__bases__, R1.__bases__, R2.__subclasses__(), R3.__subclasses__())


def make():
    class Local:
        def f(self):
            return __class__
    Local().f()
    return weakref.ref(Local)


references = [make() for _ in range(3)]
gc.collect()
print([r() for r in references], len(object.__subclasses__()) == len({id(c) for c in object.__subclasses__()}))


class Power:
    def __pow__(self, other, modulus=None):
        return "pow", other, modulus

    def __rpow__(self, other, modulus=None):
        return "rpow", other, modulus


print(Power() ** 2, pow(Power(), 2, 3), 2 ** Power(), pow(2, Power(), 3))
attempt(lambda: pow(2, 3, Power()))


class Right:
    def __radd__(self, other):
        return "radd"

    def __rmul__(self, other):
        return "rmul"


items = [1]
print([1] + Right(), "x" + Right(), b"" + Right(), () + Right(), [1] * Right(), "x" * Right())
items += Right()
print(items)
for source in ("[].__add__(1)", "[].__mul__('x')", "''.__add__(1)", "().__mul__('a')", "[].__iadd__(1)", "[].__imul__('x')",
               "b''.__add__(1)", "{}.__or__(1)", "int.__pow__(2, 3, None)", "(2).__pow__(3, 5)", "(2).__rpow__(3, 5)"):
    attempt(lambda: eval(source))
print(list.__hash__, [].__hash__, {}.__hash__, bytearray.__hash__, str.maketrans.__qualname__, len.__self__.__name__)


def finish(error):
    try:
        yield
    finally:
        raise error


def chain(error):
    while error is not None:
        yield error.args[0]
        error = error.__context__


errors = [ValueError(n) for n in range(4)]
try:
    raise errors[0]
except ValueError as error:
    for following in errors[1:]:
        generator = finish(following)
        next(generator)
        try:
            generator.throw(error)
        except ValueError as thrown:
            error = thrown
    print(list(chain(error)))
try:
    try:
        raise ExceptionGroup("group", [ValueError(1)])
    except* ValueError:
        raise SyntaxError("alone")
except Exception as error:
    print(repr(error))


class Claims:
    @property
    def __class__(self):
        raise RuntimeError("no class")


attempt(lambda: isinstance(Claims(), bool))
first = Right()
weak = [type("Ref", (weakref.ref,), {})(first), weakref.ref(first)]
print(weakref.getweakrefs(first) == weak[::-1], weakref.getweakrefcount(first), weakref.ref(first) is weak[1])
attempt(lambda: eval("len(1)", {"__builtins__": {"len": len}}))


class Missing(dict):
    def __missing__(self, key):
        return f"<{key}>"


print(eval("a + b", Missing()) if False else (lambda: 0).__class__((lambda: spam).__code__, Missing())())
nested = ()
for _ in range(50_000):
    nested = (nested,)
print(hash(nested) == hash((nested[0],)))


class Held:
    pass


# What garbage held and something else still holds is not emptied.
held = Held()
held.x = 5
cycle = [held]
cycle.append(cycle)
attributes = vars(held)
del held, cycle
gc.collect()
print(attributes)
module = type(gc)("lost")
exec("value = 7\ndef get():\n    return value", module.__dict__)
get, cycle = module.get, [module]
cycle.append(cycle)
del module, cycle
gc.collect()
print(get())

# === stdout
# TypeError descriptor '__len__' requires a 'list' object but received a 'Foreign'
# TypeError descriptor '__getitem__' for 'dict' objects doesn't apply to a 'Foreign' object
# TypeError descriptor '__add__' requires a 'int' object but received a 'Foreign'
# TypeError descriptor '__repr__' requires a 'str' object but received a 'Foreign'
# TypeError descriptor '__iter__' requires a 'set' object but received a 'Foreign'
# TypeError descriptor '__hash__' requires a 'tuple' object but received a 'Foreign'
# TypeError descriptor '__eq__' requires a 'bytes' object but received a 'Foreign'
# TypeError descriptor '__call__' requires a 'type' object but received a 'Foreign'
# TypeError mro() returned base with unsuitable layout ('dict')
# (1, 1) ('two', 'two') ([3], [3]) AttributeError type object 'Weird' has no attribute 'value'
# H 1 2
# TypeError __class__ assignment: 'J' object layout differs from 'H'
# mappingproxy 5 42 False 42
# __dict__
# TypeError nonempty __slots__ not supported for subtype of 'type'
# TypeError duplicate base class G
# (<class '__main__.R2'>,) (<class '__main__.R3'>,) [<class '__main__.R3'>] [<class '__main__.R1'>]
# [None, None, None] True
# ('pow', 2, None) ('pow', 2, 3) ('rpow', 2, None) ('rpow', 2, 3)
# TypeError unsupported operand type(s) for ** or pow(): 'int', 'int', 'Power'
# radd radd radd radd rmul rmul
# radd
# TypeError can only concatenate list (not "int") to list
# TypeError 'str' object cannot be interpreted as an integer
# TypeError can only concatenate str (not "int") to str
# TypeError 'str' object cannot be interpreted as an integer
# TypeError 'int' object is not iterable
# TypeError 'str' object cannot be interpreted as an integer
# TypeError can't concat int to bytes
# NotImplemented
# 8
# 3
# 4
# None None None None str.maketrans builtins
# [3, 2, 1, 0]
# SyntaxError('alone')
# RuntimeError no class
# True 2 True
# TypeError object of type 'int' has no len()
# <spam>
# True
# {'x': 5}
# 7
