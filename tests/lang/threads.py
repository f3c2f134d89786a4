# threading: start, join, locks, events, conditions, local data, daemon, timers, queues, pools.
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

lock = threading.Lock()
total = 0


def add(n):
    global total
    for _ in range(n):
        with lock:
            total += 1


threads = [threading.Thread(target=add, args=(2000,)) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(total, [t.is_alive() for t in threads], threading.current_thread().name, threading.active_count())
event = threading.Event()
log = []


def waiter():
    event.wait()
    log.append("woken")


t = threading.Thread(target=waiter, daemon=True)
t.start()
log.append("setting")
event.set()
t.join()
print(log, t.daemon)
q = queue.Queue(maxsize=2)


def produce():
    for i in range(5):
        q.put(i)
    q.put(None)


threading.Thread(target=produce).start()
print(list(iter(q.get, None)))
local = threading.local()
local.x = "main"


def sets():
    local.x = "thread"
    log.append(local.x)


t = threading.Thread(target=sets)
t.start()
t.join()
print(local.x, log[-1])
with ThreadPoolExecutor(3) as pool:
    print(list(pool.map(lambda x: x * x, range(6))), pool.submit(divmod, 7, 2).result())
    try:
        pool.submit(lambda: 1 / 0).result()
    except ZeroDivisionError as error:
        print(error)
condition = threading.Condition()
items = []


def consumer():
    with condition:
        condition.wait_for(lambda: items)
        log.append(items.pop())


t = threading.Thread(target=consumer)
t.start()
with condition:
    items.append("item")
    condition.notify()
t.join()
print(log[-1])
r = threading.RLock()
with r, r:
    print("reentrant")
print(lock.acquire(timeout=0.01), lock.acquire(blocking=False), lock.locked())
lock.release()
try:
    lock.release()
except RuntimeError as error:
    print(error)
s = threading.Semaphore(2)
print(s.acquire(), s.acquire(), s.acquire(blocking=False))
b = threading.Barrier(2)
t = threading.Thread(target=b.wait)
t.start()
b.wait()
t.join()
timer = threading.Timer(0.01, print, ["timer"])
timer.start()
timer.join()
begin = time.monotonic()
time.sleep(0.05)
print(time.monotonic() - begin >= 0.05)
try:
    t.start()
except RuntimeError as error:
    print(error)


def spin():
    while not stop:
        pass


stop = False
t = threading.Thread(target=spin)
t.start()
stop = True
t.join()
print("a spinning thread gives way")

# === stdout
# 8000 [False, False, False, False] MainThread 1
# ['setting', 'woken'] True
# [0, 1, 2, 3, 4]
# main thread
# [0, 1, 4, 9, 16, 25] (3, 1)
# division by zero
# item
# reentrant
# True False True
# release unlocked lock
# True True False
# timer
# True
# threads can only be started once
# a spinning thread gives way
