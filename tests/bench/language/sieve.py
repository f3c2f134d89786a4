# The sieve of Eratosthenes over lists and bytearrays, and trial division.
import sys
import time


def sieve(n):
    flags = [True] * (n + 1)
    flags[0] = flags[1] = False
    i = 2
    while i * i <= n:
        if flags[i]:
            for j in range(i * i, n + 1, i):
                flags[j] = False
        i += 1
    return [i for i, flag in enumerate(flags) if flag]


def sieve_bytes(n):
    flags = bytearray([1]) * (n + 1)
    flags[0] = flags[1] = 0
    for i in range(2, int(n**0.5) + 1):
        if flags[i]:
            for j in range(i * i, n + 1, i):
                flags[j] = 0
    return sum(flags)


def trial(n):
    primes = []
    for i in range(2, n):
        for p in primes:
            if p * p > i:
                primes.append(i)
                break
            if i % p == 0:
                break
        else:
            primes.append(i)
    return len(primes)


def main():
    return len(sieve(900_000)), sieve_bytes(900_000), trial(50_000)


begin = time.perf_counter()
for _ in range(3):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
