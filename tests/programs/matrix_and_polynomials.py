# Numeric classes with full operator sets: fractions, polynomials, matrices; exact results.
from fractions import Fraction
from functools import reduce
from itertools import zip_longest
from math import gcd


class Polynomial:
    __slots__ = ("c",)

    def __init__(self, *coefficients):
        c = list(coefficients)
        while c and c[-1] == 0:
            c.pop()
        self.c = tuple(c)

    def __add__(self, other):
        other = self._lift(other)
        return Polynomial(*(a + b for a, b in zip_longest(self.c, other.c, fillvalue=0)))

    __radd__ = __add__

    def __neg__(self):
        return Polynomial(*(-a for a in self.c))

    def __sub__(self, other):
        return self + -self._lift(other)

    def __rsub__(self, other):
        return self._lift(other) - self

    def __mul__(self, other):
        other = self._lift(other)
        out = [0] * (len(self.c) + len(other.c))
        for i, a in enumerate(self.c):
            for j, b in enumerate(other.c):
                out[i + j] += a * b
        return Polynomial(*out)

    __rmul__ = __mul__

    def __pow__(self, n):
        return reduce(lambda a, b: a * b, [self] * n, Polynomial(1))

    def __divmod__(self, other):
        rest, quotient = list(self.c), [Fraction(0)] * max(len(self.c) - len(other.c) + 1, 1)
        for shift in range(len(self.c) - len(other.c), -1, -1):
            quotient[shift] = factor = Fraction(rest[shift + len(other.c) - 1]) / other.c[-1]
            for i, b in enumerate(other.c):
                rest[shift + i] -= factor * b
        return Polynomial(*quotient), Polynomial(*rest[: len(other.c) - 1])

    def __floordiv__(self, other):
        return divmod(self, other)[0]

    def __mod__(self, other):
        return divmod(self, other)[1]

    def __call__(self, x):
        return reduce(lambda acc, a: acc * x + a, reversed(self.c), 0)

    def __eq__(self, other):
        return self.c == self._lift(other).c

    def __hash__(self):
        return hash(self.c)

    @staticmethod
    def _lift(x):
        return x if isinstance(x, Polynomial) else Polynomial(x)

    def derivative(self):
        return Polynomial(*(i * a for i, a in enumerate(self.c))) if not self.c else Polynomial(*(i * a for i, a in enumerate(self.c) if i))

    def __str__(self):
        parts = []
        for i, a in reversed(list(enumerate(self.c))):
            if a:
                sign = "-" if a < 0 else "+"
                size = "" if abs(a) == 1 and i else str(abs(a))
                parts.append(f"{sign} {size}{'' if not i else 'x' if i == 1 else f'x^{i}'}")
        return " ".join(parts).removeprefix("+ ") or "0"


class Matrix:
    def __init__(self, rows):
        self.rows = [list(r) for r in rows]

    def __matmul__(self, other):
        return Matrix([[sum(a * b for a, b in zip(row, column)) for column in zip(*other.rows)] for row in self.rows])

    def __getitem__(self, index):
        match index:
            case (r, c):
                return self.rows[r][c]
            case int(r):
                return self.rows[r]
            case slice() as s:
                return Matrix(self.rows[s])

    def __pow__(self, n):
        result = Matrix([[int(i == j) for j in range(len(self.rows))] for i in range(len(self.rows))])
        base = self
        while n:
            if n & 1:
                result @= base
            base @= base
            n >>= 1
        return result

    @property
    def determinant(self):
        m, sign, product = [[Fraction(x) for x in r] for r in self.rows], 1, Fraction(1)
        for i in range(len(m)):
            pivot = next((r for r in range(i, len(m)) if m[r][i]), None)
            if pivot is None:
                return Fraction(0)
            if pivot != i:
                m[i], m[pivot], sign = m[pivot], m[i], -sign
            product *= m[i][i]
            for r in range(i + 1, len(m)):
                factor = m[r][i] / m[i][i]
                m[r] = [a - factor * b for a, b in zip(m[r], m[i])]
        return sign * product

    def transposed(self):
        return Matrix(zip(*self.rows))

    def __repr__(self):
        return f"Matrix({self.rows})"


x = Polynomial(0, 1)
p = (x + 1) ** 3 - 2 * x
print(p, "|", p * (x - 1), "|", p.derivative(), "|", p(3), "|", divmod(p, x - 2)[0], "|", p % (x - 2), "|", 5 - x, "|", x - x, "|", p == (x + 1) ** 3 - 2 * x, len({p, p * 1}))
fib = Matrix([[1, 1], [1, 0]]) ** 90
print(fib[0, 1], fib[0], fib.transposed()[0], Matrix([[2, 0, 1], [1, 3, 2], [1, 1, 1]]).determinant, Matrix([[1, 2], [2, 4]]).determinant, fib[:1])
print(Fraction(3, 4) + Fraction("1/6"), Fraction(0.5), Fraction(1, 3) ** -2, sum(Fraction(1, n) for n in range(1, 11)), float(Fraction(22, 7)), reduce(gcd, [84, 126, 210]), Fraction(7, 2) // 1, Fraction(-7, 2) % 2, round(Fraction(7, 2)), Fraction(1, 3).limit_denominator(2))

# === stdout
# x^3 + 3x^2 + x + 1 | x^4 + 2x^3 - 2x^2 - 1 | 3x^2 + 6x + 1 | 58 | x^2 + 5x + 11 | 23 | - x + 5 | 0 | True 1
# 2880067194370816120 [4660046610375530309, 2880067194370816120] [4660046610375530309, 2880067194370816120] 0 0 Matrix([[4660046610375530309, 2880067194370816120]])
# 11/12 1/2 9 7381/2520 3.142857142857143 42 3 1/2 4 1/2
