# Tasks that do nothing, through pools of two interpreters: the library's, and the native one where there is one.
# Argument: how many.
import sys
import time

try:
    from serpens_pool import Pool
except ImportError:
    Pool = None


def report(name, n, begin):
    print("METRIC", name, n / (time.perf_counter() - begin), "tasks/s", "higher", sep="|")


def main():
    from concurrent.futures import InterpreterPoolExecutor

    n = int(sys.argv[1])
    with InterpreterPoolExecutor(2) as pool:
        list(pool.map(abs, range(10)))
        begin = time.perf_counter()
        for _ in pool.map(abs, range(n)):
            pass
        report("no-op tasks through a pool of two", n, begin)
    if Pool is None:
        return
    n *= 20
    with Pool(2) as pool:
        list(pool.map(abs, range(10)))
        begin = time.perf_counter()
        for _ in pool.map(abs, range(n)):
            pass
        report("no-op tasks through a native pool of two, map", n, begin)
        begin = time.perf_counter()
        for future in [pool.submit(abs, i) for i in range(n)]:
            future.result()
        report("no-op tasks through a native pool of two, submit", n, begin)


if __name__ == "__main__":
    main()
