# The spectral norm of an infinite matrix: float arithmetic in calls and comprehensions.
import sys
import time


def entry(i, j):
    return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1)


def times(v):
    n = len(v)
    return [sum(entry(i, j) * v[j] for j in range(n)) for i in range(n)]


def times_transposed(v):
    out = []
    for i in range(len(v)):
        total = 0.0
        for j, x in enumerate(v):
            total += entry(j, i) * x
        out.append(total)
    return out


def main():
    u = [1.0] * 110
    for _ in range(10):
        v = times_transposed(times(u))
        u = times_transposed(times(v))
    vbv = vv = 0.0
    for a, b in zip(u, v):
        vbv += a * b
        vv += b * b
    return f"{(vbv / vv) ** 0.5:.9f}"


begin = time.perf_counter()
for _ in range(5):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
