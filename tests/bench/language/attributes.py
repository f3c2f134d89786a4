# Reading and writing attributes of instances, classes and modules.
import sys
import time


class Particle:
    gravity = 3

    def __init__(self, x, y):
        self.x = x
        self.y = y
        self.dx = 1
        self.dy = 2
        self.bounces = 0


class Slotted:
    __slots__ = ("left", "right", "weight")

    def __init__(self, left, right):
        self.left = left
        self.right = right
        self.weight = 0


def main():
    particles = [Particle(i, i * 2) for i in range(10)]
    for _ in range(70_000):
        for p in particles:
            p.x += p.dx
            p.y += p.dy - p.gravity
            if p.x > 100:
                p.x = 0
                p.bounces += 1
    slotted = [Slotted(i, i + 1) for i in range(10)]
    for _ in range(60_000):
        for s in slotted:
            s.weight += s.left + s.right
    return sum(p.bounces * 3 + p.y for p in particles), sum(s.weight for s in slotted)


begin = time.perf_counter()
for _ in range(5):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
