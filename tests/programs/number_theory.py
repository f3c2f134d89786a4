# Big integers at work: primality, factoring, RSA, continued fractions, digits of pi and e, bases, bit tricks.
import math
import random
from collections import Counter
from fractions import Fraction
from functools import cache, reduce
from itertools import count, islice, takewhile


def is_prime(n, bases=(2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
    if n < 2 or any(n % p == 0 for p in bases):
        return n in bases
    r = ((n - 1) & -(n - 1)).bit_length() - 1
    d = (n - 1) >> r
    for a in bases:
        x = pow(a, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(r - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def rho(n, rng):
    if n % 2 == 0:
        return 2
    while True:
        c, x = rng.randrange(1, n), rng.randrange(n)
        y, d = x, 1
        while d == 1:
            x = (x * x + c) % n
            y = (y * y + c) % n
            y = (y * y + c) % n
            d = math.gcd(abs(x - y), n)
        if d != n:
            return d


def factor(n, rng=random.Random(7)):
    found, todo = Counter(), [n]
    while todo:
        m = todo.pop()
        if m == 1:
            continue
        if is_prime(m):
            found[m] += 1
        else:
            d = rho(m, rng)
            todo += [d, m // d]
    return dict(sorted(found.items()))


def next_prime(n):
    return next(p for p in count(n | 1, 2) if is_prime(p))


class RSA:
    def __init__(self, p, q, e=65537):
        self.n, self.e = p * q, e
        self.d = pow(e, -1, math.lcm(p - 1, q - 1))

    def encrypt(self, text):
        return pow(int.from_bytes(text.encode(), "big"), self.e, self.n)

    def decrypt(self, c):
        m = pow(c, self.d, self.n)
        return m.to_bytes((m.bit_length() + 7) // 8, "big").decode()


def pi_digits():
    q, r, t, k, n, m = 1, 0, 1, 1, 3, 3
    while True:
        if 4 * q + r - t < n * t:
            yield n
            q, r, n = 10 * q, 10 * (r - n * t), 10 * (3 * q + r) // t - 10 * n
        else:
            q, r, t, k, m, n = q * k, (2 * q + r) * m, t * m, k + 1, m + 2, (q * (7 * k + 2) + r * m) // (t * m)


def continued(x):
    while True:
        whole = math.floor(x)
        yield whole
        if x == whole:
            return
        x = 1 / (x - whole)


def convergents(terms):
    h, k, h1, k1 = 1, 0, 0, 1
    for a in terms:
        h, k, h1, k1 = a * h + h1, a * k + k1, h, k
        yield Fraction(h, k)


def to_base(n, base, digits="0123456789abcdefghijklmnopqrstuvwxyz"):
    if n < 0:
        return "-" + to_base(-n, base)
    out = ""
    while True:
        n, d = divmod(n, base)
        out = digits[d] + out
        if not n:
            return out


@cache
def partitions(n):
    if n < 0:
        return 0
    if n == 0:
        return 1
    total, k = 0, 1
    while (p := k * (3 * k - 1) // 2) <= n:
        sign = 1 if k % 2 else -1
        total += sign * (partitions(n - p) + partitions(n - p - k))
        k += 1
    return total


print([n for n in range(60) if is_prime(n)], is_prime(2**127 - 1), is_prime(2**128 + 1), next_prime(10**30) - 10**30)
for n in (360, 2**32 + 1, 600851475143, 10**18 + 9 * 10**9, 999983 * 1000003):
    factors = factor(n)
    print(n, factors, math.prod(p**e for p, e in factors.items()) == n)
key = RSA(next_prime(10**40), next_prime(3 * 10**40))
secret = key.encrypt("attack at dawn é")
print(secret, key.decrypt(secret), key.d.bit_length())
print("".join(map(str, islice(pi_digits(), 60))))
e = sum(Fraction(1, math.factorial(n)) for n in range(40))
print(str(e.numerator * 10**40 // e.denominator), list(takewhile(lambda a: a < 10, continued(e)))[:12])
golden = list(islice(convergents([1] * 30), 30))
print(golden[-1], [str(c) for c in convergents([3, 7, 15, 1])], math.isclose(golden[-1], (1 + 5**0.5) / 2))
print([to_base(-255, b) for b in (2, 3, 16, 36)], int("-zz", 36), int("0b1_01", 0), f"{2**70:_} {10**20:,} {-3**40:x} {2**64:e}")
print(partitions(100), partitions(200), reduce(math.gcd, [2**60, 6**30, 10**20]), math.comb(200, 100) % 10**9 + 7)
n = 3**200
print(n.bit_count(), n.bit_length(), n >> 300, n & 0xFFFF, ~n % 1000, -n // 7**50, n % -(10**9), n ^ (n >> 1) == 0, hash(n), (-n) >> 310)
print(divmod(-(10**25), 3**20), pow(3, 10**18, 10**9 + 7), math.isqrt(2 * 10**60), round(10**25, -24), int(1e22), float(10**22), 10**400 // 10**399)
print(sum(divmod(i, 7)[1] for i in range(10**4)), int.from_bytes(bytes(range(12)), "little", signed=True), (-300).to_bytes(3, "big", signed=True), len(str(7**3000)))
for bad in (lambda: pow(2, -1, 4), lambda: (300).to_bytes(1, "big"), lambda: 1 << -1, lambda: int("12x"), lambda: 10**400 * 1.0, lambda: math.isqrt(-1), lambda: int("9" * 5000)):
    try:
        print(bad())
    except (ValueError, OverflowError) as error:
        print(type(error).__name__, str(error)[:70])

# === stdout
# [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59] True False 57
# 360 {2: 3, 3: 2, 5: 1} True
# 4294967297 {641: 1, 6700417: 1} True
# 600851475143 {71: 1, 839: 1, 1471: 1, 6857: 1} True
# 1000000009000000000 {2: 9, 5: 9, 1000000009: 1} True
# 999985999949 {999983: 1, 1000003: 1} True
# 66811241751300783429116980021140371448073816723747075177537950362083544851963318 attack at dawn é 264
# 314159265358979323846264338327950288419716939937510582097494
# 27182818284590452353602874713526624977572 [2, 1, 2, 1, 1, 4, 1, 1, 6, 1, 1, 8]
# 1346269/832040 ['3', '22/7', '333/106', '355/113'] True
# ['-11111111', '-100110', '-ff', '-73'] -1295 5 1_180_591_620_717_411_303_424 100,000,000,000,000,000,000 -a8b8b452291fe821 1.844674e+19
# 190569292 3972999029388 1048576 336841327
# 178 317 130392 45217 998 -147689269781346654697366079240021362541982658661987021 -300955999 False 424410663027747676 -128
# (-2867971990792442, 2394297242) 246336683 1414213562373095048801688724209 10000000000000000000000000 10000000000000000000000 1e+22 10
# 29994 3416467015609337987117220096 b'\xff\xfe\xd4' 2536
# ValueError base is not invertible for the given modulus
# OverflowError int too big to convert
# ValueError negative shift count
# ValueError invalid literal for int() with base 10: '12x'
# OverflowError int too large to convert to float
# ValueError isqrt() argument must be nonnegative
# ValueError Exceeds the limit (4300 digits) for integer string conversion: value h
