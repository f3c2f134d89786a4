# Waits for a pool's results and for POSIX semaphores sleep until they end, or until somebody asks for something.
import _multiprocessing
import os
import resource
import signal
import threading
import time

import serpens_pool


def switches():
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw


def slow(seconds):
    import time

    time.sleep(seconds)
    return seconds


pool = serpens_pool.Pool(workers=1)
print(pool.submit(abs, -1).result())
before = switches()
print(pool.submit(slow, 1).result(), switches() - before < 10)
results = pool.map(slow, [0, 1], chunksize=2)
print(next(results))
before = switches()
print(next(results), switches() - before < 10)
future = pool.submit(slow, 0.5)
for wait in (lambda: future.result(timeout=0.05), lambda: next(pool.map(slow, [0.3], timeout=0.05))):
    try:
        wait()
    except TimeoutError as error:
        print(type(error).__name__)


class Alarm(Exception):
    pass


def alarm(*args):
    raise Alarm


signal.signal(signal.SIGALRM, alarm)


def interrupted(wait):
    begun = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        wait()
    except Alarm:
        return time.monotonic() - begun < 2
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


future = pool.submit(slow, 4)
print("future", interrupted(lambda: future.result()))
print("map", interrupted(lambda: next(pool.map(slow, [0]))))
future.cancel()
pool.shutdown()

RECURSIVE, SEMAPHORE = 0, 1
n_made = 0


def semaphore(kind, value, most=5):
    global n_made
    n_made += 1
    return _multiprocessing.SemLock(kind, value, most, f"/serpens-{os.getpid()}-{n_made}", True)


s = semaphore(SEMAPHORE, 1)
print(s.acquire(), s.acquire(False), s.acquire(True, 0), s.acquire(True, 0.05), s._get_value())
print("semaphore", interrupted(lambda: s.acquire()), interrupted(lambda: s.acquire(True, 10)), s._get_value())
# What was given up takes no permit.
s.release()
print(s._get_value(), s.acquire(True, 1), s._get_value())
handled = []
signal.signal(signal.SIGALRM, lambda *args: handled.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.05)
threading.Timer(0.3, s.release).start()
before = switches()
print(s.acquire(), handled, switches() - before < 10)
# Several threads wait for permits that come one by one.
taken = []
threads = [threading.Thread(target=lambda i=i: taken.append((s.acquire(), i))) for i in range(4)]
for t in threads:
    t.start()
for _ in threads:
    s.release()
for t in threads:
    t.join()
print(len(taken), s._get_value())
lock = semaphore(RECURSIVE, 1, 1)
print(lock.acquire(), lock.acquire(), lock._count(), lock._is_mine())
lock.release()
lock.release()
child = os.fork()
if child == 0:
    time.sleep(0.2)
    s.release()
    os._exit(0)
print(s.acquire(True, 20), os.waitpid(child, 0)[1])


# A task that waits for a semaphore is stopped at once, not when it looks next.
def stuck():
    import _multiprocessing
    import os

    s = _multiprocessing.SemLock(1, 0, 5, f"/serpens-stuck-{os.getpid()}", True)
    s.acquire()


def stopped():
    with serpens_pool.Pool(workers=1, time_limit=0.1) as pool:
        pool.submit(abs, 1).result()
        begun = time.monotonic()
        error = pool.submit(stuck).exception()
        return time.monotonic() - begun, type(error).__name__


tries = [stopped() for _ in range(3)]
print(min(tries)[0] < 0.4, tries[0][1])

# === seconds 120
# === no-peer pools are Serpens' own
# === stdout
# 1
# 1 True
# 0
# 1 True
# TimeoutError
# TimeoutError
# future True
# map True
# True False False False 0
# semaphore True True 0
# 1 True 0
# True [1] True
# 4 0
# True True 2 True
# True 0
# True TimeoutError
