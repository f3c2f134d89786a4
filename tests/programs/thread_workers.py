# Threads, queues, locks, events, barriers, futures and context variables, in ways whose outcome is always the same.
import contextvars
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed, wait, FIRST_EXCEPTION
from contextlib import contextmanager


class Account:
    def __init__(self, balance):
        self.balance, self.lock = balance, threading.RLock()

    def deposit(self, n):
        with self.lock:
            old = self.balance
            time.sleep(0)
            self.balance = old + n

    def transfer(self, other, n):
        first, second = sorted((self, other), key=id)
        with first.lock, second.lock:
            if self.balance < n:
                raise ValueError(f"{self.balance} is less than {n}")
            self.deposit(-n)
            other.deposit(n)


class Bounded:
    def __init__(self, size):
        self.items, self.size = [], size
        lock = threading.Lock()
        self.not_empty, self.not_full = threading.Condition(lock), threading.Condition(lock)

    def put(self, item):
        with self.not_full:
            self.not_full.wait_for(lambda: len(self.items) < self.size)
            self.items.append(item)
            self.not_empty.notify()

    def get(self):
        with self.not_empty:
            if not self.not_empty.wait_for(lambda: self.items, timeout=5):
                raise TimeoutError
            item = self.items.pop(0)
            self.not_full.notify()
            return item


def producer(q, start, stop, done):
    for i in range(start, stop):
        q.put(i)
    done.wait()


a, b = Account(1000), Account(0)
threads = [threading.Thread(target=lambda: [a.transfer(b, 1) for _ in range(50)], name=f"t{i}") for i in range(8)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(a.balance, b.balance, [t.is_alive() for t in threads][:2], threads[0].name, threading.current_thread() is threading.main_thread())
q, done = Bounded(3), threading.Barrier(4)
makers = [threading.Thread(target=producer, args=(q, n * 10, n * 10 + 10, done), daemon=True) for n in range(3)]
for t in makers:
    t.start()
got = sorted(q.get() for _ in range(30))
done.wait()
print(got == list(range(30)), done.n_waiting, q.items)


def work(n):
    if n == 7:
        raise LookupError(f"unlucky {n}")
    return n * n


with ThreadPoolExecutor(max_workers=3, thread_name_prefix="w") as pool:
    futures = {pool.submit(work, n): n for n in range(10)}
    results = {}
    for f in as_completed(futures):
        results[futures[f]] = f.exception() or f.result()
    print([repr(results[n]) for n in sorted(results)])
    print(list(pool.map(work, range(5))), pool.submit(pow, 2, exp=10).result(timeout=5))
    finished, pending = wait([pool.submit(work, n) for n in (7, 1)], return_when=FIRST_EXCEPTION)
    print(any(f.exception() for f in finished))
try:
    pool.submit(work, 1)
except RuntimeError as error:
    print(error)

jobs = queue.PriorityQueue()
for priority, name in [(3, "low"), (1, "high"), (2, "mid"), (1, "also")]:
    jobs.put((priority, name))
print([jobs.get() for _ in range(jobs.qsize())], jobs.empty())
lifo, fifo = queue.LifoQueue(2), queue.Queue(maxsize=1)
fifo.put("x")
for attempt in (lambda: fifo.put_nowait("y"), lambda: lifo.get_nowait(), lambda: lifo.get(timeout=0.01)):
    try:
        attempt()
    except (queue.Full, queue.Empty) as error:
        print(type(error).__name__)
fifo.get()
fifo.task_done()
fifo.join()
current = contextvars.ContextVar("current", default="nobody")


@contextmanager
def acting_as(name):
    token = current.set(name)
    try:
        yield
    finally:
        current.reset(token)


seen = []
with acting_as("ann"):
    context = contextvars.copy_context()
    thread = threading.Thread(target=lambda: seen.append(current.get()))
    thread.start()
    thread.join()
    with acting_as("bob"):
        seen += [current.get(), context.run(current.get)]
    context.run(current.set, "zoe")
    seen += [current.get(), context[current]]
print(seen, current.get())
local, event, log = threading.local(), threading.Event(), []
local.value = "main"


def other():
    log.append(hasattr(local, "value"))
    local.value = "other"
    event.set()


threading.Thread(target=other).start()
print(event.wait(5), log, local.value)
semaphore, peak, running = threading.BoundedSemaphore(2), [], []


def limited():
    with semaphore:
        running.append(1)
        peak.append(len(running))
        time.sleep(0.002)
        running.pop()


crowd = [threading.Thread(target=limited) for _ in range(8)]
[t.start() for t in crowd]
[t.join() for t in crowd]
print(max(peak) <= 2, len(peak))
try:
    semaphore.release()
except ValueError as error:
    print(error)
errors = []
threading.excepthook = lambda args: errors.append((args.exc_type.__name__, str(args.exc_value), args.thread.name))
t = threading.Thread(target=work, args=(7,), name="doomed")
t.start()
t.join()
print(errors)
timer = threading.Timer(0.001, seen.append, ["timer"])
timer.start()
timer.join()
print(seen[-1], threading.active_count())

# === stdout
# 600 400 [False, False] t0 True
# True 0 []
# ['0', '1', '4', '9', '16', '25', '36', "LookupError('unlucky 7')", '64', '81']
# [0, 1, 4, 9, 16] 1024
# True
# cannot schedule new futures after shutdown
# [(1, 'also'), (1, 'high'), (2, 'mid'), (3, 'low')] True
# Full
# Empty
# Empty
# ['nobody', 'bob', 'ann', 'ann', 'zoe'] nobody
# True [False] main
# True 8
# Semaphore released too many times
# [('LookupError', 'unlucky 7', 'doomed')]
# timer 1
