# Matrix code with operators, LU decomposition over fractions, numerics and formatting.
import cmath
import math
import operator
import random
import statistics
from decimal import ROUND_HALF_EVEN, Decimal, getcontext, localcontext
from fractions import Fraction
from functools import reduce
from itertools import accumulate, chain, combinations, product


class Matrix:
    __slots__ = ("rows",)
    __hash__ = None

    def __init__(self, rows):
        self.rows = [list(row) for row in rows]
        if len({len(row) for row in self.rows}) > 1:
            raise ValueError("rows differ in length")

    @classmethod
    def identity(cls, n):
        return cls([[int(i == j) for j in range(n)] for i in range(n)])

    @property
    def shape(self):
        return len(self.rows), len(self.rows[0]) if self.rows else 0

    @property
    def T(self):
        return Matrix(zip(*self.rows))

    def __getitem__(self, key):
        match key:
            case (int(i), int(j)):
                return self.rows[i][j]
            case (slice() as i, slice() as j):
                return Matrix(row[j] for row in self.rows[i])
            case int(i):
                return self.rows[i]
        raise TypeError(f"bad index {key!r}")

    def __setitem__(self, key, value):
        i, j = key
        self.rows[i][j] = value

    def __iter__(self):
        return chain.from_iterable(self.rows)

    def __eq__(self, other):
        return self.rows == other.rows if isinstance(other, Matrix) else NotImplemented

    def _zip(self, other, f):
        if not isinstance(other, Matrix):
            return NotImplemented
        return Matrix([f(a, b) for a, b in zip(x, y, strict=True)] for x, y in zip(self.rows, other.rows, strict=True))

    def __add__(self, other):
        return self._zip(other, operator.add)

    def __sub__(self, other):
        return self._zip(other, operator.sub)

    def __mul__(self, k):
        return Matrix([k * a for a in row] for row in self.rows)

    __rmul__ = __mul__

    def __matmul__(self, other):
        columns = list(zip(*other.rows))
        return Matrix([math.sumprod(row, column) for column in columns] for row in self.rows)

    def __pow__(self, n):
        result, base = Matrix.identity(len(self.rows)), self
        while n:
            if n & 1:
                result = result @ base
            base, n = base @ base, n >> 1
        return result

    def lu(self):
        n = len(self.rows)
        L, U, swaps = Matrix.identity(n), Matrix([Fraction(a) for a in row] for row in self.rows), 0
        for k in range(n):
            pivot = max(range(k, n), key=lambda i: abs(U[i, k]))
            if U[pivot, k] == 0:
                raise ZeroDivisionError("singular")
            if pivot != k:
                U.rows[k], U.rows[pivot] = U.rows[pivot], U.rows[k]
                swaps ^= 1
            for i in range(k + 1, n):
                f = L[i, k] = U[i, k] / U[k, k]
                for j in range(k, n):
                    U[i, j] -= f * U[k, j]
        return L, U, -1 if swaps else 1

    def det(self):
        try:
            _, U, sign = self.lu()
        except ZeroDivisionError:
            return 0
        return sign * math.prod(U[i, i] for i in range(len(self.rows)))

    def __format__(self, spec):
        cells = [[format(a, spec) for a in row] for row in self.rows]
        width = max(map(len, chain.from_iterable(cells)), default=0)
        return "\n".join("[" + " ".join(c.rjust(width) for c in row) + "]" for row in cells)

    def __repr__(self):
        return f"Matrix({self.rows!r})"


m = Matrix([[2, 1, 1], [1, 3, 2], [1, 0, 0]])
print(m.shape, m.T, m[0, 1], m[:2, 1:], m[2], m.det(), (m @ m.T), m + m == 2 * m == m * 2)
print(f"{m ** 5}\n{m * 0.5:.2f}")
print(Matrix([[1, 1], [1, 0]]) ** 200 @ Matrix([[1], [0]]))
print(Matrix([[1, 2], [2, 4]]).det(), m - m, list(m))
for bad in (lambda: Matrix([[1], [1, 2]]), lambda: m["x"], lambda: m + 1, lambda: hash(m), lambda: m + Matrix([[1]]), lambda: m.other):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, error)
hilbert = Matrix([[Fraction(1, i + j + 1) for j in range(6)] for i in range(6)])
print(hilbert.det(), float(hilbert.det()), 1 / hilbert.det())
random.seed(5)
data = [random.gauss(10, 3) for _ in range(500)]
print(f"{statistics.fmean(data):.6f} {statistics.stdev(data):.6f} {statistics.median(data):.6f}", random.sample(range(100), 5), random.choices("abc", [5, 3, 1], k=6))
print(statistics.linear_regression([1, 2, 3, 4], [2.1, 3.9, 6.2, 7.8]), statistics.quantiles([1, 2, 3, 4, 5], n=4), statistics.mode("aabbb"))
print(math.isclose(math.fsum([0.1] * 10), 1), math.comb(50, 25), math.gcd(2 ** 100, 6 ** 50), math.isqrt(10 ** 41), math.hypot(3, 4, 12), math.dist((0, 0), (1, 1)))
print(cmath.sqrt(-2), cmath.polar(1 + 1j), cmath.exp(1j * math.pi).real, complex("1-2j") ** 3, abs(3 + 4j))
getcontext().prec = 30
print(Decimal(2).sqrt(), Decimal("1.005").quantize(Decimal("0.01"), ROUND_HALF_EVEN), Decimal(1) / 7, Decimal("1e-5") + 1, Decimal("Infinity"), Decimal("123.4500").normalize())
with localcontext() as context:
    context.prec = 5
    print(Decimal(1) / 3, Decimal("12345.678") + 0, f"{Decimal('1234567.891'):,.2f}")
print(sum(Fraction(1, n) for n in range(1, 20)), Fraction(3.25), Fraction("0.125").limit_denominator(5), round(Fraction(7, 3), 2))
primes = [p for p in range(2, 60) if all(p % d for d in range(2, math.isqrt(p) + 1))]
print(primes, reduce(math.lcm, range(1, 21)), pow(3, -1, 7), pow(2, 10 ** 6, 10 ** 9 + 7))
print([*accumulate(primes[:6], operator.mul)], sum(1 for a, b, c in combinations(range(1, 30), 3) if a * a + b * b == c * c), len(list(product("ab", repeat=3))))
print(f"{12345.6789:,.2f} {0.000012345:.3g} {255:#x} {255:08b} {1e100:.1e} {-7 // 2} {-7 % 3} {7.5 // -2} {divmod(-7, 2)} {round(2.5)} {round(-0.5)} {round(1234.5678, -2)}")

# === stdout
# (3, 3) Matrix([[2, 1, 1], [1, 3, 0], [1, 2, 0]]) 1 Matrix([[1, 1], [3, 2]]) [1, 0, 0] -1 Matrix([[6, 7, 2], [7, 14, 1], [2, 1, 1]]) True
# [305 331 247]
# [499 552 410]
# [ 79  84  63]
# [1.00 0.50 0.50]
# [0.50 1.50 1.00]
# [0.50 0.00 0.00]
# Matrix([[453973694165307953197296969697410619233826], [280571172992510140037611932413038677189525]])
# 0 Matrix([[0, 0, 0], [0, 0, 0], [0, 0, 0]]) [2, 1, 1, 1, 3, 2, 1, 0, 0]
# ValueError rows differ in length
# TypeError bad index 'x'
# TypeError unsupported operand type(s) for +: 'Matrix' and 'int'
# TypeError unhashable type: 'Matrix'
# ValueError zip() argument 2 is shorter than argument 1
# AttributeError 'Matrix' object has no attribute 'other'
# 1/186313420339200000 5.367299887358688e-18 186313420339200000
# 9.987993 3.041583 9.986533 [70, 66, 72, 44, 12] ['b', 'a', 'b', 'a', 'a', 'b']
# LinearRegression(slope=1.94, intercept=0.15000000000000036) [1.5, 3.0, 4.5] b
# True 126410606437752 1125899906842624 316227766016837933199 13.0 1.4142135623730951
# 1.4142135623730951j (1.4142135623730951, 0.7853981633974483) -1.0 (-11+2j) 5.0
# 1.41421356237309504880168872421 1.00 0.142857142857142857142857142857 1.00001 Infinity 123.45
# 0.33333 12346 1,234,567.89
# 275295799/77597520 13/4 1/5 233/100
# [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59] 232792560 5 235042059
# [2, 6, 30, 210, 2310, 30030] 10 8
# 12,345.68 1.23e-05 0xff 11111111 1.0e+100 -4 2 -4.0 (-4, 1) 2 0 1200.0
