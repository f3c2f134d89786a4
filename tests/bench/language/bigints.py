# Big integers: factorials, Fibonacci numbers, modular powers, digits of pi, shifts.
import sys
import time


def factorial(n):
    product = 1
    for i in range(2, n + 1):
        product *= i
    return product


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def pi(digits):
    out = []
    q, r, t, k, n, l = 1, 0, 1, 1, 3, 3
    while len(out) < digits:
        if 4 * q + r - t < n * t:
            out.append(n)
            q, r, n = 10 * q, 10 * (r - n * t), (10 * (3 * q + r)) // t - 10 * n
        else:
            q, r, t, k, n, l = (
                q * k, (2 * q + r) * l, t * l, k + 1, (q * (7 * k + 2) + r * l) // (t * l), l + 2,
            )
    return out


def main():
    product = factorial(2_000)
    fib = fibonacci(20_000)
    digits = pi(500)
    prime = (1 << 127) - 1
    powers = 0
    for i in range(2, 600):
        powers ^= pow(i, prime - 2, prime)
    bits = 0
    for i in range(2_000):
        bits ^= (fib >> i) & ((1 << 200) - 1)
        bits += 1 << (i & 255)
    return product % 1_000_003, len(str(fib)), digits[-5:], powers, bits % 999_983


begin = time.perf_counter()
for _ in range(10):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
