# match: every kind of pattern, guards, captures, classes, mappings, sequences, or, as.
def kind(x):
    match x:
        case 0 | 1:
            return "zero or one"
        case -1 | 2.5 | 3 + 4j:
            return "number"
        case None:
            return "none"
        case True | False:
            return "bool"
        case "a" | b"a":
            return "letter"
        case []:
            return "empty"
        case [y]:
            return f"one {y}"
        case [1, *rest]:
            return f"one and {rest}"
        case (first, _, *_, last):
            return f"{first} to {last}"
        case {"kind": "circle", "r": r}:
            return f"circle {r}"
        case {"kind": k, **others} if others:
            return f"{k} with {others}"
        case {}:
            return "mapping"
        case int(n) if n > 100:
            return f"large {n}"
        case int() | float() as n:
            return f"number {n}"
        case str(s):
            return f"string {s}"
        case _:
            return "other"


for x in (
    0, 1, -1, 2.5, 3 + 4j, None, True, "a", b"a", [], [5], [1, 2, 3], (7, 8, 9), [7, 8], {"kind": "circle", "r": 2, "z": 1}, {"kind": "square", "w": 3}, {"kind": "x"},
    {}, {"q": 1}, 500, 42, 1.5, "text", {1, 2}, object, range(3), "ab", bytearray(b"x"), iter([1]),
):
    print(repr(x) if not hasattr(x, "__next__") else "iterator", "->", kind(x))


class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Colour:
    RED = 1
    BLUE = "b"


def where(p):
    match p:
        case Point(0, 0):
            return "origin"
        case Point(x=0, y=y):
            return f"on y at {y}"
        case Point(x, 0):
            return f"on x at {x}"
        case Point(x=x, y=Point(a, b)):
            return f"nested {x} {a} {b}"
        case Point() as q if q.x == q.y:
            return "diagonal"
        case Point():
            return "somewhere"
        case Colour.RED:
            return "red"
        case Colour.BLUE:
            return "blue"
        case [Point(x=px), [_, [deep]]]:
            return f"{px} {deep}"
        case _:
            return "no point"


for p in Point(0, 0), Point(0, 3), Point(4, 0), Point(1, Point(2, 3)), Point(2, 2), Point(1, 2), 1, "b", [Point(9, 9), (0, [5])], 77:
    print(where(p))


def commands(line):
    match line.split():
        case ["go", ("north" | "south") as direction]:
            return direction
        case ["get", *items] if len(items) > 1:
            return items
        case ["get", item]:
            return item
        case [] | ["quit"]:
            return "quit"
        case [command, *_]:
            return f"unknown {command}"


print([commands(line) for line in ("go north", "get a b", "get a", "", "quit", "jump up")])
match 5:
    case 1:
        print("never")
print("fell through")
match [1, [2, [3, 4]]]:
    case [a, [b, [*c]]]:
        print(a, b, c)
match {"a": 1, "b": 2, "c": 3}:
    case {"a": x, **rest}:
        print(x, rest)
match (1, 2):
    case x, y:
        print(x, y)
match = "soft keyword"
case = match
print(case)


class NoArgs:
    pass


for pattern in ("Point(1, 2, 3)", "NoArgs(1)", "int(1, 2)", "Point(1, x=2)"):
    try:
        exec(f"match value:\n    case {pattern}: pass", {"Point": Point, "NoArgs": NoArgs, "value": Point(1, 2) if "P" in pattern else NoArgs() if "N" in pattern else 1})
        print(pattern, "fine")
    except TypeError as error:
        print(error)
match "abc":
    case str() as s:
        print(s)
match 3:
    case x if x > 5:
        print("big")
    case x:
        print("small", x)
match [1, 2, 3, 4, 5]:
    case [first, second, *middle, last]:
        print(first, second, middle, last)

# === stdout
# 0 -> zero or one
# 1 -> zero or one
# -1 -> number
# 2.5 -> number
# (3+4j) -> number
# None -> none
# True -> zero or one
# 'a' -> letter
# b'a' -> letter
# [] -> empty
# [5] -> one 5
# [1, 2, 3] -> one and [2, 3]
# (7, 8, 9) -> 7 to 9
# [7, 8] -> other
# {'kind': 'circle', 'r': 2, 'z': 1} -> circle 2
# {'kind': 'square', 'w': 3} -> square with {'w': 3}
# {'kind': 'x'} -> mapping
# {} -> mapping
# {'q': 1} -> mapping
# 500 -> large 500
# 42 -> number 42
# 1.5 -> number 1.5
# 'text' -> string text
# {1, 2} -> other
# <class 'object'> -> other
# range(0, 3) -> 0 to 2
# 'ab' -> string ab
# bytearray(b'x') -> other
# iterator -> other
# origin
# on y at 3
# on x at 4
# nested 1 2 3
# diagonal
# somewhere
# red
# blue
# 9 5
# no point
# ['north', ['a', 'b'], 'a', 'quit', 'quit', 'unknown jump']
# fell through
# 1 2 [3, 4]
# 1 {'b': 2, 'c': 3}
# 1 2
# soft keyword
# Point() accepts 2 positional sub-patterns (3 given)
# NoArgs() accepts 0 positional sub-patterns (1 given)
# int() accepts 1 positional sub-pattern (2 given)
# Point() got multiple sub-patterns for attribute 'x'
# abc
# small 3
# 1 2 [3, 4] 5
