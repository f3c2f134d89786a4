# Making, walking and dropping binary trees of tuples and instances.
import sys
import time


class Tree:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right

    def check(self):
        if self.left is None:
            return 1
        return 1 + self.left.check() + self.right.check()


def tree(depth):
    if depth == 0:
        return Tree(None, None)
    return Tree(tree(depth - 1), tree(depth - 1))


def tuples(depth):
    if depth == 0:
        return None, None
    return tuples(depth - 1), tuples(depth - 1)


def check(pair):
    left, right = pair
    return 1 if left is None else 1 + check(left) + check(right)


def main():
    kept = tree(13)
    total = 0
    for depth in range(4, 13, 2):
        for _ in range(1 << (12 - depth)):
            total += tree(depth).check()
            total += check(tuples(depth))
    return total, kept.check()


begin = time.perf_counter()
for _ in range(20):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
