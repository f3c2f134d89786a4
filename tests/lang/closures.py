# Closures: shared cells, late binding, counters, __closure__, generators and classes that capture.
def pair():
    n = 0

    def get():
        return n

    def put(value):
        nonlocal n
        n = value

    return get, put


get, put = pair()
put(5)
print(get(), get.__closure__[0].cell_contents, get.__code__.co_freevars)
get2, put2 = pair()
put2("other")
print(get(), get2())


def make(n):
    return lambda x: x + n


print([make(i)(10) for i in range(3)])


def captured_parameter(a, *args, b=1, **kwargs):
    def show():
        return a, args, b, kwargs

    a = "changed"
    return show


print(captured_parameter(1, 2, 3, b=4, c=5)())


def loop():
    out = []
    for i in range(3):
        def g():
            return i
        out.append(g)
    return [g() for g in out]


print(loop())


def generator_captures(n):
    def gen():
        for i in range(n):
            yield i * n

    return list(gen())


print(generator_captures(4))


def class_captures(name):
    class Named:
        def say(self):
            return f"I am {name}"

    return Named


print(class_captures("x")().say())


def deep(a):
    def b():
        def c():
            def d():
                return a
            return d
        return c
    return b


print(deep("bottom")()()())


def comprehension_captures(k):
    return [(lambda: (x, k))() for x in range(2)], {x: (lambda y: x + y + k)(1) for x in range(2)}


print(comprehension_captures(7))


def compose(*fs):
    def run(x):
        for f in reversed(fs):
            x = f(x)
        return x

    return run


print(compose(str, lambda x: x + 1, int)("41"))


def accumulate():
    total = 0
    while True:
        total += yield total


acc = accumulate()
next(acc)
print(acc.send(3), acc.send(4))


def self_reference():
    def fact(n):
        return 1 if n < 2 else n * fact(n - 1)

    return fact


print(self_reference()(10))

# === stdout
# 5 5 ('n',)
# 5 other
# [10, 11, 12]
# ('changed', (2, 3), 4, {'c': 5})
# [2, 2, 2]
# [0, 4, 8, 12]
# I am x
# bottom
# ([(0, 7), (1, 7)], {0: 8, 1: 9})
# 42
# 3 7
# 3628800
