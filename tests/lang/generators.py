# Generators: iteration, send, throw, close, return values, yield from, laziness, errors.
def count(n):
    print("started")
    for i in range(n):
        got = yield i
        if got:
            print("got", got)
    return "result"


g = count(3)
print(next(g), g.send("hello"), next(g))
try:
    next(g)
except StopIteration as stop:
    print("stopped with", stop.value)
print(next(g, "exhausted"), list(g))


def guarded():
    try:
        yield 1
        yield 2
    except ValueError as error:
        print("caught", error)
        yield "recovered"
    finally:
        print("cleanup")


g = guarded()
next(g)
print(g.throw(ValueError("thrown")))
print(list(g))
g = guarded()
next(g)
g.close()
g.close()
g = guarded()
g.close()
g = guarded()
try:
    g.send(1)
except TypeError as error:
    print(error)
g = guarded()
next(g)
try:
    g.throw(KeyError("k"))
except KeyError as error:
    print("out:", error)


def stubborn():
    while True:
        try:
            yield
        except GeneratorExit:
            print("ignored")


g = stubborn()
next(g)
try:
    g.close()
except RuntimeError as error:
    print(error)
g = None


def delegating():
    result = yield from inner()
    print("inner gave", result)
    yield from "ab"
    result = yield from []
    yield result


def inner():
    try:
        x = yield "i1"
        print("x is", x)
        yield "i2"
    except ValueError:
        print("inner caught")
        yield "i3"
    return "inner result"


g = delegating()
print(next(g), g.send("sent"), list(g))
g = delegating()
next(g)
print(g.throw(ValueError), list(g))


def stops():
    yield 1
    raise StopIteration("inside")


try:
    list(stops())
except RuntimeError as error:
    print(error, repr(error.__cause__))


def running():
    yield next(me)


me = running()
try:
    next(me)
except ValueError as error:
    print(error)
squares = (i * i for i in range(4))
print(next(squares), list(squares), sum(i for i in range(10) if i % 2))
lazy = (print("evaluated", i) or i for i in range(2))
print("made")
print(list(lazy))


def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


def take(n, source):
    for _, x in zip(range(n), source):
        yield x


print(list(take(10, fib())))


def tree(t):
    if t:
        left, value, right = t
        yield from tree(left)
        yield value
        yield from tree(right)


print(list(tree(((None, 1, None), 2, ((None, 3, None), 4, None)))))


def returns_early(n):
    if n:
        return
    yield


print(list(returns_early(1)), list(returns_early(0)))
g = count(1)
print(type(g).__name__, g.gi_running, g.gi_frame is not None, g.__name__, iter(g) is g)
print((yield_in_lambda := lambda: (yield 5))().__next__())


def finally_order():
    try:
        yield 1
    finally:
        print("closed on drop")


g = finally_order()
next(g)
del g
print("after drop")
a, b, *c = (i for i in range(5))
print(a, b, c, max(i for i in [3, 9, 2]), dict((k, v) for k, v in [("a", 1)]))
try:
    g = (x for x in 5)
except TypeError as error:
    print(error)


class Iterable:
    def __iter__(self):
        yield 1
        yield 2


print(list(Iterable()), list(Iterable()), 2 in Iterable())

# === stdout
# started
# got hello
# 0 1 2
# stopped with result
# exhausted []
# caught thrown
# recovered
# cleanup
# []
# cleanup
# can't send non-None value to a just-started generator
# cleanup
# out: 'k'
# ignored
# generator ignored GeneratorExit
# ignored
# x is sent
# inner gave inner result
# i1 i2 ['a', 'b', None]
# inner caught
# inner gave inner result
# i3 ['a', 'b', None]
# generator raised StopIteration StopIteration('inside')
# generator already executing
# 0 [1, 4, 9] 25
# made
# evaluated 0
# evaluated 1
# [0, 1]
# [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
# [1, 2, 3, 4]
# [] [None]
# generator False True count True
# 5
# closed on drop
# after drop
# 0 1 [2, 3, 4] 9 {'a': 1}
# 'int' object is not iterable
# [1, 2] [1, 2] True
# === stderr
# Exception ignored while closing generator <generator object stubborn at 0x...>:
# Traceback (most recent call last):
#   File "$DIR/lang/generators.py", line 68, in <module>
#     g = None
# RuntimeError: generator ignored GeneratorExit
