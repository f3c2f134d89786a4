# List, set, dict and generator comprehensions, nested and with conditions.
import sys
import time


def main():
    total = 0
    for n in range(60):
        squares = [i * i for i in range(2_500)]
        evens = [i for i in squares if i % 2 == 0]
        total += sum(evens)
        table = {i: i + n for i in range(1_500)}
        flipped = {value: key for key, value in table.items() if value & 1}
        total += len(flipped)
        rests = {i % 97 for i in squares}
        total += len(rests)
        total += sum(x * y for x in range(40) for y in range(40) if x != y)
        rows = [[x + y for x in range(30)] for y in range(30)]
        total += len([cell for row in rows for cell in row if cell > 20])
        total += sum(map(lambda pair: pair[0] * pair[1], zip(squares, range(1_000))))
        total += any(x > 2_000_000 for x in squares) + all(x >= 0 for x in squares)
    return total


begin = time.perf_counter()
for _ in range(9):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
