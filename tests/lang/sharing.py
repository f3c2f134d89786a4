# What interpreters share by reference: locks and the like, memory, a dict, bounded channels, select.
import queue
import sys
import threading
import time

import interpreters
from interpreters import (
    AtomicInt, Barrier, Condition, Event, Lock, RLock, Semaphore, SharedArray, SharedBuffer, SharedDict,
)

# What several interpreters print comes in the order in which it was printed.
sys.stdout.reconfigure(line_buffering=True)


def in_threads(n, script, /, **shared):
    interps = [interpreters.create() for _ in range(n)]
    for i, interp in enumerate(interps):
        interp.prepare_main(me=i, **shared)
    threads = [threading.Thread(target=interp.exec, args=(script,)) for interp in interps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for interp in interps:
        interp.close()


print("-- AtomicInt")
n = AtomicInt(5)
print(n, int(n), n.value, n.add(3), n.value, n.swap(1), n.compare_and_set(1, 2), n.compare_and_set(1, 3), n)
n.value = 0
in_threads(3, "for _ in range(1000): n.add(1)", n=n)
print(n)
n += 4
print(n, n == n, hash(n) == hash(n))
try:
    n.add(2**63 - 1)
except OverflowError as error:
    print("OverflowError:", error)

print("-- Lock")
lock, cell = Lock(), SharedDict({"n": 0})
in_threads(3, """
for _ in range(200):
    with lock:
        cell["n"] = cell["n"] + 1
""", lock=lock, cell=cell)
print(cell["n"], lock.locked(), lock.acquire(), lock.acquire(False), lock.acquire(timeout=0.01), lock.locked())
lock.release()
try:
    lock.release()
except RuntimeError as error:
    print(error)

print("-- RLock")
rlock = RLock()
with rlock, rlock:
    interp = interpreters.create()
    interp.prepare_main(rlock=rlock)
    # The same thread, in another interpreter: it is the thread that holds it.
    interp.exec("print(rlock.acquire(False)); rlock.release()")
    thread = threading.Thread(target=interp.exec, args=("print(rlock.acquire(False))",))
    thread.start()
    thread.join()
    interp.close()
try:
    rlock.release()
except RuntimeError as error:
    print(error)

print("-- Condition")
condition, log = Condition(), SharedDict()
interp = interpreters.create()
interp.prepare_main(condition=condition, log=log)
thread = threading.Thread(target=interp.exec, args=("""
with condition:
    condition.wait_for(lambda: "go" in log)
    log["seen"] = True
    condition.notify_all()
""",))
thread.start()
with condition:
    log["go"] = 1
    condition.notify()
    print(condition.wait_for(lambda: log.get("seen"), timeout=10), condition.wait(0.01))
thread.join()
try:
    condition.notify()
except RuntimeError as error:
    print(error)
interp.close()

print("-- Event")
event, answer = Event(), Event()
interp = interpreters.create()
interp.prepare_main(event=event, answer=answer)
thread = threading.Thread(target=interp.exec, args=("print('waited', event.wait(10), flush=True); answer.set()",))
thread.start()
print(event.is_set(), event.wait(0.01))
event.set()
print(answer.wait(10), event.is_set())
thread.join()
event.clear()
print(event)

print("-- Semaphore, Barrier")
semaphore = Semaphore(2, bounded=True)
with semaphore:
    print(semaphore.value, semaphore.acquire(), semaphore.acquire(blocking=False), semaphore.acquire(timeout=0.01))
    semaphore.release()
try:
    semaphore.release()
except ValueError as error:
    print(error)
barrier, places = Barrier(3), SharedDict()
in_threads(3, "places[barrier.wait(10)] = me", barrier=barrier, places=places)
print(sorted(places), sorted(places.values()), barrier.parties, barrier.n_waiting, barrier.broken)
try:
    barrier.wait(0.01)
except threading.BrokenBarrierError:
    print("broken", barrier.broken)
barrier.reset()
print(barrier.broken)

print("-- SharedDict")
d = SharedDict({"a": 1, 2: (3, "x")})
print(len(d), d["a"], d[2.0], "b" in d, d.get("b"), d.get("b", 5), d.setdefault("b", [1]), d["b"])
d["b"].append(2)
print(d["b"], d.pop("b"), d.pop("b", "gone"), sorted(map(str, d)))
print(d.compare_and_set("a", 1, 10), d.compare_and_set("a", 1, 11), d["a"], d.add("a", 5), d.add("new"))
del d["new"]
for what in lambda: d["nothing"], lambda: d.__setitem__([], 1), lambda: d.add(2), lambda: d.__delitem__("x"):
    try:
        what()
    except (KeyError, TypeError) as error:
        print(type(error).__name__, error)
other = SharedDict({"a": 1}, b=2)
other.update(c=3)
other.update([("d", 4)], a=0)
print(sorted(other.items()), other.compute("d", lambda n: n * 2), other.compute("e", lambda n: n, "new"), other.compare_and_set("e", "n" + "ew", []))
print(other.compare_and_set("e", [], 5), other.compare_and_set("e", 6, 7), {other.popitem()[0] for _ in range(5)} == set("abcde"), len(other))
for what in other.popitem, lambda: other.compute("x", lambda n: 1 / 0), lambda: SharedDict({}, {}):
    try:
        what()
    except Exception as error:
        print(type(error).__name__, error)
print(d == SharedDict(d.items()), d.copy() == {"a": 15, 2: (3, "x")}, bool(SharedDict()), SharedDict([(1, 2)]))

print("-- SharedArray, SharedBuffer")
a = SharedArray("q", 4)
in_threads(2, "for i in range(400): a.add(i % 4, 1)\na[me] += 0", a=a)
print(a.tolist(), len(a), a.shape, a.typecode, a[-1], a[1:3].tolist(), a[::-1].tolist())
part = a[1:]
part[0] = 7
print(list(a), a.swap(0, 9), a.compare_and_set(0, 9, 1), a.compare_and_set(0, 9, 2), a)
m = SharedArray("d", (2, 3))
m[1, 2] = 2.5
view = memoryview(m)
print(view.shape, view.format, view[1, 2], SharedArray("B", [1, 2]).tolist())
for what in lambda: a[9], lambda: m[1, 1, 1], lambda: SharedArray("B", [256]), lambda: SharedArray("x", 1), lambda: SharedArray("q", -1):
    try:
        what()
    except (IndexError, TypeError, OverflowError, ValueError) as error:
        print(type(error).__name__, error)
buffer = SharedBuffer(8)
in_threads(2, "memoryview(buffer)[me * 4:me * 4 + 4] = b'abcd'", buffer=buffer)
print(bytes(buffer), len(buffer), buffer[1], SharedBuffer(b"xyz")[:2].tobytes())

print("-- channels")
recv, send = interpreters.create_channel(2)
print(recv.maxsize, send.send_nowait(1), send.send(2))
for what in lambda: send.send_nowait(3), lambda: send.send(3, timeout=0.01):
    try:
        what()
    except (interpreters.ChannelFullError, TimeoutError) as error:
        print(type(error).__name__)
interp = interpreters.create()
interp.prepare_main(send=send)
thread = threading.Thread(target=interp.exec, args=("for i in range(3, 6): send.send(i)\nsend.close()",))
thread.start()
print(list(recv))
thread.join()
print(send.is_closed, recv.is_closed)
for what in lambda: recv.recv(), lambda: send.send(1):
    try:
        what()
    except interpreters.ChannelClosedError as error:
        print("closed")
interp.close()

recv, send = interpreters.create_channel()
for what in lambda: recv.recv(0.01), lambda: send.send("x", timeout=0.01):
    try:
        what()
    except TimeoutError as error:
        print("TimeoutError", error)
print(recv.recv_nowait("withdrawn"), recv == interpreters.RecvChannel(int(recv.id)), recv == send)

print("-- select")
r1, s1 = interpreters.create_channel()
r2, s2 = interpreters.create_channel(1)
q = interpreters.create_queue()
s2.send(1)
print(interpreters.select([r1, r2]) is r2, interpreters.select([s2, q, s1]) is s1)
try:
    interpreters.select([r1, q], timeout=0.01)
except TimeoutError:
    print("timed out")
interp = interpreters.create()
interp.prepare_main(q=q)
thread = threading.Thread(target=interp.exec, args=("q.put('from the queue')",))
thread.start()
print(interpreters.select([r1, q], 10) is q, q.get())
thread.join()

print("-- queues wait for real")
begin = time.monotonic()
try:
    q.get(timeout=0.05)
except queue.Empty:
    print("empty", 0.04 < time.monotonic() - begin < 0.9)
q = interpreters.create_queue(1)
q.put(1)
try:
    q.put(2, timeout=0.05)
except queue.Full:
    print("full")

for interp in interpreters.list_all()[1:]:
    interp.close()

# === no-peer locks, memory, channels and select of the module interpreters
# === stdout
# -- AtomicInt
# AtomicInt(2) 5 5 5 8 8 True False AtomicInt(2)
# AtomicInt(3000)
# AtomicInt(3004) True True
# OverflowError: the sum does not fit in 64 bits
# -- Lock
# 600 False True False False True
# release unlocked lock
# -- RLock
# True
# False
# cannot release un-acquired lock
# -- Condition
# True False
# cannot notify on un-acquired lock
# -- Event
# False False
# waited True
# True True
# <interpreters.Event: unset>
# -- Semaphore, Barrier
# 1 True False False
# Semaphore released too many times
# [0, 1, 2] [0, 1, 2] 3 0 False
# broken True
# False
# -- SharedDict
# 2 1 (3, 'x') False None 5 [1] [1]
# [1] [1] gone ['2', 'a']
# True False 10 15 1
# KeyError 'nothing'
# TypeError unhashable type: 'list'
# TypeError the value is not an integer of 64 bits
# KeyError 'x'
# [('a', 0), ('b', 2), ('c', 3), ('d', 4)] 8 new True
# True False True 0
# KeyError 'popitem(): dictionary is empty'
# ZeroDivisionError division by zero
# TypeError SharedDict expected at most 1 argument, got 2
# True True False SharedDict({1: 2})
# -- SharedArray, SharedBuffer
# [200, 200, 200, 200] 4 (4,) q 200 [200, 200] [200, 200, 200, 200]
# [200, 7, 200, 200] 200 True False <interpreters.SharedArray 'q' of shape (4,)>
# (2, 3) d 2.5 [1, 2]
# IndexError array index out of range
# IndexError too many indices: the array has 2 dimensions
# OverflowError the number does not fit the elements of the array
# ValueError bad typecode (must be one of b, B, h, H, i, I, l, L, q, Q, f or d)
# ValueError negative dimensions are not allowed
# b'abcdabcd' 8 98 b'xy'
# -- channels
# 2 None None
# ChannelFullError
# TimeoutError
# [1, 2, 3, 4, 5]
# True True
# closed
# closed
# TimeoutError timed out
# TimeoutError timed out
# withdrawn True False
# -- select
# True True
# timed out
# True from the queue
# -- queues wait for real
# empty True
# full
