# A small pool: interpreters that are ready wait for work, each in a thread of its own.
import os
import queue
from threading import Thread

import interpreters

PREPARE = """
import math, os

def work(n, answers):
    os.write(answers, f"{n}: {math.factorial(n)}\\n".encode())
"""


class Pool:
    def __init__(self, size):
        self.tasks = queue.SimpleQueue()
        self.threads = [Thread(target=self.worker) for _ in range(size)]
        for thread in self.threads:
            thread.start()

    def worker(self):
        interp = interpreters.create()
        interp.run(PREPARE)
        while (source := self.tasks.get()) is not None:
            interp.run(source)
        interp.close()

    def submit(self, source):
        self.tasks.put(source)

    def close(self):
        for _ in self.threads:
            self.tasks.put(None)
        for thread in self.threads:
            thread.join()


reader, writer = os.pipe()
pool = Pool(3)
for n in range(10, 20):
    pool.submit(f"work({n}, {writer})")
pool.close()
os.close(writer)

with open(reader) as answers:
    for line in sorted(answers):
        print(line, end="")

# === stdout
# 10: 3628800
# 11: 39916800
# 12: 479001600
# 13: 6227020800
# 14: 87178291200
# 15: 1307674368000
# 16: 20922789888000
# 17: 355687428096000
# 18: 6402373705728000
# 19: 121645100408832000
