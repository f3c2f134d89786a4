# Operators, their precedence, and what each gives on the built-in types.
print(2 + 3 * 4 ** 2 / 8 - 1, -2 ** 2, (-2) ** 2, 2 ** -1, 2 ** 3 ** 2)
print(7 // 2, -7 // 2, 7 // -2, 7 % 3, -7 % 3, 7 % -3, divmod(-7, 3), -7.5 // 2, -7.5 % 2, 7.5 % -2)
print(1 << 10, 1023 >> 3, 6 & 3, 6 | 3, 6 ^ 3, ~6, -1 >> 5)
print(not True, not 0, not "", 1 and 2, 0 and 2, 1 or 2, 0 or "", None or [] or "end")
print(1 < 2 < 3, 1 < 3 < 2, 1 == 1.0 == True, 3 > 2 != 2, None is not print)
print("a" in "cat", 1 in [1, 2], 3 not in {1, 2}, "k" in {"k": 1}, (1,) in [(1,)])
print([1] + [2], (1,) * 3, "ab" * 2, 3 * [0], b"x" * 3, [1, 2] == [1, 2], [1, 2] < [1, 3], (1, 2) < (1, 2, 0))
print("a" < "b", "a" < "B", "" < "a", "abc" > "abd", {1, 2} <= {1, 2, 3}, {1} < {1}, {1} ^ {2}, {1: 2} | {3: 4})
print(True + True, True * 5, 10 * False, 3 - True, +True, -True, ~5)
print("yes" if 3 > 2 else "no", (lambda: "lazy" if 0 else "other")())
print(1e308 * 10, -1e308 * 10, 0.1 + 0.2, 1 / 3, 2.0 ** 0.5, 10 ** 20, 10 ** -2, 0.0 == -0.0, 1_000_000, 0xFF, 0o17, 0b101)
print(1j * 1j, (1 + 2j) * (3 - 1j), abs(3 + 4j), (1 + 2j).conjugate(), 1 / 2j, (2j) ** 2)
print(float("nan") == float("nan"), float("inf") > 10 ** 400, 2 ** 53 == 2.0 ** 53, 2 ** 53 + 1 == float(2 ** 53))


class Matrix:
    def __matmul__(self, other):
        return f"matmul {other}"

    def __rmatmul__(self, other):
        return f"rmatmul {other}"

    def __imatmul__(self, other):
        return f"imatmul {other}"


m = Matrix()
print(m @ 1, 1 @ m)
m @= 3
print(m)
for source in (
    "1 + 'a'", "'a' + 1", "[] + ()", "1 < 'a'", "None < 1", "-'a'", "~1.5", "1 / 0", "1 // 0", "1 % 0", "1.0 / 0", "1.0 // 0",
    "1.0 % 0", "0 ** -1", "1 << -1", "1 @ 2", "{} < {}", "len(3)", "(lambda f: f())(3)", "(lambda x: x[0])(3)", "(lambda x: x['b'])('a')", "[1][5]", "{}['x']", "3 in 4",
    "'a' * 'b'", "[1] * 1.5", "{1} + {2}", "{1: 2} - {}", "1j < 2j", "1j // 2", "divmod(1, 0)", "(1).x", "None.x", "int.y", "1 if x else 2",
    "'%d' % 'a'", "'%s %s' % 1", "'%s' % (1, 2)", "[][0] + 1", "(1, 2)[2]", "{[]}", "{{}: 1}", "hash([])", "'abc'.foo", "1 .real()",
):
    try:
        print(source, "=", eval(source))
    except Exception as error:
        print(source, "->", type(error).__name__ + ":", error)

# === stdout
# 7.0 -4 4 0.5 512
# 3 -4 -4 1 2 -2 (-3, 2) -4.0 0.5 -0.5
# 1024 127 2 7 5 -7 -1
# False True True 2 0 1  end
# True False True False True
# True True True True True
# [1, 2] (1, 1, 1) abab [0, 0, 0] b'xxx' True True True
# True False True False True False {1, 2} {1: 2, 3: 4}
# 2 5 0 2 1 -1 -6
# yes other
# inf -inf 0.30000000000000004 0.3333333333333333 1.4142135623730951 100000000000000000000 0.01 True 1000000 255 15 5
# (-1+0j) (5+5j) 5.0 (1-2j) -0.5j (-4+0j)
# False True True False
# matmul 1 rmatmul 1
# imatmul 3
# 1 + 'a' -> TypeError: unsupported operand type(s) for +: 'int' and 'str'
# 'a' + 1 -> TypeError: can only concatenate str (not "int") to str
# [] + () -> TypeError: can only concatenate list (not "tuple") to list
# 1 < 'a' -> TypeError: '<' not supported between instances of 'int' and 'str'
# None < 1 -> TypeError: '<' not supported between instances of 'NoneType' and 'int'
# -'a' -> TypeError: bad operand type for unary -: 'str'
# ~1.5 -> TypeError: bad operand type for unary ~: 'float'
# 1 / 0 -> ZeroDivisionError: division by zero
# 1 // 0 -> ZeroDivisionError: division by zero
# 1 % 0 -> ZeroDivisionError: division by zero
# 1.0 / 0 -> ZeroDivisionError: division by zero
# 1.0 // 0 -> ZeroDivisionError: division by zero
# 1.0 % 0 -> ZeroDivisionError: division by zero
# 0 ** -1 -> ZeroDivisionError: zero to a negative power
# 1 << -1 -> ValueError: negative shift count
# 1 @ 2 -> TypeError: unsupported operand type(s) for @: 'int' and 'int'
# {} < {} -> TypeError: '<' not supported between instances of 'dict' and 'dict'
# len(3) -> TypeError: object of type 'int' has no len()
# (lambda f: f())(3) -> TypeError: 'int' object is not callable
# (lambda x: x[0])(3) -> TypeError: 'int' object is not subscriptable
# (lambda x: x['b'])('a') -> TypeError: string indices must be integers, not 'str'
# [1][5] -> IndexError: list index out of range
# {}['x'] -> KeyError: 'x'
# 3 in 4 -> TypeError: argument of type 'int' is not a container or iterable
# 'a' * 'b' -> TypeError: can't multiply sequence by non-int of type 'str'
# [1] * 1.5 -> TypeError: can't multiply sequence by non-int of type 'float'
# {1} + {2} -> TypeError: unsupported operand type(s) for +: 'set' and 'set'
# {1: 2} - {} -> TypeError: unsupported operand type(s) for -: 'dict' and 'dict'
# 1j < 2j -> TypeError: '<' not supported between instances of 'complex' and 'complex'
# 1j // 2 -> TypeError: unsupported operand type(s) for //: 'complex' and 'int'
# divmod(1, 0) -> ZeroDivisionError: division by zero
# (1).x -> AttributeError: 'int' object has no attribute 'x'
# None.x -> AttributeError: 'NoneType' object has no attribute 'x'
# int.y -> AttributeError: type object 'int' has no attribute 'y'
# 1 if x else 2 -> NameError: name 'x' is not defined
# '%d' % 'a' -> TypeError: %d format: a real number is required, not str
# '%s %s' % 1 -> TypeError: not enough arguments for format string
# '%s' % (1, 2) -> TypeError: not all arguments converted during string formatting
# [][0] + 1 -> IndexError: list index out of range
# (1, 2)[2] -> IndexError: tuple index out of range
# {[]} -> TypeError: cannot use 'list' as a set element (unhashable type: 'list')
# {{}: 1} -> TypeError: cannot use 'dict' as a dict key (unhashable type: 'dict')
# hash([]) -> TypeError: unhashable type: 'list'
# 'abc'.foo -> AttributeError: 'str' object has no attribute 'foo'
# 1 .real() -> TypeError: 'int' object is not callable
