# Generic functions and classes, type aliases, bounds, constraints, defaults, scopes (PEP 695, 696).
def first[T](items: list[T]) -> T:
    return items[0]


print(first([1, 2]), first.__type_params__, first.__type_params__[0].__name__)


class Box[T, *Ts, **P]:
    item: T

    def get[U](self, other: U) -> tuple[T, U]:
        return self.item, other


print(Box.__type_params__, Box.__parameters__, Box[int, str].__args__ if False else Box.__orig_bases__, Box.get.__type_params__)
b = Box()
b.item = 1
print(b.get("x"), isinstance(b, Box))
type Alias = int | str
type Pair[A] = tuple[A, A]
print(Alias, Alias.__value__, Alias.__name__, Pair, Pair.__type_params__, Pair[int])
type Recursive = list[Recursive]
print(Recursive.__value__)


def bounded[S: (int, str), B: float, D = bool](x: S) -> B:
    pass


s, bound, d = bounded.__type_params__
print(s.__constraints__, bound.__bound__, d.__default__, s.__bound__, bound.__constraints__)


class Lazy[T: NotYet]:
    pass


try:
    Lazy.__type_params__[0].__bound__
except NameError as error:
    print(error)
NotYet = int
print(Lazy.__type_params__[0].__bound__)


def outer[T]():
    def inner(x: T) -> T:
        return x

    return inner.__annotations__["x"] is outer.__type_params__[0]


print(outer())
print(list[int], dict[str, int], list[int].__origin__, list[int].__args__, int | None, type(int | str).__name__, isinstance(3, int | str), tuple[int, ...])
print(list[int]([1, 2]), list[int] == list[int], (int | str) == (str | int), repr(list["x"]))

# === stdout
# 1 (T,) T
# (T, Ts, P) (T, Ts, P) (typing.Generic[T, typing.Unpack[Ts], P],) (U,)
# (1, 'x') True
# Alias int | str Alias Pair (A,) Pair[int]
# list[Recursive]
# (<class 'int'>, <class 'str'>) <class 'float'> <class 'bool'> None ()
# name 'NotYet' is not defined
# <class 'int'>
# True
# list[int] dict[str, int] <class 'list'> (<class 'int'>,) int | None Union True tuple[int, ...]
# [1, 2] True True list['x']
