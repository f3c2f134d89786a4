# The order in which parts of expressions and statements are evaluated.
log = []


def n(x, value=None):
    log.append(x)
    return x if value is None else value


def show(label):
    print(label, log)
    log.clear()


n(1) + n(2) * n(3)
show("arithmetic")
n(1) < n(2) < n(3)
show("comparison chain")
n(3) < n(1) < n(2)
show("chain cut short")
n(0) and n(1)
n(1) or n(2)
show("and or")
n("then") if n("test") else n("else")
show("conditional")
[n(1), n(2)], (n(3), *[n(4)]), {n(5): n(6), n(7): n(8)}, {n(9)}
show("displays")
n("f", print)(n("a", ""), *n("star", []), k := n("k", "") or "", **n("kw", {"end": ""}))
show("call")
n("o", [0, 1])[n("i", 0)]
n("o", [0, 1])[n("lo", 0) : n("hi", 1) : n("step", 1)]
show("subscript")
x = {}
n("target", x)[n("key")] = n("value")
show("subscript assignment")
n("t1", x)["a"] = n("t2", x)["b"] = n("value")
show("chained assignment")
n("t", x)[n("k", "a")] += n("v", "z")
show("augmented")
(n("l", x)["p"], n("r", x)["q"]) = n("v", (1, 2))
show("tuple target")


def f(a=n("default a"), *, b=n("default b")) -> n("return"):
    pass


show("defaults")


@n("outer decorator", lambda f: n("apply outer", f))
@n("inner decorator", lambda f: n("apply inner", f))
class C(n("base", object), metaclass=n("meta", type)):
    n("body")


show("class")
assert n(True), n("message")
show("assert")
lambda a=n("lambda default"): n("never")
show("lambda")
[n(("item", i)) for i in n("iterable", [1, 2]) if n(("if", i))]
show("comprehension")
{n(("k", i)): n(("v", i)) for i in n("it", [1])}
show("dict comprehension")
g = (n("never") for i in n("outermost", [1]))
show("generator")
print(f"{n('a')}{n('b')!r:{n('w', 3)}}")
show("f-string")
with n("m", __import__("contextlib").nullcontext("v")) as n("holder", x)["with"]:
    n("with body")
show("with")
for n("loop", x)["i"] in n("source", [1, 2]):
    n("loop body")
show("for")
del n("d", x)[n("dk", "i")]
show("del")
try:
    raise n("exc", ValueError()) from n("cause", KeyError())
except n("match", (KeyError, ValueError)):
    pass
show("raise")
a, b = n(1), n(2)
a, b = b, a
show("swap")
i = 0
i, y = 1, [i]
l = [10, 20]
i, l[i] = 0, 99
print(y, l)
print(n("x") == n("y") != n("z"), not n(0), -n(5))
show("unary")

# === stdout
# arithmetic [1, 2, 3]
# comparison chain [1, 2, 3]
# chain cut short [3, 1]
# and or [0, 1]
# conditional ['test', 'then']
# displays [1, 2, 3, 4, 5, 6, 7, 8, 9]
#  call ['f', 'a', 'star', 'k', 'kw']
# subscript ['o', 'i', 'o', 'lo', 'hi', 'step']
# subscript assignment ['value', 'target', 'key']
# chained assignment ['value', 't1', 't2']
# augmented ['t', 'k', 'v']
# tuple target ['v', 'l', 'r']
# defaults ['default a', 'default b']
# class ['outer decorator', 'inner decorator', 'base', 'meta', 'body', 'apply inner', 'apply outer']
# assert [True]
# lambda ['lambda default']
# comprehension ['iterable', ('if', 1), ('item', 1), ('if', 2), ('item', 2)]
# dict comprehension ['it', ('k', 1), ('v', 1)]
# generator ['outermost']
# a'b'
# f-string ['a', 'b', 'w']
# with ['m', 'holder', 'with body']
# for ['source', 'loop', 'loop body', 'loop', 'loop body']
# del ['d', 'dk']
# raise ['exc', 'cause', 'match']
# swap [1, 2]
# [0] [99, 20]
# False True -5
# unary ['x', 'y', 0, 5]
