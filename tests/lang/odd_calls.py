# Calls with arguments that nobody has in mind.
import itertools
import operator
import sys
import types

# Functions made of the code of modules and classes: their namespace is that of their globals.
code = compile("x = 1\nprint(x, sorted(n for n in globals() if n != '__builtins__'))", "f", "exec")
namespace = {}
function = types.FunctionType(code, namespace)
print(function(), function(), namespace["x"])
for args, named in (((1,), {}), ((), {"x": 1})):
    try:
        function(*args, **named)
    except TypeError as error:
        print(error)


def replaced(a, b=2):
    return a


replaced.__code__ = compile("x = x", "f", "exec")
x = 5
print(replaced(), x, list(map(lambda _: replaced(), [1])), operator.call(replaced))
body = next(c for c in compile("class A:\n    v = 3\n    def f(self): return __class__", "f", "exec").co_consts if isinstance(c, types.CodeType))
cells = tuple(types.CellType() for _ in body.co_freevars)
namespace = {"__name__": "n"}
types.FunctionType(body, namespace, closure=cells)()
print(sorted(n for n in namespace if not n.startswith("__class")))
expression = types.FunctionType(compile("x + y", "f", "eval"), {"x": 1, "y": 2})
print(expression(), [expression() for _ in range(100)][-1])

# Hints that are no small integers.
print(operator.length_hint(1, sys.maxsize), operator.length_hint(iter([1]), sys.maxsize), operator.length_hint(object(), 1 << 51))

# What is no whitespace in numbers, though it is for str.
for text in ("\x1c1", "1\x1f", "\x1c\u0661", "\u0661\x1e", "\x85 1\x85", "\u30001\u2029", "\xa0\u0661\u0662 "):
    for kind in (int, float, complex):
        try:
            print(ascii(text), kind(text))
        except ValueError as error:
            print(ascii(error))
print(repr("\x1c1\x1f".strip()), "a\x1db".split())

# Too much to ask for.
try:
    itertools.combinations_with_replacement("abc", 1 << 50)
except MemoryError:
    print("MemoryError")

# Descriptors of a class that has been replaced.
for value in (1, int, "a"):
    try:
        sys._clear_type_descriptors(value)
    except TypeError as error:
        print(error)


class Old:
    pass


old = Old()
old.a = 1
print([n in vars(Old) for n in ("__dict__", "__weakref__")], sys._clear_type_descriptors(Old), [n in vars(Old) for n in ("__dict__", "__weakref__")])
old.b = 2
print(old.a, old.b)
for name in ("__dict__", "__weakref__"):
    try:
        print(getattr(old, name))
    except AttributeError as error:
        print(error)


# Code of another kind.
import warnings


def plain():
    return 1


def generator():
    yield 1


warnings.simplefilter("error")
for code in (plain.__code__, generator.__code__):
    try:
        plain.__code__ = code
    except DeprecationWarning as error:
        print(error)
print(plain())

# === stdout
# 1 ['x']
# 1 ['x']
# None None 1
# <module>() takes 0 positional arguments but 1 was given
# <module>() got an unexpected keyword argument 'x'
# None 5 [None] None
# ['__firstlineno__', '__module__', '__name__', '__qualname__', '__static_attributes__', 'f', 'v']
# 3 3
# 9223372036854775807 1 2251799813685248
# ValueError("invalid literal for int() with base 10: '\\x1c1'")
# ValueError("could not convert string to float: '\\x1c1'")
# ValueError('complex() arg is a malformed string')
# ValueError("invalid literal for int() with base 10: '1\\x1f'")
# ValueError("could not convert string to float: '1\\x1f'")
# ValueError('complex() arg is a malformed string')
# ValueError("invalid literal for int() with base 10: '\\x1c\u0661'")
# ValueError("could not convert string to float: '\\x1c\u0661'")
# ValueError('complex() arg is a malformed string')
# ValueError("invalid literal for int() with base 10: '\u0661\\x1e'")
# ValueError("could not convert string to float: '\u0661\\x1e'")
# ValueError('complex() arg is a malformed string')
# '\x85 1\x85' 1
# '\x85 1\x85' 1.0
# '\x85 1\x85' (1+0j)
# '\u30001\u2029' 1
# '\u30001\u2029' 1.0
# '\u30001\u2029' (1+0j)
# '\xa0\u0661\u0662 ' 12
# '\xa0\u0661\u0662 ' 12.0
# '\xa0\u0661\u0662 ' (12+0j)
# '1' ['a', 'b']
# MemoryError
# _clear_type_descriptors() argument must be type, not int
# argument is immutable
# _clear_type_descriptors() argument must be type, not str
# [True, True] None [False, False]
# 1 2
# 'Old' object has no attribute '__dict__'
# 'Old' object has no attribute '__weakref__'
# Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)
# 1
