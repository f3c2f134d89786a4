# Tasks that do nothing, through a pool of two interpreters. Argument: how many.
import sys
import time


def main():
    from concurrent.futures import InterpreterPoolExecutor

    n = int(sys.argv[1])
    with InterpreterPoolExecutor(2) as pool:
        list(pool.map(abs, range(10)))
        begin = time.perf_counter()
        for _ in pool.map(abs, range(n)):
            pass
        elapsed = time.perf_counter() - begin
    print("METRIC", "no-op tasks through a pool of two", n / elapsed, "tasks/s", "higher", sep="|")


if __name__ == "__main__":
    main()
