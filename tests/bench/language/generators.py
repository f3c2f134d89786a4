# Generators: plain loops, send, yield from, pipelines, and a coroutine scheduler.
import sys
import time


def count(n):
    i = 0
    while i < n:
        yield i
        i += 1


def evens(source):
    for x in source:
        if x & 1 == 0:
            yield x


def squares(source):
    for x in source:
        yield x * x


class Tree:
    def __init__(self, depth):
        self.value = depth
        self.left = Tree(depth - 1) if depth else None
        self.right = Tree(depth - 1) if depth else None

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right


def averager():
    total = n = 0
    while True:
        total += yield total // n if n else 0
        n += 1


def worker(n):
    for i in range(n):
        yield i
    return n


def schedule(tasks):
    steps = 0
    while tasks:
        task = tasks.pop()
        try:
            next(task)
            steps += 1
            tasks.append(task)
        except StopIteration as stop:
            steps += stop.value
    return steps


def main():
    total = sum(squares(evens(count(600_000))))
    total += sum(Tree(13))
    average = averager()
    next(average)
    for i in range(200_000):
        total += average.send(i)
    total += schedule([worker(i) for i in range(500)])
    return total


begin = time.perf_counter()
for _ in range(3):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
