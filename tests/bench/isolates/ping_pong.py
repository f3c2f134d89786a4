# An int goes back and forth between interpreters on two threads, over channels. Argument: for how many seconds.
import sys
import time
from threading import Thread

import interpreters

LIMIT = float(sys.argv[1])
there, send_there = interpreters.create_channel()
back, send_back = interpreters.create_channel()
interp = interpreters.create()
interp.prepare_main(there=there, send_back=send_back)
thread = Thread(
    target=interp.exec if hasattr(interp, "exec") else interp.run,
    args=("""
while (n := there.recv()) >= 0:
    send_back.send_nowait(n)
""",),
)
thread.start()
for n in range(10):
    send_there.send_nowait(n)
    back.recv()
rounds = 0
begin = time.perf_counter()
while (elapsed := time.perf_counter() - begin) < LIMIT:
    for n in range(10):
        send_there.send_nowait(n)
        assert back.recv() == n
    rounds += 10
send_there.send_nowait(-1)
thread.join()
interp.close()
print("METRIC", "round trip of an int over channels", elapsed / rounds * 1e6, "us", "lower", sep="|")
