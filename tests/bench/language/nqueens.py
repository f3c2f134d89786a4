# The queens puzzle: by generators over permutations, by sets, and by bit masks.
import sys
import time


def permutations(items):
    if len(items) <= 1:
        yield items
        return
    for i, item in enumerate(items):
        for rest in permutations(items[:i] + items[i + 1:]):
            yield [item] + rest


def by_permutations(n):
    found = 0
    for columns in permutations(list(range(n))):
        if n == len({c + i for i, c in enumerate(columns)}) == len({c - i for i, c in enumerate(columns)}):
            found += 1
    return found


def by_backtracking(n, row=0, columns=frozenset(), up=frozenset(), down=frozenset()):
    if row == n:
        return 1
    found = 0
    for column in range(n):
        if column not in columns and row + column not in up and row - column not in down:
            found += by_backtracking(n, row + 1, columns | {column}, up | {row + column}, down | {row - column})
    return found


def by_masks(full, columns=0, left=0, right=0):
    if columns == full:
        return 1
    found = 0
    free = full & ~(columns | left | right)
    while free:
        bit = free & -free
        free ^= bit
        found += by_masks(full, columns | bit, (left | bit) << 1, (right | bit) >> 1)
    return found


def main():
    return by_permutations(7), by_backtracking(7), by_masks((1 << 9) - 1)


begin = time.perf_counter()
for _ in range(40):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
