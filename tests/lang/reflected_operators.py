# Operator overloading: reflected and in-place forms, NotImplemented, subclass priority, comparisons.
class Money:
    def __init__(self, n):
        self.n = n

    def __repr__(self):
        return f"Money({self.n})"

    def __add__(self, other):
        if isinstance(other, int):
            return Money(self.n + other)
        return NotImplemented

    def __radd__(self, other):
        return Money(other + self.n)

    def __iadd__(self, other):
        self.n += other
        return self

    def __eq__(self, other):
        print("eq", self, other)
        return NotImplemented

    def __lt__(self, other):
        print("lt", self, other)
        return self.n < other.n

    def __neg__(self):
        return Money(-self.n)

    def __pos__(self):
        return self

    def __invert__(self):
        return Money(~self.n)

    def __abs__(self):
        return Money(abs(self.n))

    def __pow__(self, power, modulus=None):
        return ("pow", power, modulus)

    def __divmod__(self, other):
        return "divmod", other

    def __int__(self):
        return self.n

    def __float__(self):
        return float(self.n)

    def __index__(self):
        return self.n

    def __round__(self, digits=None):
        return "round", digits

    def __contains__(self, x):
        return x == "in"

    def __call__(self, *args, **kwargs):
        return args, kwargs


m = Money(5)
print(m + 1, 1 + m, sum([m, m, 1], 0) if False else 2 + m)
try:
    m + "x"
except TypeError as error:
    print(error)
m += 3
print(m)
print(m == 3, m != 3)
print(m < Money(9), Money(9) > m)
try:
    m <= 3
except TypeError as error:
    print(error)
print(-m, +m, ~m, abs(Money(-2)), m ** 2, pow(m, 2, 3), divmod(m, 4))
print(int(m), float(m), [0, 1, 2, 3, 4, 5, 6, 7, 8][m], hex(m), round(m), round(m, 2), "in" in m, 1 in m, m(1, a=2))
print(bin(m), range(m), "x" * Money(2))


class A:
    def __add__(self, other):
        return "A.add"

    def __sub__(self, other):
        return NotImplemented


class B(A):
    def __radd__(self, other):
        return "B.radd"

    def __rsub__(self, other):
        return "B.rsub"


print(A() + B(), B() + A(), A() + A(), A() - B())
try:
    A() - A()
except TypeError as error:
    print(error)
try:
    A() - 1
except TypeError as error:
    print(error)


class Always:
    def __eq__(self, other):
        return "equal"

    __hash__ = None


print(Always() == 1, 1 == Always(), [Always()] == [1], Always() != 1)
try:
    hash(Always())
except TypeError as error:
    print(error)


class Odd:
    def __bool__(self):
        return 3


try:
    bool(Odd())
except TypeError as error:
    print(error)


class Sized:
    def __len__(self):
        return -1


for what in bool, len:
    try:
        what(Sized())
    except ValueError as error:
        print(error)

# === stdout
# Money(6) Money(6) Money(7)
# unsupported operand type(s) for +: 'Money' and 'str'
# Money(8)
# eq Money(8) 3
# eq Money(8) 3
# False True
# lt Money(8) Money(9)
# lt Money(8) Money(9)
# True True
# '<=' not supported between instances of 'Money' and 'int'
# Money(-8) Money(8) Money(-9) Money(2) ('pow', 2, None) ('pow', 2, 3) ('divmod', 4)
# 8 8.0 8 0x8 ('round', None) ('round', 2) True False ((1,), {'a': 2})
# 0b1000 range(0, 8) xx
# B.radd A.add A.add B.rsub
# unsupported operand type(s) for -: 'A' and 'A'
# unsupported operand type(s) for -: 'A' and 'int'
# equal equal True False
# unhashable type: 'Always'
# __bool__ should return bool, returned int
# __len__() should return >= 0
# __len__() should return >= 0
