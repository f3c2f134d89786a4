# How long it takes to create an interpreter, and to destroy it. Argument: how many.
import sys
import time

from concurrent import interpreters

N = int(sys.argv[1])
interpreters.create().close()
begin = time.perf_counter()
made = [interpreters.create() for _ in range(N)]
created = time.perf_counter()
for interp in made:
    interp.close()
destroyed = time.perf_counter()
print("METRIC", "create an interpreter", (created - begin) / N * 1e6, "us", "lower", sep="|")
print("METRIC", "destroy it", (destroyed - created) / N * 1e6, "us", "lower", sep="|")
