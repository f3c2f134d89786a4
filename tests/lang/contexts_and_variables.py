# contextvars, contextlib, abc, typing at run time, operator, types: small pieces of the library over the language.
import abc
import contextlib
import contextvars
import typing

var = contextvars.ContextVar("var", default="default")
token = var.set("set")
print(var.get(), token.old_value is contextvars.Token.MISSING)
context = contextvars.copy_context()
context.run(var.set, "inside")
print(var.get(), context[var], var in context, len(context) >= 1)
var.reset(token)
print(var.get())


class Base(abc.ABC):
    @abc.abstractmethod
    def f(self): ...

    @property
    @abc.abstractmethod
    def p(self): ...

    @classmethod
    def __subclasshook__(cls, other):
        return True if hasattr(other, "quack") else NotImplemented


class Part(Base):
    def f(self):
        return "f"


class Whole(Part):
    p = 1


class Duck:
    quack = 1


for cls in Base, Part:
    try:
        cls()
    except TypeError as error:
        print(error)
print(Whole().f(), isinstance(Duck(), Base), issubclass(int, Base), Base.register(float) is float, isinstance(1.0, Base), Part.__abstractmethods__)


@contextlib.contextmanager
def managed(name):
    try:
        yield name
    except ValueError as error:
        print(name, "saw", error)
    finally:
        print(name, "ends")


with managed("a") as a, managed("b"):
    raise ValueError("v")


@managed("decorator")
def decorated():
    return 5


print(decorated())
with contextlib.ExitStack() as stack:
    stack.enter_context(managed("one"))
    stack.push(lambda *exc: print("pushed", exc[0]) or True)
    raise KeyError
with contextlib.redirect_stdout(__import__("io").StringIO()) as out:
    print("captured")
print(repr(out.getvalue()), contextlib.nullcontext(3).__enter__())
with contextlib.closing(open("/dev/null")) as f:
    pass
print(f.closed)
T = typing.TypeVar("T")


class Box(typing.Generic[T]):
    def __init__(self, x: T):
        self.x = x


class Named(typing.NamedTuple):
    a: int
    b: str = "b"


class Movie(typing.TypedDict, total=False):
    title: str


class Sized(typing.Protocol):
    def size(self) -> int: ...


runtime = typing.runtime_checkable(Sized)


class HasSize:
    def size(self):
        return 1


print(Box[int], Box[int](5).x, Named(1), Named(1)._replace(b="c"), Movie(title="t"), isinstance(HasSize(), runtime), isinstance(5, runtime))
print(typing.Optional[int], typing.Union[int, str], typing.get_type_hints(Box.__init__), typing.Literal["a", 1], typing.Callable[[int], str], typing.get_args(dict[str, int]), typing.get_origin(list[int]), typing.Any, typing.cast(int, "x"))


@typing.overload
def over(x: int) -> int: ...
@typing.overload
def over(x: str) -> str: ...
def over(x):
    return x


print(over(1), len(typing.get_overloads(over)), typing.NewType("UserId", int)(5))

# === stdout
# set True
# set inside True True
# default
# Can't instantiate abstract class Base without an implementation for abstract methods 'f', 'p'
# Can't instantiate abstract class Part without an implementation for abstract method 'p'
# f True False True True frozenset({'p'})
# b saw v
# b ends
# a ends
# decorator ends
# 5
# pushed <class 'KeyError'>
# one ends
# 'captured\n' 3
# True
# __main__.Box[int] 5 Named(a=1, b='b') Named(a=1, b='c') {'title': 't'} True False
# int | None int | str {'x': ~T} typing.Literal['a', 1] typing.Callable[[int], str] (<class 'str'>, <class 'int'>) <class 'list'> typing.Any x
# 1 2 5
