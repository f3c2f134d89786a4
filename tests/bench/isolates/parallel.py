# Throughput of two interpreters in two threads against one: function calls, allocation, methods of objects, reference cycles.
# Argument: rounds of work.
import sys
import time
from threading import Thread

from concurrent import interpreters

ROUNDS = int(sys.argv[1])
SCRIPT = f"""
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def calls():
    for _ in range({ROUNDS}):
        fib(22)

def allocation():
    for _ in range({ROUNDS}):
        kept = []
        for i in range(12_000):
            pair = (i, i + 1)
            table = {{"id": i, "pair": pair}}
            kept.append(str(i) + "x")
            kept.append(table)
            if len(kept) > 500:
                kept.clear()

class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def moved(self, dx, dy):
        return Point(self.x + dx, self.y + dy)

    def size(self):
        return self.x * self.x + self.y * self.y

class Node:
    def __init__(self, value):
        self.value = value
        self.itself = self
        self.children = [value, self]

def methods():
    for _ in range({ROUNDS}):
        point = Point(0.0, 0.0)
        for _ in range(12_000):
            point = point.moved(1.0, 2.0)
            point.size()

def cycles():
    for _ in range({ROUNDS}):
        for i in range(6_000):
            Node(i)
"""


def seconds(interps, work):
    threads = [Thread(target=interp.exec, args=(f"{work}()",)) for interp in interps]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begin


pair = [interpreters.create(), interpreters.create()]
for interp in pair:
    interp.exec(SCRIPT)
    interp.exec("calls(); allocation(); methods(); cycles()")
for work in "calls", "allocation", "methods", "cycles":
    alone = two = 1e9
    for _ in range(3):
        alone = min(alone, seconds(pair[:1], work))
        two = min(two, seconds(pair, work))
    print("METRIC", f"two interpreters against one, {work}", 2 * alone / two, "x", "higher", sep="|")
for interp in pair:
    interp.close()
