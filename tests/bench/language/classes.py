# Making classes and instances: operators, properties, inheritance, dunder methods, isinstance.
import sys
import time


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    def __eq__(self, other):
        return isinstance(other, Vector) and self.x == other.x and self.y == other.y

    def __hash__(self):
        return hash((self.x, self.y))

    @property
    def length(self):
        return abs(self.x) + abs(self.y)

    def __getitem__(self, i):
        return self.y if i else self.x

    def __len__(self):
        return 2

    def __bool__(self):
        return self.x != 0 or self.y != 0


class Descriptor:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner):
        return instance.__dict__[self.name]

    def __set__(self, instance, value):
        instance.__dict__[self.name] = value


class Checked:
    value = Descriptor()

    def __init__(self, value):
        self.value = value

    def __getattr__(self, name):
        return len(name)


def main():
    position = Vector(0, 0)
    velocity = Vector(1, 2)
    total = 0
    seen = set()
    for i in range(130_000):
        position = position + velocity * (i & 3)
        total += position.length + len(position)
        if position == velocity or not position:
            total += 1
        if i % 16 == 0:
            seen.add(Vector(i % 50, 1))
    for i in range(100_000):
        checked = Checked(i)
        total += checked.value + checked.missing
    for i in range(1_500):
        made = type("Made", (Vector,), {"n": i})
        total += made(i, i).n
    return total, len(seen), position[0] - position[1]


begin = time.perf_counter()
for _ in range(3):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
