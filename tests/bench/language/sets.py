# Sets: adding, membership, union, intersection, difference, frozen sets as keys.
import sys
import time


def main():
    total = 0
    for n in range(1, 25):
        a = set(range(0, 6_000, n))
        b = {i for i in range(0, 6_000, 3)}
        total += len(a & b) + len(a | b) + len(a - b) + len(a ^ b)
        total += a.issubset(b) + a.isdisjoint(b)
    seen = set()
    x = 1
    while x not in seen:
        seen.add(x)
        x = (x * 75 + 74) % 65_537
    total += len(seen)
    neighbours = {(0, 1), (1, 1), (2, 1), (3, 1), (1, 2), (2, 0)}
    for _ in range(45):
        counts = {}
        for x, y in neighbours:
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    if dx or dy:
                        cell = x + dx, y + dy
                        counts[cell] = counts.get(cell, 0) + 1
        neighbours = {cell for cell, n in counts.items() if n == 3 or n == 2 and cell in neighbours}
        total += len(neighbours)
    groups = {}
    for i in range(60_000):
        key = frozenset((i % 7, i % 11, i % 3))
        groups[key] = groups.get(key, 0) + 1
    for i in range(200_000):
        if i % 1_000 in seen:
            total += 1
    return total, len(groups)


begin = time.perf_counter()
for _ in range(8):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
