# Sorting: built-in with and without keys, and quick, merge and heap sort written out.
import sys
import time


def numbers(n, seed):
    out = []
    for _ in range(n):
        seed = (seed * 1664525 + 1013904223) % 4294967296
        out.append(seed >> 8)
    return out


def quick(items):
    if len(items) < 2:
        return items
    pivot = items[len(items) // 2]
    less = [x for x in items if x < pivot]
    same = [x for x in items if x == pivot]
    more = [x for x in items if x > pivot]
    return quick(less) + same + quick(more)


def merge(items):
    if len(items) < 2:
        return items
    half = len(items) // 2
    left, right = merge(items[:half]), merge(items[half:])
    out = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i])
            i += 1
        else:
            out.append(right[j])
            j += 1
    return out + left[i:] + right[j:]


def heap(items):
    items = list(items)
    size = len(items)

    def sift(root, end):
        while True:
            child = 2 * root + 1
            if child >= end:
                return
            if child + 1 < end and items[child] < items[child + 1]:
                child += 1
            if items[root] >= items[child]:
                return
            items[root], items[child] = items[child], items[root]
            root = child

    for root in range(size // 2 - 1, -1, -1):
        sift(root, size)
    for end in range(size - 1, 0, -1):
        items[0], items[end] = items[end], items[0]
        sift(0, end)
    return items


def main():
    data = numbers(18_000, 42)
    expected = sorted(data)
    good = quick(data) == expected, merge(data) == expected, heap(data) == expected
    total = 0
    for seed in range(6):
        items = numbers(20_000, seed)
        items.sort()
        total += items[100]
        items.sort(key=lambda x: x & 1023)
        total += items[100]
        words = sorted(map(str, items), reverse=True)
        total += len(words[0])
    return good, total


begin = time.perf_counter()
for _ in range(2):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
