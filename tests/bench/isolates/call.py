# A call of a function that does nothing, into an idle interpreter, from the main thread and from another. Argument: how many.
import sys
import time
from threading import Thread

from concurrent import interpreters

N = int(sys.argv[1])


def nothing():
    pass


def measure(where):
    interp = interpreters.create()
    for _ in range(10):
        interp.call(nothing)
    begin = time.perf_counter()
    for _ in range(N):
        interp.call(nothing)
    called = time.perf_counter()
    for _ in range(N):
        interp.exec("pass")
    executed = time.perf_counter()
    interp.close()
    print("METRIC", f"call of a no-op, {where}", (called - begin) / N * 1e6, "us", "lower", sep="|")
    print("METRIC", f'exec of "pass", {where}', (executed - called) / N * 1e6, "us", "lower", sep="|")


measure("main thread")
thread = Thread(target=measure, args=("another thread",))
thread.start()
thread.join()
