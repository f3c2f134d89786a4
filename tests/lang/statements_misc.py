# del, pass, global statements at odd places, nested functions and classes, docstrings, conditional imports, exec scopes.
"""Not a docstring: a comment came first... but comments do not count, so it is one."""
print(__doc__)
a = b = c = [1, 2, 3, 4]
del a[0], b[1:], c
print(a, b, "c" in globals())
x, y = 1, 2
del (x, y)
print("x" in globals())


class K:
    """Doc of K."""

    attr = 1
    del attr

    def m(self):
        "doc of m"
        return self.__doc__

    n = m
    for i in range(3):
        locals()[f"made_{i}"] = i
    if i > 1:
        flag = True
    try:
        1 / 0
    except ZeroDivisionError as e:
        caught = str(e)
    with open("/dev/null") as f:
        opened = f.name
    while True:
        break
    lam = lambda self, v=i: v
    [j for j in range(3)]

    class Inner:
        class Deepest:
            where = __qualname__

    @property
    def p(self):
        return type(self).Inner.Deepest.where


k = K()
print(k.m(), K.m.__doc__, k.made_1, K.flag, K.caught, K.opened, k.lam(), k.p, K.n.__name__, hasattr(K, "attr"), "e" in vars(K))
if True:
    def chosen():
        return "first"
else:
    def chosen():
        return "second"
print(chosen())


def outer():
    def f():
        return g()

    def g():
        return "mutual"

    class C:
        def method(self):
            return f()

    return C().method()


print(outer())


def many_returns(n):
    for i in range(n):
        if i == 3:
            return i
    else:
        return "none"


print(many_returns(2), many_returns(5))


def yield_in_try():
    for i in range(3):
        try:
            if i == 1:
                continue
            yield i
        finally:
            yield f"finally {i}"


print(list(yield_in_try()))


def early():
    with __import__("contextlib").suppress(ZeroDivisionError):
        for i in range(3):
            with open("/dev/null"):
                if i == 1:
                    1 / 0
        return "not reached"
    return "suppressed"


print(early())


def nested_finally():
    out = []
    try:
        try:
            out.append(1)
            raise KeyError
        finally:
            out.append(2)
            try:
                raise ValueError
            except ValueError:
                out.append(3)
    except KeyError:
        out.append(4)
    return out


print(nested_finally())
scope = {"__builtins__": {"len": len}}
exec("n = len('abc')", scope)
print(scope["n"])
try:
    exec("print(1)", scope)
except NameError as error:
    print(error)
try:
    exec("import os", scope)
except ImportError as error:
    print(error)


def with_locals():
    v = 1
    exec("v = 2; w = 3")
    return v, "w" in locals(), eval("v + 1")


print(with_locals())
ns = {}
exec("""
x = 1
def f():
    return x
class C:
    y = x
    def g(self):
        return x + self.y
result = f() + C().g()
""", ns)
print(ns["result"], sorted(k for k in ns if not k.startswith("__")))
print(eval("[x for x in range(n)]", {"n": 3}), eval("(lambda: z)()", {"z": 5}), eval("a", {}, {"a": 1}))
long = (
    1
    + 2  # a comment
    + 3
)
text = "one " \
    "two"
if long == 6 and \
   text:
    print(long, text)
t = 1,
u = (),
print(t, u, (1), ((1,),))
i = 5; j = i; print(i, j)
for i in range(2): print(i, end=" ")
while i: i -= 1; print("while")
if i: pass
elif j: print("elif")
try: 1 / 0
except Exception: print("one line")
finally: print("done")
class Tiny: x = 1
def tiny(): return Tiny.x
print(tiny(), (lambda: (yield))().__class__.__name__, not not 5, 5 if not [] else 6)
print(1 if True else 2 if False else 3, [1, 2, 3][-1:], "a" "b" 'c', 1 .__add__(2), 1..is_integer(), -1 ** 2, (not 1) == 0, 3 - -3, ~-1)
ünïcödé = "identifiers"
print(ünïcödé, "ﬁ" in dir(), [名 for 名 in "日本"])

# === stdout
# Not a docstring: a comment came first... but comments do not count, so it is one.
# [2] [2] False
# False
# Doc of K. doc of m 1 True division by zero /dev/null 2 K.Inner.Deepest m False False
# first
# mutual
# none 3
# [0, 'finally 0', 'finally 1', 2, 'finally 2']
# suppressed
# [1, 2, 3, 4]
# 3
# name 'print' is not defined
# __import__ not found
# (1, False, 2)
# 3 ['C', 'f', 'result', 'x']
# [0, 1, 2] 5 1
# 6 one two
# (1,) ((),) 1 ((1,),)
# 5 5
# 0 1 while
# elif
# one line
# done
# 1 generator True 5
# 1 [3] abc 3 True -1 True 6 0
# identifiers False ['日', '本']
