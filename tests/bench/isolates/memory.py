# Resident memory of each fresh interpreter, and what is kept after all are destroyed. Argument: how many.
import sys

from concurrent import interpreters

N = int(sys.argv[1])


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096


interpreters.create().close()
before = resident()
made = [interpreters.create() for _ in range(N)]
full = resident()
for interp in made:
    interp.close()
made.clear()
after = resident()
print("METRIC", f"resident memory of each of {N}", (full - before) / N / 1024, "KiB", "lower", sep="|")
print("METRIC", "kept after destroying all", (after - before) / (full - before) * 100, "%", "lower", sep="|")
print("METRIC", "would fit in 9 GB", 9e9 / ((full - before) / N), "", "higher", sep="|")
