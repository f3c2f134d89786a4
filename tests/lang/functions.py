# Every kind of parameter, how arguments bind, and what is said when they do not.
def f(a, b=2, /, c=3, *args, d, e=5, **kwargs):
    return a, b, c, args, d, e, kwargs


print(f(1, d=4))
print(f(1, 2, 3, 4, 5, d=6, e=7, g=8, a=9))
print(f(*[1, 2], **{"d": 3, "c": 4}))
print(f(*"ab", *"cd", d=1, **{"x": 1}, **{"y": 2}))


def defaults(x, items=[]):
    items.append(x)
    return items


print(defaults(1), defaults(2), defaults(3, []))
n = 1


def late(x=n):
    return x


n = 2
print(late())


def only(*, key):
    return key


def positional(a, b, /):
    return a, b


def plain(a, b, c=3):
    return a, b, c


def none():
    pass


print(only(key=1), positional(1, 2), plain(b=1, a=2), none())
for call in (
    "f()", "f(1)", "only(1)", "only()", "positional(1, b=2)", "positional(a=1, b=2)", "positional(1)", "plain()", "plain(1)", "plain(1, 2, 3, 4)",
    "plain(1, 2, d=4)", "plain(1, 2, a=3)", "none(1)", "plain(*1)", "plain(**1)", "plain(**{1: 2})", "plain(1, **{'a': 2})",
    "plain(1, 2, **{'c': 1}, **{'c': 2})", "none(1, 2, 3)", "only(key=1, kez=2)", "(lambda x: x)()", "(lambda *, x, y: x)()", "(lambda a, b, c: 0)()",
    "int(1, 2, 3)", "len()", "len(1, 2)", "print(foo=1)", "'a'.join()", "[].append()", "[].append(1, 2)", "isinstance(1)", "''.split(1, 2, 3)", "sorted()",
    "object(1)", "ord('ab')", "chr(-1)", "abs()", "plain(1, 2, e=1, f=2)",
):
    try:
        print(call, "=", eval(call))
    except Exception as error:
        print(call, "->", type(error).__name__ + ":", error)

print(f.__name__, f.__qualname__, f.__defaults__, f.__kwdefaults__, f.__module__, f.__doc__)


def documented(a: int, *b: str) -> "list":
    """What it does."""
    return None


print(documented.__doc__, documented.__annotations__, documented.__code__.co_varnames, documented.__code__.co_argcount)
documented.extra = 1
print(documented.__dict__, callable(documented))
square = lambda x: x * x
print(square(3), square.__name__, (lambda *a, **k: (a, k))(1, b=2))


def outer():
    def inner():
        pass

    return inner


print(outer().__qualname__, outer.__code__.co_name)


def recursive(n):
    return 1 if n == 0 else n * recursive(n - 1)


print(recursive(30))
plain.__defaults__ = (10, 20)
print(plain(1))
print(max(1, 2, key=lambda x: -x), sorted("bca", key=str.upper, reverse=True))

# === stdout
# (1, 2, 3, (), 4, 5, {})
# (1, 2, 3, (4, 5), 6, 7, {'g': 8, 'a': 9})
# (1, 2, 4, (), 3, 5, {})
# ('a', 'b', 'c', ('d',), 1, 5, {'x': 1, 'y': 2})
# [1, 2] [1, 2] [3]
# 1
# 1 (1, 2) (2, 1, 3) None
# f() -> TypeError: f() missing 1 required positional argument: 'a'
# f(1) -> TypeError: f() missing 1 required keyword-only argument: 'd'
# only(1) -> TypeError: only() takes 0 positional arguments but 1 was given
# only() -> TypeError: only() missing 1 required keyword-only argument: 'key'
# positional(1, b=2) -> TypeError: positional() got some positional-only arguments passed as keyword arguments: 'b'
# positional(a=1, b=2) -> TypeError: positional() got some positional-only arguments passed as keyword arguments: 'a, b'
# positional(1) -> TypeError: positional() missing 1 required positional argument: 'b'
# plain() -> TypeError: plain() missing 2 required positional arguments: 'a' and 'b'
# plain(1) -> TypeError: plain() missing 1 required positional argument: 'b'
# plain(1, 2, 3, 4) -> TypeError: plain() takes from 2 to 3 positional arguments but 4 were given
# plain(1, 2, d=4) -> TypeError: plain() got an unexpected keyword argument 'd'
# plain(1, 2, a=3) -> TypeError: plain() got multiple values for argument 'a'
# none(1) -> TypeError: none() takes 0 positional arguments but 1 was given
# plain(*1) -> TypeError: __main__.plain() argument after * must be an iterable, not int
# plain(**1) -> TypeError: __main__.plain() argument after ** must be a mapping, not int
# plain(**{1: 2}) -> TypeError: keywords must be strings
# plain(1, **{'a': 2}) -> TypeError: plain() got multiple values for argument 'a'
# plain(1, 2, **{'c': 1}, **{'c': 2}) -> TypeError: __main__.plain() got multiple values for keyword argument 'c'
# none(1, 2, 3) -> TypeError: none() takes 0 positional arguments but 3 were given
# only(key=1, kez=2) -> TypeError: only() got an unexpected keyword argument 'kez'. Did you mean 'key'?
# (lambda x: x)() -> TypeError: <lambda>() missing 1 required positional argument: 'x'
# (lambda *, x, y: x)() -> TypeError: <lambda>() missing 2 required keyword-only arguments: 'x' and 'y'
# (lambda a, b, c: 0)() -> TypeError: <lambda>() missing 3 required positional arguments: 'a', 'b', and 'c'
# int(1, 2, 3) -> TypeError: int expected at most 2 arguments, got 3
# len() -> TypeError: len() takes exactly one argument (0 given)
# len(1, 2) -> TypeError: len() takes exactly one argument (2 given)
# print(foo=1) -> TypeError: print() got an unexpected keyword argument 'foo'
# 'a'.join() -> TypeError: str.join() takes exactly one argument (0 given)
# [].append() -> TypeError: list.append() takes exactly one argument (0 given)
# [].append(1, 2) -> TypeError: list.append() takes exactly one argument (2 given)
# isinstance(1) -> TypeError: isinstance expected 2 arguments, got 1
# ''.split(1, 2, 3) -> TypeError: split() takes at most 2 arguments (3 given)
# sorted() -> TypeError: sorted expected 1 argument, got 0
# object(1) -> TypeError: object() takes no arguments
# ord('ab') -> TypeError: ord() expected a character, but string of length 2 found
# chr(-1) -> ValueError: chr() arg not in range(0x110000)
# abs() -> TypeError: abs() takes exactly one argument (0 given)
# plain(1, 2, e=1, f=2) -> TypeError: plain() got an unexpected keyword argument 'e'
# f f (2, 3) {'e': 5} __main__ None
# What it does. {'a': <class 'int'>, 'b': <class 'str'>, 'return': 'list'} ('a', 'b') 1
# {'extra': 1} True
# 9 <lambda> ((1,), {'b': 2})
# outer.<locals>.inner outer
# 265252859812191058636308480000000
# (1, 10, 20)
# 1 ['c', 'b', 'a']
