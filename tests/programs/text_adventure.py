# A text adventure driven by a script: rooms as a graph, items, a parser for commands, undo by snapshots, saved games.
import copy
import copyreg
import pickle
import shlex
import string
from collections import deque
from dataclasses import dataclass, field
from enum import Flag, auto
from functools import cached_property, partialmethod, total_ordering
from types import SimpleNamespace
from weakref import ref


class Trait(Flag):
    NONE = 0
    PORTABLE = auto()
    EDIBLE = auto()
    LIT = auto()
    FOOD = PORTABLE | EDIBLE


@total_ordering
class Item:
    __slots__ = ("name", "traits", "weight", "__weakref__")

    def __init__(self, name, traits=Trait.PORTABLE, weight=1):
        self.name, self.traits, self.weight = name, traits, weight

    def __eq__(self, other):
        return self.name == other.name if isinstance(other, Item) else NotImplemented

    def __lt__(self, other):
        return (self.weight, self.name) < (other.weight, other.name)

    def __hash__(self):
        return hash(self.name)

    def __repr__(self):
        return f"{type(self).__name__}({self.name!r}, {self.traits})"

    def __format__(self, spec):
        article = "an" if self.name[0] in "aeiou" else "a"
        return {"a": f"{article} {self.name}", "": self.name, "t": self.name.title()}[spec]


class Room:
    def __init__(self, name, *items, dark=False):
        self.name, self.items, self.exits, self.dark = name, list(items), {}, dark
        self._map = None

    def connect(self, direction, other, back=None):
        self.exits[direction] = other
        other.exits[back or {"north": "south", "east": "west", "up": "down"}[direction]] = self
        return other

    @cached_property
    def initials(self):
        return "".join(word[0] for word in self.name.split()).upper()

    def __getstate__(self):
        state = self.__dict__.copy()
        state.pop("initials", None)
        state["_map"] = None
        return state

    def __repr__(self):
        return f"<{self.name}>"


@dataclass
class Game:
    room: Room
    carrying: list = field(default_factory=list)
    turns: int = 0
    done: bool = False
    score: int = field(default=0, metadata={"shown": True})

    LIMIT = 4

    def light(self):
        return not self.room.dark or any(i.traits & Trait.LIT for i in (*self.carrying, *self.room.items))

    def look(self):
        if not self.light():
            return "It is dark."
        things = ", ".join(f"{i:a}" for i in sorted(self.room.items)) or "nothing"
        return f"{self.room.name}: you see {things}. Exits: {' '.join(sorted(self.room.exits))}."

    def go(self, direction):
        match self.room.exits.get(direction):
            case None:
                raise Refused(f"You cannot go {direction}.")
            case room:
                self.room = room
                return self.look()

    def move(self, name, take):
        source, target = (self.room.items, self.carrying) if take else (self.carrying, self.room.items)
        item = next((i for i in source if i.name == name), None)
        if item is None or (take and not self.light()):
            raise Refused(f"There is no {name} here." if take else f"You have no {name}.")
        if take and Trait.PORTABLE not in item.traits:
            raise Refused(f"The {item} cannot be taken.")
        if take and sum(i.weight for i in self.carrying) + item.weight > self.LIMIT:
            raise Refused("That is too much to carry.")
        source.remove(item)
        target.append(item)
        self.score += 5 if take else -5
        return f"{item:t} {'taken' if take else 'dropped'}."

    take = partialmethod(move, take=True)
    drop = partialmethod(move, take=False)

    def eat(self, name):
        item = next((i for i in self.carrying if i.name == name), None)
        if item is None or Trait.EDIBLE not in item.traits:
            raise Refused(f"You cannot eat {'that' if item is None else f'the {item}'}.")
        self.carrying.remove(item)
        self.score += 10
        return string.Template("You eat the $what.").substitute(what=item)

    def quit(self):
        self.done = True
        return f"Score {self.score} in {self.turns} turns."


class Refused(Exception):
    pass


class Session:
    ALIASES = {"n": "go north", "s": "go south", "e": "go east", "w": "go west", "u": "go up", "d": "go down", "l": "look", "i": "inventory", "get": "take"}

    def __init__(self, game):
        self.game, self.history, self.saved = game, deque(maxlen=3), {}

    def undo(self):
        if not self.history:
            raise Refused("Nothing to undo.")
        self.game = self.history.pop()
        return "Undone. " + self.game.look()

    def save(self, name="quick"):
        self.saved[name] = pickle.dumps(self.game, protocol=pickle.HIGHEST_PROTOCOL)
        return f"Saved as {name}."

    def load(self, name="quick"):
        try:
            self.game = pickle.loads(self.saved[name])
        except KeyError as error:
            raise Refused(f"No game {error}.") from error
        return "Loaded. " + self.game.look()

    def inventory(self):
        return "You carry " + (", ".join(f"{i:a}" for i in self.game.carrying) or "nothing") + "."

    def play(self, script):
        for line in filter(None, map(str.strip, script.splitlines())):
            first, *rest = shlex.split(line.lower(), comments=True) or ["look"]
            verb, *more = shlex.split(self.ALIASES.get(first, first))
            args = more + rest
            own = getattr(self, verb, None) if verb in ("undo", "save", "load", "inventory") else None
            action = own or getattr(self.game, verb, None)
            before = copy.deepcopy(self.game) if not own else None
            try:
                if not callable(action) or verb.startswith("_"):
                    raise Refused(f"I do not know how to {verb}.")
                answer = action(*args)
                self.game.turns += 1
                if before and verb != "look":
                    self.history.append(before)
            except Refused as refused:
                answer = str(refused) + (f" ({type(refused.__cause__).__name__})" if refused.__cause__ else "")
            except TypeError:
                answer = f"{verb.capitalize()} what?"
            yield SimpleNamespace(line=line, answer=answer)
            if self.game.done:
                return


def world():
    hall = Room("Great Hall", Item("anvil", Trait.NONE, 50), Item("lamp", Trait.PORTABLE | Trait.LIT))
    kitchen = hall.connect("north", Room("Old Kitchen", Item("apple", Trait.FOOD), Item("iron pot", weight=3)))
    cellar = kitchen.connect("north", Room("Damp Cellar", Item("egg", Trait.FOOD), Item("gold", weight=2), dark=True))
    cellar.connect("up", hall, "down")
    return Game(hall)


SCRIPT = """
look
take anvil
get apple
n
get apple
take "iron pot"
n
take gold
undo
save before
s
take lamp   # a comment
n
n
take egg
i
take "iron pot"
eat egg
eat lamp
eat
u
drop lamp
d
look
load
load before
dance
__init__ x
go sideways
undo
undo
undo
undo
i
quit
never reached
"""
session = Session(world())
for turn in session.play(SCRIPT):
    print(f"> {turn.line}\n  {turn.answer}")
game = world()
twin = copy.deepcopy(game)
print(twin.room is not game.room, twin.room.exits["north"].exits["south"] is twin.room, twin == game, game == game)
print(game.room.initials, vars(pickle.loads(pickle.dumps(game.room))).keys() == vars(game.room).keys() - {"initials"}, Trait.FOOD, ~Trait.LIT & Trait.FOOD, Trait(0))
item = Item("rope")
copyreg.pickle(Item, lambda i: (Item, (i.name, i.traits, i.weight)))
print(pickle.loads(pickle.dumps(item)) == item, copy.copy(item) is item, sorted([Item("b", weight=2), Item("c"), item]), max(item, Item("zinc")), ref(item)() is item)
for bad in (lambda: item < 3, lambda: f"{item:x}", lambda: setattr(item, "colour", 1), lambda: Trait(99) and Trait["X"], lambda: Game(), lambda: pickle.dumps(lambda: 0)):
    try:
        print(bad())
    except Exception as error:
        print(type(error).__name__, str(error)[:60])

# === stdout
# > look
#   Great Hall: you see a lamp, an anvil. Exits: down north.
# > take anvil
#   The anvil cannot be taken.
# > get apple
#   There is no apple here.
# > n
#   Old Kitchen: you see an apple, an iron pot. Exits: north south.
# > get apple
#   Apple taken.
# > take "iron pot"
#   Iron Pot taken.
# > n
#   It is dark.
# > take gold
#   There is no gold here.
# > undo
#   Undone. Old Kitchen: you see nothing. Exits: north south.
# > save before
#   Saved as before.
# > s
#   Great Hall: you see a lamp, an anvil. Exits: down north.
# > take lamp   # a comment
#   That is too much to carry.
# > n
#   Old Kitchen: you see nothing. Exits: north south.
# > n
#   It is dark.
# > take egg
#   There is no egg here.
# > i
#   You carry an apple, an iron pot.
# > take "iron pot"
#   There is no iron pot here.
# > eat egg
#   You cannot eat that.
# > eat lamp
#   You cannot eat that.
# > eat
#   Eat what?
# > u
#   Great Hall: you see a lamp, an anvil. Exits: down north.
# > drop lamp
#   You have no lamp.
# > d
#   It is dark.
# > look
#   It is dark.
# > load
#   No game 'quick'. (KeyError)
# > load before
#   Loaded. Old Kitchen: you see nothing. Exits: north south.
# > dance
#   I do not know how to dance.
# > __init__ x
#   I do not know how to __init__.
# > go sideways
#   You cannot go sideways.
# > undo
#   Undone. Great Hall: you see a lamp, an anvil. Exits: down north.
# > undo
#   Undone. It is dark.
# > undo
#   Undone. Old Kitchen: you see nothing. Exits: north south.
# > undo
#   Nothing to undo.
# > i
#   You carry an apple, an iron pot.
# > quit
#   Score 10 in 10 turns.
# True True False True
# GH True Trait.FOOD Trait.FOOD Trait.NONE
# True False [Item('c', Trait.PORTABLE), Item('rope', Trait.PORTABLE), Item('b', Trait.PORTABLE)] Item('zinc', Trait.PORTABLE) True
# AttributeError 'int' object has no attribute 'weight'
# KeyError 'x'
# AttributeError 'Item' object has no attribute 'colour' and no __dict__ for 
# ValueError <flag 'Trait'> invalid value 99
#     given 0b0 1100011
#   allo
# TypeError Game.__init__() missing 1 required positional argument: 'roo
# PicklingError Can't pickle local object <function <lambda>.<locals>.<lambd
