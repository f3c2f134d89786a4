"""An interpreter that starts in the state of one that imported json, re, asyncio and dataclasses: time, memory, and a first use."""
import sys
import time

n = int(sys.argv[1])
try:
    import interpreters
    interpreters.Template
except (ImportError, AttributeError):
    # CPython has nothing like it.
    raise SystemExit


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4096


def median(times):
    return sorted(times)[len(times) // 2]


template = interpreters.Template("import json, re, asyncio, dataclasses")
live = []
template.create().close()
before = resident()
times = []
for _ in range(n):
    start = time.perf_counter()
    live.append(template.create())
    times.append(time.perf_counter() - start)
print(f"METRIC|from a template: create|{median(times) * 1e6:.2f}|us|lower")
print(f"METRIC|from a template: resident memory of each|{(resident() - before) / n / 1024:.2f}|KiB|lower")
for interp in live:
    interp.run("json.dumps({'a': [1, 2]})")
print(f"METRIC|from a template: resident memory of each after json.dumps|{(resident() - before) / n / 1024:.2f}|KiB|lower")
for interp in live:
    interp.close()
times = []
for _ in range(n):
    start = time.perf_counter()
    interp = template.create()
    interp.run("json.dumps({'a': [1, 2]})")
    interp.close()
    times.append(time.perf_counter() - start)
print(f"METRIC|from a template: create, json.dumps, close|{median(times) * 1e6:.2f}|us|lower")
