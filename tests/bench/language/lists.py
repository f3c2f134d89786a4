# Lists: append, pop, index, assign, insert, reverse, extend, search.
import sys
import time


def main():
    total = 0
    for round in range(14):
        items = []
        for i in range(30_000):
            items.append(i ^ round)
        for i in range(len(items)):
            items[i] = items[i] + items[-i]
        items.reverse()
        while len(items) > 20_000:
            total += items.pop()
        items.extend(range(500))
        items += [round] * 100
        total += sum(items) + max(items) - min(items)
    queue = list(range(200))
    for i in range(60_000):
        queue.insert(0, queue.pop())
        if i % 100 == 0:
            total += queue.index(i % 200) + queue.count(5) + (i in queue)
    rows = [[0] * 50 for _ in range(50)]
    for step in range(80):
        for y in range(50):
            row = rows[y]
            for x in range(50):
                row[x] += x * y
    return total, sum(map(sum, rows))


begin = time.perf_counter()
for _ in range(5):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
