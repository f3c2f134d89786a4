# dataclasses and enum of the library.
from dataclasses import dataclass, field, asdict, replace
from enum import Enum, Flag, IntEnum, auto


@dataclass(order=True)
class P:
    x: int
    y: int = 2
    tags: list = field(default_factory=list, compare=False)


@dataclass(frozen=True, slots=True)
class F:
    a: str = "a"


p = P(1)
print(p, p == P(1, 2, [1]), P(1) < P(2), asdict(p), replace(p, x=5), F(), hash(F()) == hash(F()))
try:
    F().a = 2
except AttributeError as error:
    print(type(error).__name__, error)
try:
    P()
except TypeError as error:
    print(error)


class Colour(Enum):
    RED = 1
    GREEN = auto()
    CRIMSON = 1

    def describe(self):
        return self.name.lower()


class Perm(Flag):
    R = auto()
    W = auto()


class Level(IntEnum):
    LOW = 1
    HIGH = 5


print(Colour.RED, repr(Colour.GREEN), Colour(2), Colour["RED"], Colour.CRIMSON is Colour.RED, list(Colour), Colour.RED.describe(), Colour.RED.value)
print(Perm.R | Perm.W, Perm.R in (Perm.R | Perm.W), Level.HIGH > 3, Level.LOW + 1, sorted(Level))
try:
    Colour(9)
except ValueError as error:
    print(error)

# === stdout
# P(x=1, y=2, tags=[]) True True {'x': 1, 'y': 2, 'tags': []} P(x=5, y=2, tags=[]) F(a='a') True
# FrozenInstanceError cannot assign to field 'a'
# P.__init__() missing 1 required positional argument: 'x'
# Colour.RED <Colour.GREEN: 2> Colour.GREEN Colour.RED True [<Colour.RED: 1>, <Colour.GREEN: 2>] red 1
# Perm.R|W True True 2 [<Level.LOW: 1>, <Level.HIGH: 5>]
# 9 is not a valid Colour
