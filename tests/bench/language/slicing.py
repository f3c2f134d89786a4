# Slices of lists, strings, bytes and tuples, with steps, and slice assignment.
import sys
import time


def main():
    items = list(range(2_000))
    text = "abcdefghij" * 100
    data = bytes(range(256)) * 4
    pair = tuple(items[:300])
    total = 0
    for i in range(60_000):
        j = i % 900
        total += len(items[j:j + 20]) + items[j:][0]
        total += len(text[j:j + 5]) + len(text[:-j])
        total += data[j:j + 3][0] + len(pair[j // 4:j // 2])
    for i in range(30_000):
        total += items[::-100][1] + len(items[i % 50:1_000:50]) + len(text[::-7])
        items[i % 100:i % 100 + 3] = [i, i + 1, i + 2]
    for i in range(10_000):
        items[10:20] = items[20:30]
        del items[5:7]
        items[5:5] = [1, 2]
    window = 0
    for i in range(len(text) - 3):
        window += text[i:i + 3] == "hij"
    return total, len(items), window


begin = time.perf_counter()
for _ in range(2):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
