# serpens_pool: the native pool: results in order, exceptions, limits, cancellation, isolation, shutdown.
import gc
import interpreters
import serpens_pool
import time
import weakref
from serpens_pool import Pool


def square(x):
    return x * x


def fail(x):
    raise ValueError(f"bad {x}")


def endless():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def count():
    import builtins
    builtins.n = getattr(builtins, "n", 0) + 1
    return builtins.n


def prepare(start):
    import builtins
    builtins.n = start


def shown(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except BaseException as e:
        return f"{type(e).__name__}: {e}"


def main():
    print(interpreters.Pool is Pool)
    with Pool(2) as pool:
        print(pool)
        print(list(pool.map(square, range(10))))
        print(list(pool.map(pow, [2, 3], [3, 2])), list(pool.map(square, [])), sum(pool.map(abs, range(-10000, 0))))
        print(list(pool.map(square, range(7), chunksize=2)))
        future = pool.submit(divmod, 17, 5)
        print(future.result(), future.done(), future.running(), future.cancelled(), future.exception())
        print(pool.submit(dict, a=1, b=[2]).result(), pool.submit(sorted, [3, 1], reverse=True).result())
        future = pool.submit(fail, 1)
        print(shown(future.result), repr(future.exception()), type(future.exception().__cause__).__name__)
        results = pool.map(fail, range(3))
        print(shown(next, results), shown(next, results))
        print(shown(pool.submit, 3), "|", shown(pool.map, square), "|", shown(pool.map, square, [1], size=3))
        print(shown(pool.submit, lambda: square(1)).startswith("NotShareableError"), pool.submit(lambda: 5).result())

        # A running call can be cancelled; it cannot refuse.
        future = pool.submit(endless)
        while not future.running():
            time.sleep(0.001)
        print(shown(future.result, timeout=0.01), future.cancel(), shown(future.result), future.cancelled())
        print(pool.submit(square, 3).result(), future.cancel())
        results = pool.map(square, range(3))
        print(next(results))
        del results                              # the rest is cancelled
        metrics = pool.metrics()
        print(metrics["workers"], metrics["interpreters"] <= 2, metrics["broken"])

    print(shown(pool.submit, square, 1), pool)
    with Pool(1, time_limit=0.05) as pool:
        print(shown(pool.submit(endless).result), pool.submit(square, 4).result())
    with Pool(1, memory_limit=16 << 20) as pool:
        print(shown(pool.submit(bytes, 1 << 28).result), len(pool.submit(bytes, 100).result()))
    with Pool(1, isolation="task") as pool:
        print([pool.submit(count).result() for _ in range(3)])
    with Pool(1, initializer=prepare, initargs=(10,)) as pool:
        print([pool.submit(count).result() for _ in range(3)])
    with Pool(1, initializer=fail, initargs=(2,)) as pool:
        text = shown(pool.submit(square, 1).result)
        print(text.splitlines()[0], text.splitlines()[-1])
    for arguments in [{"workers": 0}, {"isolation": "none"}, {"initializer": 3}]:
        print(shown(Pool, **arguments))

    # What is queued runs after a shutdown that does not wait, or is cancelled.
    pool = Pool(1)
    futures = [pool.submit(square, n) for n in range(50)]
    pool.shutdown(wait=False)
    print(sum(f.result() for f in futures))
    pool = Pool(1)
    blocked = pool.submit(time.sleep, 0.05)
    futures = [pool.submit(square, n) for n in range(5)]
    while not blocked.running():
        time.sleep(0.001)
    pool.shutdown(cancel_futures=True)
    print({f.cancelled() for f in futures}, shown(futures[0].result))

    # A pool that is forgotten goes.
    pool = Pool(1)
    print(pool.submit(square, 2).result())
    ref = weakref.ref(pool)
    del pool
    gc.collect()
    print(ref())


if __name__ == "__main__":
    main()

# === stdout
# True
# <serpens_pool.Pool workers=2 open>
# [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]
# [8, 9] [] 50005000
# [0, 1, 4, 9, 16, 25, 36]
# (3, 2) True False False None
# {'a': 1, 'b': [2]} [3, 1]
# ValueError: bad 1 ValueError('bad 1') ExecutionFailed
# ValueError: bad 0 StopIteration: 
# TypeError: expected a callable, got 3 | TypeError: Pool.map() needs at least one iterable | TypeError: Pool.map() got an unexpected keyword argument 'size'
# True 5
# TimeoutError:  True CancelledError: the task was cancelled True
# 9 False
# 0
# 2 True 0
# RuntimeError: cannot schedule new futures after shutdown <serpens_pool.Pool workers=2 closed>
# TimeoutError: the task ran longer than it may 16
# MemoryError:  100
# [1, 1, 1]
# [11, 12, 13]
# BrokenExecutor: no interpreter for the task: Traceback (most recent call last): ValueError: bad 2
# ValueError: workers must be greater than 0
# ValueError: isolation must be 'worker' or 'task'
# TypeError: initializer must be a callable
# 40425
# {True} CancelledError: the task was cancelled
# 4
# None
# === no-peer serpens_pool is Serpens' own
