# Function calls: positional, keyword, default and star arguments, and recursion.
import sys
import time


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def plain(a, b):
    return a - b


def defaults(a, b=2, *, c=3):
    return a + b - c


def stars(*args, **kwargs):
    return len(args) + len(kwargs)


def main():
    total = fib(25)
    for i in range(400_000):
        total += plain(i, total & 7)
        total += defaults(i, c=1)
        total -= defaults(i, 5)
    pair = (1, 2)
    named = {"x": 1}
    for i in range(150_000):
        total += stars(i, *pair, **named)
    return total


begin = time.perf_counter()
for _ in range(2):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
