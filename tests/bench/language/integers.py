# Arithmetic on small integers: a linear congruential generator, gcd, bit tricks.
import sys
import time


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def main():
    seed = 12345
    bits = 0
    for _ in range(600_000):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        bits ^= (seed >> 3) | (seed << 2)
        bits &= 0xFFFFFFFF
    common = 0
    for a in range(1, 260):
        for b in range(1, 260):
            common += gcd(a, b)
    digits = 0
    for n in range(100_000):
        while n:
            n, digit = divmod(n, 10)
            digits += digit
    return bits, common, digits


begin = time.perf_counter()
for _ in range(2):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
