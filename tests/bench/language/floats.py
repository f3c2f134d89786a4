# Arithmetic on floats: numeric integration, a logistic map, Newton roots.
import sys
import time


def integrate(begin, end, steps):
    width = (end - begin) / steps
    area = 0.0
    x = begin
    for _ in range(steps):
        area += (x * x * 0.5 - x / 3.0 + 1.0) * width
        x += width
    return area


def main():
    area = integrate(0.0, 10.0, 1_000_000)
    x = 0.4
    for _ in range(1_200_000):
        x = 3.9 * x * (1.0 - x)
    roots = 0.0
    for n in range(1, 40_000):
        guess = n / 2.0
        for _ in range(6):
            guess = (guess + n / guess) / 2.0
        roots += guess
    return f"{area:.6f}", x > 0.0, f"{roots:.3f}"


begin = time.perf_counter()
for _ in range(2):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
