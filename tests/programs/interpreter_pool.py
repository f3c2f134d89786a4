# concurrent.futures.InterpreterPoolExecutor: results in order, exceptions with their traceback, initializers, what crosses.
from concurrent.futures import InterpreterPoolExecutor, ThreadPoolExecutor, as_completed, wait
from concurrent.interpreters import ExecutionFailed, NotShareableError
from fractions import Fraction
import math


def square(x):
    return x * x


def describe(*args, **kwargs):
    return f"{args} {sorted(kwargs.items())}"


def fail(text):
    raise ValueError(text)


def remember(name):
    import builtins
    builtins.prepared = name


def prepared():
    import builtins
    return builtins.prepared


def who():
    from concurrent import interpreters
    return interpreters.get_current().id


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def norm(self):
        return math.hypot(self.x, self.y)


def main():
    with InterpreterPoolExecutor(max_workers=2) as pool:
        print(isinstance(pool, ThreadPoolExecutor))
        print(list(pool.map(square, range(8))))
        print(list(pool.map(pow, [2, 3, 4], [3, 2, 1])))
        print(pool.submit(describe, 1, "two", [3], {}, {"a": (4, None)}, key=b"value").result())
        print(pool.submit(math.factorial, 20).result(), pool.submit(sorted, {3, 1, 2}).result())
        point = Point(3, 4)
        print(pool.submit(point.norm).result(), pool.submit(Fraction, 1, 2).result())

        future = pool.submit(fail, "no good")
        try:
            future.result()
        except ValueError as e:
            print("ValueError:", e, "from", type(e.__cause__).__name__, isinstance(e.__cause__, ExecutionFailed))
        print(repr(future.exception()))
        try:
            pool.submit(lambda: square(2)).result()
        except NotShareableError:
            print("a lambda with globals does not cross")
        print(pool.submit(lambda: 6 * 7).result())

        futures = [pool.submit(square, n) for n in (5, 6)]
        print(sorted(f.result() for f in as_completed(futures)), len(wait(futures).done))
        ids = {f.result() for f in [pool.submit(who) for _ in range(20)]}
        print(0 not in ids and 1 <= len(ids) <= 2)

    with InterpreterPoolExecutor(1, initializer=remember, initargs=("ready",)) as pool:
        print(pool.submit(prepared).result())

    try:
        pool.submit(square, 1)
    except RuntimeError as e:
        print(e)
    try:
        with InterpreterPoolExecutor(1) as pool:
            pool.submit("a script")
    except TypeError as e:
        print(e)


if __name__ == "__main__":
    main()

# === stdout
# True
# [0, 1, 4, 9, 16, 25, 36, 49]
# [8, 9, 4]
# (1, 'two', [3], {}, {'a': (4, None)}) [('key', b'value')]
# 2432902008176640000 [1, 2, 3]
# 5.0 1/2
# ValueError: no good from ExecutionFailed True
# ValueError('no good')
# a lambda with globals does not cross
# 42
# [25, 36] 2
# True
# ready
# cannot schedule new futures after shutdown
# scripts not supported
