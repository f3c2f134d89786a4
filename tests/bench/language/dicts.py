# Dicts: insertion, lookup by string, integer and tuple, update, deletion, iteration.
import sys
import time


def main():
    counts = {}
    for i in range(500_000):
        key = i * 7919 % 1009
        counts[key] = counts.get(key, 0) + 1
    names = {f"name{i}": i for i in range(2_000)}
    keys = list(names)
    total = 0
    for _ in range(120):
        for key in keys:
            total += names[key]
    grid = {}
    for x in range(300):
        for y in range(300):
            grid[x, y] = x ^ y
    for x in range(1, 299):
        for y in range(1, 299, 2):
            if (x, y - 1) in grid:
                total += grid[x, y - 1]
    for key, value in grid.items():
        total += value
    while len(names) > 10:
        names.popitem()
    for x in range(300):
        del grid[x, x]
    return sum(counts.values()), total, len(names), len(grid)


begin = time.perf_counter()
for _ in range(3):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
