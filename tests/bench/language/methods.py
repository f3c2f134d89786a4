# Method calls: monomorphic, polymorphic, inherited, bound, static, class and super().
import sys
import time


class Shape:
    def area(self):
        return 0

    def scaled(self, factor):
        return self.area() * factor

    @staticmethod
    def unit():
        return 1

    @classmethod
    def name(cls):
        return cls.__name__


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side * self.side


class Rectangle(Square):
    def __init__(self, side, height):
        super().__init__(side)
        self.height = height

    def area(self):
        return self.side * self.height

    def scaled(self, factor):
        return super().scaled(factor) + 1


def main():
    shapes = [Square(3), Rectangle(2, 5), Shape(), Rectangle(7, 1)]
    total = 0
    for i in range(130_000):
        for shape in shapes:
            total += shape.scaled(i & 3)
    bound = shapes[0].area
    names = 0
    for i in range(400_000):
        total += bound() - Shape.unit()
        if i & 7 == 0:
            names += len(shapes[1].name())
    return total, names


begin = time.perf_counter()
for _ in range(3):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
