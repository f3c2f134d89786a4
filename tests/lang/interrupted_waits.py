# A signal reaches a thread that waits for another interpreter: the handler runs, and what it raises ends the wait.
import os
import signal
import threading
import time

import interpreters


class Alarm(Exception):
    pass


def handler(number, frame):
    seen.append(number)
    if raising:
        raise Alarm


def interrupted(what, wait):
    begin = time.monotonic()
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    try:
        print(what, wait(), end=" ")
    except Alarm:
        print(what, "interrupted", end=" ")
    timer.join()
    print(time.monotonic() - begin < 5, len(seen))


seen, raising = [], True
signal.signal(signal.SIGUSR1, handler)
recv, send = interpreters.create_channel()
_, full = interpreters.create_channel(1)
full.send(0)
queue = interpreters.create_queue(1)
lock = interpreters.Lock()
lock.acquire()
interrupted("recv", recv.recv)
interrupted("send", lambda: send.send(1))
print(recv.recv_nowait("taken back"))
interrupted("send to a full channel", lambda: full.send(1))
interrupted("get", queue.get)
queue.put(1)
interrupted("put", lambda: queue.put(2))
interrupted("lock", lock.acquire)
interrupted("event", interpreters.Event().wait)
interrupted("select", lambda: interpreters.select([recv]))

# A handler that returns lets the wait go on.
raising = False
timer = threading.Timer(0.15, send.send_nowait, ("later",))
timer.start()
interrupted("recv", recv.recv)
received = []
timer = threading.Timer(0.15, lambda: received.append(recv.recv()))
timer.start()
interrupted("send", lambda: send.send("x"))
timer.join()
print(received)
interrupted("timeout", lambda: interpreters.Event().wait(0.1))

raising = True
signal.signal(signal.SIGINT, handler)
threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    recv.recv()
except Alarm:
    print("SIGINT")

# === no-peer channels, locks and select of the module interpreters
# === stdout
# recv interrupted True 1
# send interrupted True 2
# taken back
# send to a full channel interrupted True 3
# get interrupted True 4
# put interrupted True 5
# lock interrupted True 6
# event interrupted True 7
# select interrupted True 8
# recv later True 9
# send None True 10
# ['x']
# timeout False True 11
# SIGINT
