# Exceptions: raise and catch near and far, try without one, finally, with, chaining.
import sys
import time


class Odd(Exception):
    def __init__(self, value):
        super().__init__(value)
        self.value = value


class Guard:
    def __init__(self):
        self.entered = 0
        self.failed = 0

    def __enter__(self):
        self.entered += 1
        return self

    def __exit__(self, kind, value, traceback):
        if kind is not None:
            self.failed += 1
        return kind is ValueError


def check(i):
    if i & 1:
        raise Odd(i)
    return i


def deep(n):
    if n == 0:
        raise KeyError("bottom")
    try:
        return deep(n - 1)
    finally:
        n += 1


def main():
    total = 0
    for i in range(150_000):
        try:
            total += check(i)
        except Odd as error:
            total -= error.value
    for i in range(500_000):
        try:
            total += i & 3
        except ValueError:
            total = 0
        finally:
            total += 1
    for i in range(4_000):
        try:
            deep(10)
        except KeyError:
            total += 1
    guard = Guard()
    for i in range(60_000):
        with guard:
            if i % 3 == 0:
                raise ValueError
    for i in range(40_000):
        try:
            try:
                {}[i]
            except KeyError as error:
                raise RuntimeError("no") from error
        except (TypeError, RuntimeError) as error:
            total += error.__cause__.args[0] & 1
    return total, guard.entered, guard.failed


begin = time.perf_counter()
for _ in range(4):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
