# Generic classes with the new syntax and the old, protocols, overloads, typed dicts, abstract containers and pattern matching.
import abc
import collections.abc
import copy
import dataclasses
import pickle
import typing
from dataclasses import KW_ONLY, InitVar, dataclass, field, replace
from enum import Enum, Flag, IntEnum, auto, unique
from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, Protocol, Self, TypedDict, TypeVar, overload, runtime_checkable

T = TypeVar("T", bound="Comparable")


@runtime_checkable
class Comparable(Protocol):
    def __lt__(self, other: Any) -> bool: ...


class SortedList(collections.abc.Sequence, Generic[T]):
    def __init__(self, items: typing.Iterable[T] = ()):
        self._items = sorted(items)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(self._items[index])
        return self._items[index]

    def __len__(self):
        return len(self._items)

    def __class_getitem__(cls, item):
        alias = super().__class_getitem__(item)
        return alias

    def insert(self, item: T) -> Self:
        import bisect
        bisect.insort(self._items, item)
        return self

    def __repr__(self):
        return f"{type(self).__name__}({self._items})"


class Box[V]:
    def __init__(self, value: V):
        self.value = value

    def map[R](self, f: collections.abc.Callable[[V], R]) -> "Box[R]":
        return Box(f(self.value))

    @overload
    def get(self) -> V: ...
    @overload
    def get(self, default: V) -> V: ...
    def get(self, default=None):
        return self.value if self.value is not None else default


type Pair[A, B = int] = tuple[A, B]
type Tree = dict[str, Tree] | Literal["leaf"]


def first[S: (str, bytes)](items: collections.abc.Sequence[S], *rest: S) -> S:
    return items[0]


class Movie(TypedDict, total=False):
    title: typing.Required[str]
    year: int


class Point(NamedTuple):
    x: float
    y: float = 0.0

    def __add__(self, other):
        return Point(self.x + other[0], self.y + other[1])


@unique
class Level(IntEnum):
    LOW = 1
    HIGH = auto()

    @property
    def label(self):
        return self.name.title()

    @classmethod
    def _missing_(cls, value):
        return cls.HIGH if value == "top" else None


class Permission(Flag):
    READ = auto()
    WRITE = auto()
    ALL = READ | WRITE


class Shape(Enum):
    CIRCLE = "circle", 0
    SQUARE = "square", 4

    def __init__(self, title, corners):
        self.title, self.corners = title, corners


@dataclass(order=True, slots=True)
class Job:
    priority: int
    name: str = field(compare=False)
    tags: list[str] = field(default_factory=list, compare=False, repr=False)
    _: KW_ONLY
    level: Level = Level.LOW
    seed: InitVar[int] = 0
    total: ClassVar[int] = 0
    ident: int = field(init=False, compare=False, default=0)

    def __post_init__(self, seed):
        Job.total += 1
        self.ident = seed * 100 + Job.total


@dataclass(frozen=True)
class Node:
    value: Any
    children: tuple["Node", ...] = ()

    def __iter__(self):
        yield self.value
        for child in self.children:
            yield from child


class Visitor(abc.ABC):
    @abc.abstractmethod
    def visit(self, node): ...

    @property
    @abc.abstractmethod
    def name(self) -> str: ...


class Depth(Visitor):
    name = "depth"

    def visit(self, node):
        return 1 + max(map(self.visit, node.children), default=0)


print(SortedList([3, 1, 2]), SortedList([5, 4]).insert(1)[:2], SortedList("hello").index("l"), 3 in SortedList([3]), SortedList([1, 2]).count(2))
print(SortedList[int], SortedList[int].__args__, SortedList.__parameters__, isinstance(3, Comparable), isinstance(object(), Comparable), list(reversed(SortedList("ba"))))
print(Box(3).map(str).value, Box.__type_params__, Box[int], Box(None).get(5), Box.map.__type_params__[0].__name__, first.__type_params__[0].__constraints__)
print(Pair, Pair.__value__, Pair[str].__args__, Pair.__type_params__, Tree.__value__, Pair.__type_params__[1].__default__)
print(Movie(title="x"), Movie.__required_keys__, sorted(Movie.__optional_keys__), Movie.__total__, typing.get_type_hints(Point), Point(1) + (2, 3), Point(1)._replace(y=9))
print(Level(2), Level("top"), Level.LOW < Level.HIGH, Level.HIGH.label, Level.LOW + 1, list(Level), f"{Level.LOW} {Level.LOW!r} {Level.HIGH:03d}")
print(Permission.READ | Permission.WRITE is Permission.ALL, ~Permission.READ, Permission.READ in Permission.ALL, Permission(0), list(Permission.ALL), Permission.ALL.name)
print(Shape.SQUARE.corners, Shape(("circle", 0)), Shape["CIRCLE"].title, Shape.SQUARE, [s.name for s in Shape])
for bad in (lambda: Level(7), lambda: Level["NO"], lambda: Visitor(), lambda: Job(1), lambda: Point(), lambda: Job(1, "a", [], Level.LOW), lambda: first[int], lambda: Node(1).value.x):
    try:
        print(bad())
    except Exception as error:
        print(type(error).__name__, error)
jobs = sorted([Job(3, "c", seed=1), Job(1, "a", ["x"]), Job(2, "b", level=Level.HIGH)])
print(*jobs, sep="\n")
print([f.name for f in dataclasses.fields(Job)], dataclasses.asdict(jobs[0]), dataclasses.astuple(jobs[1]), replace(jobs[0], name="z", seed=2), Job.__slots__, Job.__match_args__)
tree = Node(1, (Node("two", (Node(3.0),)), Node(None)))
print(list(tree), hash(tree) == hash(copy.deepcopy(tree)), tree == pickle.loads(pickle.dumps(tree)), Depth().visit(tree), Depth.name)
try:
    tree.value = 2
except dataclasses.FrozenInstanceError as error:
    print(error, dataclasses.is_dataclass(Node), repr(tree))


def describe(x):
    match x:
        case Node(value=int() | float() as n, children=()):
            return f"number {n}"
        case Node(str(text), (Node(inner), *_)):
            return f"{text} over {inner}"
        case Node(_, [*children]) if len(children) > 1:
            return f"{len(children)} children"
        case {"title": str(t), **rest}:
            return f"movie {t} {rest}"
        case Point(0, y):
            return f"on the axis at {y}"
        case [Level.LOW, *others] | (Level.LOW, *others):
            return f"low and {others}"
        case Permission.READ | Permission.ALL:
            return "may read"
        case "a" | "b" | bytes():
            return "text"
        case None | True:
            return "singleton"
        case _:
            return "other"


for x in (Node(5), tree, tree.children[0], Movie(title="m", year=1), Point(0, 4), [Level.LOW, 2], (1, 7, 8), Permission.ALL, "b", b"", None, True, False, 1.5):
    print(describe(x), end="; ")
print()
print(typing.get_origin(dict[str, int]), typing.get_args(Annotated[int, "meta"]), Annotated[int, 5].__metadata__, int | None == typing.Optional[int], typing.get_type_hints(first))

# === stdout
# SortedList([1, 2, 3]) SortedList([1, 4]) 2 True 1
# __main__.SortedList[int] (<class 'int'>,) (~T,) True True ['b', 'a']
# 3 (V,) __main__.Box[int] 5 R (<class 'str'>, <class 'bytes'>)
# Pair tuple[A, B] (<class 'str'>,) (A, B) dict[str, Tree] | typing.Literal['leaf'] <class 'int'>
# {'title': 'x'} frozenset({'title'}) ['year'] False {'x': <class 'float'>, 'y': <class 'float'>} Point(x=3, y=3.0) Point(x=1, y=9)
# 2 2 True High 2 [<Level.LOW: 1>, <Level.HIGH: 2>] 1 <Level.LOW: 1> 002
# True Permission.WRITE True Permission(0) [<Permission.READ: 1>, <Permission.WRITE: 2>] ALL
# 4 Shape.CIRCLE circle Shape.SQUARE ['CIRCLE', 'SQUARE']
# ValueError 7 is not a valid Level
# KeyError 'NO'
# TypeError Can't instantiate abstract class Visitor without an implementation for abstract methods 'name', 'visit'
# TypeError Job.__init__() missing 1 required positional argument: 'name'
# TypeError Point.__new__() missing 1 required positional argument: 'x'
# TypeError Job.__init__() takes from 3 to 4 positional arguments but 5 were given
# TypeError 'function' object is not subscriptable
# AttributeError 'int' object has no attribute 'x'
# Job(priority=1, name='a', level=<Level.LOW: 1>, ident=2)
# Job(priority=2, name='b', level=<Level.HIGH: 2>, ident=3)
# Job(priority=3, name='c', level=<Level.LOW: 1>, ident=101)
# ['priority', 'name', 'tags', 'level', 'ident'] {'priority': 1, 'name': 'a', 'tags': ['x'], 'level': <Level.LOW: 1>, 'ident': 2} (2, 'b', [], <Level.HIGH: 2>, 3) Job(priority=1, name='z', level=<Level.LOW: 1>, ident=204) ('priority', 'name', 'tags', 'level', 'ident') ('priority', 'name', 'tags')
# [1, 'two', 3.0, None] True True 3 depth
# cannot assign to field 'value' True Node(value=1, children=(Node(value='two', children=(Node(value=3.0, children=()),)), Node(value=None, children=())))
# number 5; 2 children; two over 3.0; movie m {'year': 1}; on the axis at 4; low and [2]; low and [7, 8]; may read; text; text; singleton; singleton; other; other; 
# <class 'dict'> (<class 'int'>, 'meta') (5,) True {'items': collections.abc.Sequence[S], 'rest': S, 'return': S}
