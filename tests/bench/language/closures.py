# Closures: captured variables read and written, nested functions, decorators, partial application.
import sys
import time


def counter():
    n = 0

    def step(by):
        nonlocal n
        n += by
        return n

    return step


def compose(*functions):
    def composed(x):
        for function in functions:
            x = function(x)
        return x

    return composed


def adder(n):
    return lambda x: x + n


def memoised(function):
    cache = {}

    def wrapper(n):
        if n not in cache:
            cache[n] = function(n)
        return cache[n]

    return wrapper


@memoised
def steps(n):
    if n == 1:
        return 0
    return 1 + steps(n // 2 if n % 2 == 0 else 3 * n + 1)


def main():
    step = counter()
    for i in range(800_000):
        step(i & 3)
    pipeline = compose(adder(1), adder(-3), lambda x: x * 2, adder(5))
    total = step(0)
    for i in range(200_000):
        total += pipeline(i)
    for i in range(1, 15_000):
        total += steps(i)
    for i in range(150_000):
        total += adder(i)(1)
    return total


begin = time.perf_counter()
for _ in range(3):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
