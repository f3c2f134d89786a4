# Functions and classes of a script cross as themselves, and the script is not run again.
import dataclasses
import sys
import threading

import interpreters

# What several interpreters print comes in the order in which it was printed.
sys.stdout.reconfigure(line_buffering=True)

print("the script runs once")
FACTOR = 10
log = []


def scale(x, by=2, *, plus=0):
    return x * by * FACTOR + plus


def nested(x):
    return [scale(n) for n in x]


def counter():
    n = 0

    def count(step=1):
        nonlocal n
        n += step
        return n
    return count


class Base:
    kind = "base"

    def __init__(self, x):
        self.x = x

    def describe(self):
        return f"{type(self).__name__} {self.x} {self.kind} {FACTOR}"


class Child(Base):
    kind = "child"

    def describe(self):
        return "child of " + super().describe()

    @property
    def double(self):
        return self.x * 2

    @staticmethod
    def static(a):
        return a + FACTOR

    @classmethod
    def make(cls, x):
        return cls(x)

    def __eq__(self, other):
        return type(self) is type(other) and self.x == other.x

    def __hash__(self):
        return hash(self.x)


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0

    def moved(self, dx):
        return dataclasses.replace(self, x=self.x + dx)


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b


interp = interpreters.create()
print(interp.call(scale, 3), interp.call(scale, 3, 1, plus=5), interp.call(nested, [1, 2]))
count = counter()
print(count(), interp.call(count), interp.call(count, 5), count())
print(interp.call(lambda x: x + FACTOR, 1))
print(interp.call(lambda f, x: f(f(x)), lambda n: n * FACTOR, 3))

child = Child(4)
print(interp.call(Child.describe, child), interp.call(lambda c: (c.double, c.static(1), c.make(7).x), child))
back = interp.call(lambda c: c, child)
print(type(back) is Child, back == child, back is child, isinstance(back, Base))
made = interp.call(lambda x: Child(x), 9)
print(type(made) is Child, made.describe())
print(interp.call(lambda p: p.moved(3), Point(1, 2)), interp.call(lambda s: (s.a, s.b), Slotted(1, [2])))
print(interp.call(lambda a, b: type(a) is type(b), child, Child(5)))
interp.prepare_main(answer=42)
interp.run("print('Child' in globals(), 'scale' in globals(), answer)")

recv, send = interpreters.create_channel()
send.send_nowait(child)
send.send_nowait([scale, {"p": Point(5)}])
got = recv.recv()
f, d = recv.recv()
print(got == child, f(1), d)
interp.prepare_main(recv=recv)
send.send_nowait(child)
interp.run("c = recv.recv(); print(c.describe(), type(c).__module__)")

shared = interpreters.SharedDict({"point": Point(7, 8), "f": scale})
interp.prepare_main(shared=shared)
interp.run("print(shared['point'].x, shared['f'](1))")


class Failure(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


def fail():
    raise Failure(17)


try:
    interp.call(fail)
except Failure as error:
    print("Failure", error.code, type(error.__cause__).__name__)
interp.close()

# === no-peer the module interpreters sends functions and classes as themselves
# === stdout
# the script runs once
# 60 35 [20, 40]
# 1 2 6 2
# 11
# 300
# child of Child 4 child 10 (8, 11, 7)
# True True False True
# True child of Child 9 child 10
# Point(x=4, y=2) (1, [2])
# True
# False False 42
# True 20 {'p': Point(x=5, y=0)}
# child of Child 4 child 10 __main__
# 7 20
# Failure 17 ExecutionFailed
