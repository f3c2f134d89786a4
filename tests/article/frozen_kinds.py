"""Every kind of thing that can be frozen: read here and in two other interpreters at once, changed nowhere."""

import abc
import collections
import collections.abc
import dataclasses
import enum
import functools
import math
import operator
import re
import threading
import types
import typing

import interpreters


class Color(enum.Enum):
    RED = 1
    BLUE = 2

    def low(self):
        return self.name.lower()


class Perm(enum.Flag):
    R = 4
    W = 2


# An enumeration remembers the combinations that were asked for, so this one has to be made before.
Perm.R | Perm.W

@dataclasses.dataclass
class Point:
    x: int
    y: typing.Optional[int] = 3
    more: list[int] = dataclasses.field(default_factory=list)

    def norm(self):
        return math.hypot(self.x, self.y)


@dataclasses.dataclass(frozen=True, slots=True)
class Exact:
    x: int
    y: int = 2


Pair = collections.namedtuple("Pair", "a b")


class Row(typing.NamedTuple):
    id: int
    name: str = "none"


class Table(collections.abc.Mapping):
    def __init__(self, items):
        self.items_ = items

    def __getitem__(self, key):
        return self.items_[key]

    def __iter__(self):
        return iter(self.items_)

    def __len__(self):
        return len(self.items_)


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...

    @property
    def double(self):
        return 2 * self.area()

    @classmethod
    def make(cls, *args):
        return cls(*args)

    @staticmethod
    def unit():
        return "cm"


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side ** SQUARE


SQUARE = 2


class Slots:
    __slots__ = ("a", "b", "__weakref__")

    def __init__(self):
        self.a = [1]


class Counted(type):
    def __call__(cls, *args):
        made = super().__call__(*args)
        made.made_by = cls.__name__
        return made


class Thing(metaclass=Counted):
    def __init__(self, v):
        self.v = v

    def __eq__(self, other):
        return self.v == other.v

    def __hash__(self):
        return hash(self.v)

    def __getattr__(self, name):
        return name.upper()


class Numbers(list):
    def total(self):
        return sum(self)


class Box[T]:
    def __init__(self, item: T):
        self.item = item


def outer(n, step=[1, 2], *, k=3):
    def inner(z=5):
        return n + z + len(step) + k

    def bump():
        nonlocal n
        n += 1

    return inner, bump


def fact(n):
    return 1 if n < 2 else n * fact(n - 1)


def squares(n):
    for i in range(n):
        yield i ** SQUARE


async def later():
    return SQUARE


def plus_one(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args) + 1

    return wrapper


@plus_one
def twice(x):
    return 2 * x


cycle = []
cycle.append(cycle)
knot = types.SimpleNamespace()
knot.me, knot.inside = knot, [knot, {"knot": knot}]
numbers = Numbers([1, 2])
numbers.note = "x"
inner, bump = outer(10)

g = {
    "Color": Color, "Perm": Perm, "point": Point(3, 4), "exact": Exact(1), "pair": Pair(1, 2), "row": Row(7), "table": Table({"a": 1}),
    "square": Square(3), "slots": Slots(), "thing": Thing(3), "numbers": numbers, "box": Box("b"), "inner": inner, "bump": bump,
    "fact": fact, "squares": squares, "later": later, "twice": twice, "cycle": cycle, "knot": knot, "big": 1 << 200, "complex": 1 + 2j,
    "range": range(1 << 70), "slice": slice(1, 2), "frozenset": frozenset({1, "a"}), "set": {1, 2}, "bytes": b"abc",
    "array": bytearray(b"xyz"), "method": numbers.total, "append": [].append, "partial": functools.partial(fact, 5),
    "item": operator.itemgetter("a"), "pattern": re.compile("(a+)b"), "ordered": collections.OrderedDict(a=1),
    "default": collections.defaultdict(list, a=[1]), "counter": collections.Counter("aab"), "proxy": types.MappingProxyType({"a": 1}),
    "builtin": len, "sqrt": math.sqrt, "type": int, "alias": list[int], "union": int | None,
}
print(interpreters.freeze(g) is g, interpreters.isfrozen(g), interpreters.isfrozen(Color), interpreters.isfrozen(outer))

LOOK = '''
import asyncio, collections.abc, copy, enum, pickle, weakref

def look(g):
    out = []
    def say(what, f, *args):
        try:
            result = f(*args)
        except Exception as e:
            result = f"{type(e).__name__}: {e}"
        out.append(f"{what}: {result}")
    Color, Point, Square, Thing = g["Color"], type(g["point"]), type(g["square"]), type(g["thing"])
    say("enum", lambda: (Color.RED.low(), Color(2) is Color.BLUE, Color["RED"], len(Color), [c.name for c in Color], Color.RED in Color))
    say("flag", lambda: (g["Perm"].R | g["Perm"].W, g["Perm"].R in g["Perm"](6)))
    say("dataclass", lambda: (g["point"], g["point"].norm(), g["point"] == Point(3, 4), Point(5, 6, [1]).more))
    say("frozen dataclass", lambda: (g["exact"], hash(g["exact"]) == hash(type(g["exact"])(1))))
    say("tuples", lambda: (g["pair"].a, g["pair"]._replace(a=9), g["row"], g["row"]._asdict()))
    say("mapping", lambda: (dict(g["table"]), "a" in g["table"], g["table"] == type(g["table"])({"a": 1}), list(g["table"].items())))
    say("library classes", lambda: (isinstance(g["table"], collections.abc.Mapping), isinstance(g["table"], collections.abc.Sequence),
        isinstance(Color.RED, enum.Enum), issubclass(Color, enum.Enum)))
    say("class", lambda: (g["square"].double, Square.make(2).area(), Square.unit(), Square.__mro__[1].__name__))
    say("abstract", lambda: Square.__mro__[1]())
    say("slots", lambda: (g["slots"].a, hasattr(g["slots"], "b"), weakref.ref(g["slots"])() is g["slots"]))
    say("metaclass", lambda: (g["thing"].made_by, Thing(4).made_by, g["thing"] == Thing(3), g["thing"].foo, hash(g["thing"])))
    say("subclass", lambda: (g["numbers"].total(), g["numbers"].note, g["method"]()))
    say("generic", lambda: (g["box"].item, type(g["box"]).__type_params__, type(g["box"])[int]))
    say("functions", lambda: (g["inner"](), g["inner"](z=1), g["fact"](10), list(g["squares"](4)), g["twice"](4), g["twice"].__wrapped__(3)))
    say("coroutine", lambda: asyncio.run(g["later"]()))
    say("cycles", lambda: (g["cycle"], g["cycle"][0] is g["cycle"], g["knot"].inside[1]["knot"].me is g["knot"]))
    say("numbers", lambda: (g["big"] + 1 == (1 << 200) + 1, g["complex"] * 2, g["range"].stop, g["slice"].stop))
    say("sets", lambda: (sorted(map(str, g["frozenset"])), hash(g["frozenset"]) == hash(frozenset({1, "a"})), 2 in g["set"]))
    say("bytes", lambda: (g["bytes"] + b"d", bytes(g["array"]), memoryview(g["array"]).readonly))
    say("callables", lambda: (g["partial"](), g["item"](g["table"]), g["builtin"]("abc"), g["sqrt"](9), g["type"]("5")))
    say("pattern", lambda: g["pattern"].match("aab")[1])
    say("dicts", lambda: (g["ordered"], g["default"]["a"], g["counter"].most_common(1), g["proxy"]["a"]))
    say("types", lambda: (g["alias"], g["union"], isinstance(1, g["union"])))
    say("copies", lambda: (copy.copy(g["point"]).x, copy.deepcopy(g["table"]).items_, pickle.loads(pickle.dumps(g["set"]))))
    new = Point(5)
    new.x, new.z = 6, 7
    new.more.append(8)
    say("new instance", lambda: (new, new.z))
    class Cube(Square):
        def area(self):
            return 6 * super().area()
    say("new class", lambda: (Cube(2).area(), Cube(2).double))
    def item(i, v):
        g["numbers"][i] = v
    say("set attribute", setattr, g["point"], "x", 1)
    say("del attribute", delattr, g["point"], "x")
    say("new attribute", setattr, g["square"], "new", 1)
    say("frozen dataclass", setattr, g["exact"], "x", 1)
    say("object", object.__setattr__, g["exact"], "x", 1)
    say("slot", setattr, g["slots"], "b", 1)
    say("class", setattr, Square, "area", 1)
    say("enum", setattr, Color, "GREEN", 3)
    say("function", setattr, g["fact"], "__defaults__", (1,))
    say("closure", g["bump"])
    say("cell", setattr, g["inner"].__closure__[0], "cell_contents", 1)
    say("globals", g["fact"].__globals__.update, {"x": 1})
    say("default", g["inner"].__closure__[2].cell_contents.append, 1) if len(g["inner"].__closure__) > 2 else None
    say("list", g["numbers"].append, 1)
    say("item", item, 0, 1)
    say("slice", item, slice(0, 1), [1])
    say("bound append", g["append"], 1)
    say("dict", g["ordered"].update, {"b": 1})
    say("move", g["ordered"].move_to_end, "a")
    say("missing", lambda: g["default"]["new"])
    say("counter", lambda: g["counter"].update("b"))
    say("set", g["set"].add, 3)
    say("array", g["array"].extend, b"1")
    say("buffer", lambda: memoryview(g["array"]).__setitem__(0, 1))
    say("namespace", setattr, g["knot"], "x", 1)
    say("__dict__", vars(g["square"]).update, {"side": 1})
    say("__class__", setattr, g["square"], "__class__", Cube)
    return "\\n".join(out)
'''
namespace = {}
exec(LOOK, namespace)
here = namespace["look"](g)
print(here)

results = []


def reader():
    interp = interpreters.create()
    queue = interpreters.create_queue()
    interp.prepare_main(g=g, queue=queue)
    interp.run(LOOK + "\nfor _ in range(3): result = look(g)\nqueue.put((result, id(g)))\n")
    results.append(queue.get())
    interp.close()


threads = [threading.Thread(target=reader) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for there, number in results:
    print(there == here, number == id(g))
    if there != here:
        print(there)

# === no-peer frozen graphs are Serpens' own
# === env PYTHONUNBUFFERED=1
# === stdout
# True True True False
# enum: ('red', True, <Color.RED: 1>, 2, ['RED', 'BLUE'], True)
# flag: (<Perm.R|W: 6>, True)
# dataclass: (Point(x=3, y=4, more=[]), 5.0, True, [1])
# frozen dataclass: (Exact(x=1, y=2), True)
# tuples: (1, Pair(a=9, b=2), Row(id=7, name='none'), {'id': 7, 'name': 'none'})
# mapping: ({'a': 1}, True, True, [('a', 1)])
# library classes: (True, False, True, True)
# class: (18, 4, 'cm', 'Shape')
# abstract: TypeError: Can't instantiate abstract class Shape without an implementation for abstract method 'area'
# slots: ([1], False, True)
# metaclass: ('Thing', 'Thing', True, 'FOO', 3)
# subclass: (3, 'x', 3)
# generic: ('b', (T,), __main__.Box[int])
# functions: (20, 16, 3628800, [0, 1, 4, 9], 9, 6)
# coroutine: 2
# cycles: ([[...]], True, True)
# numbers: (True, (2+4j), 1180591620717411303424, 2)
# sets: (['1', 'a'], True, True)
# bytes: (b'abcd', b'xyz', True)
# callables: (120, 1, 3, 3.0, 5)
# pattern: aa
# dicts: (OrderedDict({'a': 1}), [1], [('a', 2)], 1)
# types: (list[int], int | None, True)
# copies: (3, {'a': 1}, {1, 2})
# new instance: (Point(x=6, y=3, more=[8]), 7)
# new class: (24, 48)
# set attribute: TypeError: cannot set attribute 'x' of frozen 'Point' object
# del attribute: TypeError: cannot set attribute 'x' of frozen 'Point' object
# new attribute: TypeError: cannot set attribute 'new' of frozen 'Square' object
# frozen dataclass: FrozenInstanceError: cannot assign to field 'x'
# object: TypeError: cannot set attribute 'x' of frozen 'Exact' object
# slot: TypeError: cannot set attribute 'b' of frozen 'Slots' object
# class: TypeError: cannot set attribute 'area' of frozen class 'Square'
# enum: TypeError: cannot set attribute 'GREEN' of frozen class 'Color'
# function: TypeError: cannot set attribute '__defaults__' of frozen 'function' object
# closure: TypeError: cannot modify frozen 'cell' object
# cell: TypeError: cannot set attribute 'cell_contents' of frozen 'cell' object
# globals: TypeError: cannot modify frozen 'dict' object
# default: TypeError: cannot modify frozen 'list' object
# list: TypeError: cannot modify frozen 'Numbers' object
# item: TypeError: cannot modify frozen 'Numbers' object
# slice: TypeError: cannot modify frozen 'Numbers' object
# bound append: TypeError: cannot modify frozen 'list' object
# dict: TypeError: cannot modify frozen 'OrderedDict' object
# move: TypeError: cannot modify frozen 'OrderedDict' object
# missing: TypeError: cannot modify frozen 'defaultdict' object
# counter: TypeError: cannot modify frozen 'Counter' object
# set: TypeError: cannot modify frozen 'set' object
# array: TypeError: cannot modify frozen 'bytearray' object
# buffer: TypeError: cannot modify read-only memory
# namespace: TypeError: cannot set attribute 'x' of frozen 'SimpleNamespace' object
# __dict__: TypeError: cannot modify frozen 'dict' object
# __class__: TypeError: cannot set attribute '__class__' of frozen 'Square' object
# True True
# True True
