# The carets under each kind of expression that can fail.
import sys


class N:
    def __getattr__(self, name):
        raise AttributeError(name)


def show(f, *args):
    try:
        f(*args)
    except Exception as error:
        error.__traceback__ = error.__traceback__.tb_next
        sys.excepthook(type(error), error, error.__traceback__)


def binary(a, b):
    return 1 + a / b - 2


def call(f):
    return print(f(1, 2), 3)


def call_no_arguments(f):
    x = f()
    return x


def method(o):
    return o.missing.other(1)


def subscript(d):
    return d["a"]["b"] + d["z"]


def compare(a, b):
    return a < b == 3


def unary(a):
    return -a


def attribute(o):
    o.first.second = 5


def store(t):
    t[0] = 1


def multi(a, b):
    return (
        a
        + b
    )


def long_call(f):
    return f(
        1,
        2,
    )


def unpack(x):
    a, b = x


def star(x):
    print(*x)


def loop(x):
    for i in x:
        pass


def comprehension(x):
    return [1 / i for i in x]


def generator(x):
    return sum(1 / i for i in x)


def with_it(x):
    with x:
        pass


def raising():
    raise ValueError("explicit")


def asserting(x):
    assert x > 5, f"{x} is small"


def deleting(d):
    del d["k"]


def augmented(x):
    x += "a"


def importing():
    import nowhere_to_be_found


def unicode(a):
    return "é日本" + a + "é"


def lambdas():
    return (lambda x: x.y)(1)


def chained(a):
    return a.upper().strip().nothing().more()


def nested_call(a):
    return str(len(str(a / 0)))


def formatted(a):
    return f"value {a + 1} and {a.x}"


def conditional(a):
    return 1 if a.b else 2


def keyword(f):
    return f(a=1, b=2)


def global_name():
    return not_defined + 1


def slice_it(a):
    return a[1:2:0]


def yield_it():
    return list((yield_error(),))


def yield_error():
    raise KeyError("deep")


def matmul(a, b):
    return a @ b


def in_operator(a, b):
    return a in b


def decorator():
    @5
    def f():
        pass


def class_body():
    class C:
        x = 1 / 0


def tabs(a):
	return a	+	1


show(binary, 1, 0)
show(call, len)
show(call_no_arguments, len)
show(method, N())
show(subscript, {"a": {}})
show(subscript, {"a": {"b": 1}})
show(compare, 1, "x")
show(unary, "x")
show(attribute, N())
show(store, ())
show(multi, 1, "x")
show(long_call, len)
show(unpack, [1])
show(star, 5)
show(loop, 5)
show(comprehension, [1, 0])
show(generator, [1, 0])
show(with_it, 5)
show(raising)
show(asserting, 3)
show(deleting, {})
show(augmented, 1)
show(importing)
show(unicode, 1)
show(lambdas)
show(chained, "a")
show(nested_call, 1)
show(formatted, 1)
show(conditional, 1)
show(keyword, lambda: 0)
show(global_name)
show(slice_it, [1])
show(yield_it)
show(matmul, 1, 2)
show(in_operator, 1, 2)
show(decorator)
show(class_body)
show(tabs, "x")

# === stderr
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 19, in binary
#     return 1 + a / b - 2
#                ~~^~~
# ZeroDivisionError: division by zero
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 23, in call
#     return print(f(1, 2), 3)
#                  ~^^^^^^
# TypeError: len() takes exactly one argument (2 given)
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 27, in call_no_arguments
#     x = f()
# TypeError: len() takes exactly one argument (0 given)
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 32, in method
#     return o.missing.other(1)
#            ^^^^^^^^^
#   File "$DIR/lang/uncaught_caret_forms.py", line 7, in __getattr__
#     raise AttributeError(name)
# AttributeError: missing
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 36, in subscript
#     return d["a"]["b"] + d["z"]
#            ~~~~~~^^^^^
# KeyError: 'b'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 36, in subscript
#     return d["a"]["b"] + d["z"]
#                          ~^^^^^
# KeyError: 'z'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 40, in compare
#     return a < b == 3
#            ^^^^^^^^^^
# TypeError: '<' not supported between instances of 'int' and 'str'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 44, in unary
#     return -a
#            ^^
# TypeError: bad operand type for unary -: 'str'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 48, in attribute
#     o.first.second = 5
#     ^^^^^^^
#   File "$DIR/lang/uncaught_caret_forms.py", line 7, in __getattr__
#     raise AttributeError(name)
# AttributeError: first
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 52, in store
#     t[0] = 1
#     ~^^^
# TypeError: 'tuple' object does not support item assignment
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 57, in multi
#     a
#     ~
#     + b
#     ^~~
# TypeError: unsupported operand type(s) for +: 'int' and 'str'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 63, in long_call
#     return f(
#         1,
#         2,
#     )
# TypeError: len() takes exactly one argument (2 given)
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 70, in unpack
#     a, b = x
#     ^^^^
# ValueError: not enough values to unpack (expected 2, got 1)
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 74, in star
#     print(*x)
#     ~~~~~^^^^
# TypeError: print() argument after * must be an iterable, not int
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 78, in loop
#     for i in x:
#              ^
# TypeError: 'int' object is not iterable
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 83, in comprehension
#     return [1 / i for i in x]
#             ~~^~~
# ZeroDivisionError: division by zero
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 87, in generator
#     return sum(1 / i for i in x)
#   File "$DIR/lang/uncaught_caret_forms.py", line 87, in <genexpr>
#     return sum(1 / i for i in x)
#                ~~^~~
# ZeroDivisionError: division by zero
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 91, in with_it
#     with x:
#          ^
# TypeError: 'int' object does not support the context manager protocol (missed __exit__ method)
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 96, in raising
#     raise ValueError("explicit")
# ValueError: explicit
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 100, in asserting
#     assert x > 5, f"{x} is small"
#            ^^^^^
# AssertionError: 3 is small
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 104, in deleting
#     del d["k"]
#         ~^^^^^
# KeyError: 'k'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 108, in augmented
#     x += "a"
# TypeError: unsupported operand type(s) for +=: 'int' and 'str'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 112, in importing
#     import nowhere_to_be_found
# ModuleNotFoundError: No module named 'nowhere_to_be_found'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 116, in unicode
#     return "é日本" + a + "é"
#            ~~~~~~~~^~~
# TypeError: can only concatenate str (not "int") to str
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 120, in lambdas
#     return (lambda x: x.y)(1)
#            ~~~~~~~~~~~~~~~^^^
#   File "$DIR/lang/uncaught_caret_forms.py", line 120, in <lambda>
#     return (lambda x: x.y)(1)
#                       ^^^
# AttributeError: 'int' object has no attribute 'y'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 124, in chained
#     return a.upper().strip().nothing().more()
#            ^^^^^^^^^^^^^^^^^^^^^^^^^
# AttributeError: 'str' object has no attribute 'nothing'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 128, in nested_call
#     return str(len(str(a / 0)))
#                        ~~^~~
# ZeroDivisionError: division by zero
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 132, in formatted
#     return f"value {a + 1} and {a.x}"
#                                 ^^^
# AttributeError: 'int' object has no attribute 'x'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 136, in conditional
#     return 1 if a.b else 2
#                 ^^^
# AttributeError: 'int' object has no attribute 'b'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 140, in keyword
#     return f(a=1, b=2)
# TypeError: <lambda>() got an unexpected keyword argument 'a'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 144, in global_name
#     return not_defined + 1
#            ^^^^^^^^^^^
# NameError: name 'not_defined' is not defined
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 148, in slice_it
#     return a[1:2:0]
#            ~^^^^^^^
# ValueError: slice step cannot be zero
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 152, in yield_it
#     return list((yield_error(),))
#                  ~~~~~~~~~~~^^
#   File "$DIR/lang/uncaught_caret_forms.py", line 156, in yield_error
#     raise KeyError("deep")
# KeyError: 'deep'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 160, in matmul
#     return a @ b
#            ~~^~~
# TypeError: unsupported operand type(s) for @: 'int' and 'int'
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 164, in in_operator
#     return a in b
#            ^^^^^^
# TypeError: argument of type 'int' is not a container or iterable
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 168, in decorator
#     @5
#      ^
# TypeError: 'int' object is not callable
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 174, in class_body
#     class C:
#         x = 1 / 0
#   File "$DIR/lang/uncaught_caret_forms.py", line 175, in C
#     x = 1 / 0
#         ~~^~~
# ZeroDivisionError: division by zero
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_caret_forms.py", line 179, in tabs
#     return a	+	1
#            ~~^~~
# TypeError: can only concatenate str (not "int") to str
