# Loops in loops over ranges, and while loops with break and continue.
import sys
import time


def main():
    total = 0
    for a in range(70):
        for b in range(70):
            for c in range(70):
                total += a ^ b ^ c
    for a in range(1, 220):
        for b in range(a, 220):
            c2 = a * a + b * b
            c = int(c2**0.5)
            if c * c == c2:
                total += c
    i = 0
    while True:
        i += 1
        if i % 3 == 0:
            continue
        j = i
        while j > 1:
            j >>= 1
            total += 1
            if j == 77:
                break
        if i > 60_000:
            break
    x = 0
    while x < 2_000_000:
        x += 1
    return total, i, x


begin = time.perf_counter()
for _ in range(4):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
