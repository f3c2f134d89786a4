# Making and dropping many short-lived objects: tuples, lists, dicts, strings, instances.
import sys
import time


class Node:
    def __init__(self, value, next):
        self.value = value
        self.next = next


def main():
    total = 0
    for i in range(120_000):
        pair = (i, i + 1)
        items = [i, pair, total]
        record = {"id": i, "items": items}
        text = str(i)
        total += len(record) + len(text) + len(items) + pair[0] % 3
    for _ in range(12):
        head = None
        for i in range(10_000):
            head = Node(i, head)
        while head:
            total += head.value & 1
            head = head.next
    window = []
    for i in range(160_000):
        window.append([i] * 4)
        if len(window) > 1_000:
            total += window.pop()[0] & 1
            window[i % 1_000] = None
    return total


begin = time.perf_counter()
for _ in range(5):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
