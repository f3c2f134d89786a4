# Tuples: packing, unpacking, swapping, comparison, hashing, star unpacking, zip, enumerate.
import sys
import time


def minmax(a, b):
    return (a, b) if a < b else (b, a)


def main():
    total = 0
    a, b, c = 1, 2, 3
    for i in range(600_000):
        a, b, c = b, c, (a + i) & 1023
    for i in range(250_000):
        low, high = minmax(i & 63, i & 31)
        total += high - low
    points = [(i * 7 % 101, i * 13 % 97, i) for i in range(4_000)]
    for _ in range(12):
        total += min(points)[2] + max(points)[2]
        first, *middle, last = points
        total += len(middle) + first[0] + last[1]
        for i, (x, y, z) in enumerate(points):
            total += x * y + z - i
        for (x, _, _), (_, y, _) in zip(points, middle):
            if x < y:
                total += 1
        total += len({point[:2] for point in points})
        points = points[1:] + points[:1]
    return a, b, c, total


begin = time.perf_counter()
for _ in range(6):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
