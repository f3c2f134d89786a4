# Reads of a dict that interpreters share: one interpreter, and two in two threads. Argument: thousands of reads.
import sys
import time
from threading import Thread

import interpreters

N = int(sys.argv[1]) * 1000
SCRIPT = """
def read(n):
    for _ in range(n // len(keys)):
        for key in keys:
            table[key]
"""


def seconds(interps, work):
    threads = [Thread(target=interp.exec, args=(work,)) for interp in interps]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begin


def main():
    table = interpreters.SharedDict({f"user:{i}": i for i in range(1000)})
    long = interpreters.SharedDict({f"user:{i}": f"the name of user {i}" for i in range(1000)})
    pair = [interpreters.create() for _ in range(2)]
    for what, table in ("integers", table), ("texts", long):
        for interp in pair:
            interp.prepare_main(table=table)
            interp.exec("keys = list(table)" + SCRIPT)
            interp.exec("read(20_000)")
        one = two = 1e9
        for _ in range(5):
            one = min(one, seconds(pair[:1], f"read({N})"))
            two = min(two, seconds(pair, f"read({N})"))
        print("METRIC", f"reads of a SharedDict, {what}", N / one, "reads/s", "higher", sep="|")
        print("METRIC", f"reads of a SharedDict, {what}, two against one", 2 * one / two, "x", "higher", sep="|")
    for interp in pair:
        interp.close()


# CPython has none.
if hasattr(interpreters, "SharedDict"):
    main()
