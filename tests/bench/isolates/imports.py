# Importing much of the library in a second interpreter, when the first has done so. Argument: how many interpreters.
import asyncio
import json
import re
import sys
import time

from concurrent import interpreters

N = int(sys.argv[1])


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096


interp = interpreters.create()
interp.exec("import json, re, asyncio")
interp.close()
made = [interpreters.create() for _ in range(N)]
before = resident()
begin = time.perf_counter()
for interp in made:
    interp.exec("import json, re, asyncio")
elapsed = time.perf_counter() - begin
full = resident()
for interp in made:
    interp.close()
print("METRIC", "import json, re, asyncio in one more", elapsed / N * 1e3, "ms", "lower", sep="|")
print("METRIC", "memory of these imports", (full - before) / N / 1024, "KiB", "lower", sep="|")
