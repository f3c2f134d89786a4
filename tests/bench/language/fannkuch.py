# Pancake flips over all permutations: list slices and integer loops.
import sys
import time


def fannkuch(n):
    current = list(range(n))
    counts = [0] * n
    checksum = most = 0
    sign = 1
    while True:
        if current[0]:
            flipped = current[:]
            flips = 0
            while first := flipped[0]:
                flipped[:first + 1] = flipped[first::-1]
                flips += 1
            most = max(most, flips)
            checksum += sign * flips
        if sign == 1:
            current[0], current[1] = current[1], current[0]
            sign = -1
        else:
            current[1], current[2] = current[2], current[1]
            sign = 1
            i = 2
            while True:
                counts[i] += 1
                if counts[i] <= i:
                    break
                counts[i] = 0
                i += 1
                if i == n:
                    return checksum, most
                current.insert(i, current.pop(0))


def main():
    return fannkuch(8), fannkuch(7)


begin = time.perf_counter()
for _ in range(10):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
