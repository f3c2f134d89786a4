# Misuse of what interpreters share: each has its exception, and both sides go on.
import gc
import mmap
import sys
import threading

import interpreters
from interpreters import (
    Barrier, Event, RLock, Semaphore, SharedArray, SharedBuffer, SharedDict, create, create_channel, create_queue, select,
)

sys.stdout.reconfigure(line_buffering=True)


def attempt(what, action):
    try:
        print(f"{what}:", action())
    except Exception as error:
        told = []
        while error is not None:
            told.append(f"{type(error).__name__}: {error}".rstrip(": "))
            error = error.__cause__
        print(f"{what}:", " <- ".join(told))


interp = create()
recv, send = create_channel()
shared, queue = SharedDict(), create_queue()

print("-- what cannot be shared")
lock = threading.Lock()
attempt("prepare_main", lambda: interp.prepare_main(lock=lock))
attempt("call", lambda: interp.call(print, lock))
attempt("result", lambda: interp.call(lambda: __import__("threading").Lock()))
attempt("send", lambda: send.send_nowait([lock]))
attempt("put", lambda: queue.put({"lock": lock}))
attempt("value", lambda: shared.__setitem__("lock", lock))
attempt("key", lambda: shared.__setitem__([], 1))
attempt("nothing came", lambda: (len(shared), queue.qsize(), recv.recv_nowait("nothing")))

print("-- deep graphs")
deep_list, deep_tuple, deep_set = [], (), frozenset()
for _ in range(100_000):
    deep_list, deep_tuple, deep_set = [deep_list], (deep_tuple,), frozenset([deep_set])
for deep in deep_list, deep_tuple, deep_set:
    attempt("send", lambda: send.send_nowait(deep))
    attempt("call", lambda: interp.call(len, deep))
    attempt("prepare_main", lambda: interp.prepare_main(deep=deep))
    attempt("value", lambda: shared.__setitem__("deep", deep))
attempt("key", lambda: shared.__setitem__(deep_tuple, 1))
nested = ()
for _ in range(900):
    nested = (nested,)
attempt("900 tuples", lambda: send.send_nowait(nested) or recv.recv() == nested)
del deep_list, deep_tuple, deep_set, deep

print("-- cycles")
cycle = []
cycle.append(cycle)
attempt("send", lambda: send.send_nowait(cycle) or recv.recv())
attempt("call", lambda: interp.call(lambda x: x[0] is x, cycle))
attempt("prepare_main", lambda: interp.prepare_main(cycle=cycle))
attempt("value", lambda: shared.__setitem__("cycle", cycle) or shared["cycle"])

print("-- a closed interpreter")
closed = create()
closed.close()
attempt("run", lambda: closed.run("pass"))
attempt("call", lambda: closed.call(len, ""))
attempt("prepare_main", lambda: closed.prepare_main(x=1))
attempt("close", closed.close)
attempt("is_running", closed.is_running)

print("-- one that runs")
working, enough = Event(), Event()
busy = create()
busy.prepare_main(working=working, enough=enough)
thread = threading.Thread(target=busy.run, args=("working.set(); enough.wait()",))
thread.start()
working.wait()
attempt("close", busy.close)
attempt("run", lambda: busy.run("pass"))
attempt("call", lambda: busy.call(len, ""))
attempt("prepare_main", lambda: busy.prepare_main(x=1))
enough.set()
thread.join()
attempt("afterwards", lambda: busy.call(len, "abc"))

print("-- re-entering one")
busy.run("""
import interpreters
me = interpreters.get_current()
for action in lambda: me.run("pass"), lambda: me.call(len, ""), me.close, lambda: me.prepare_main(x=1):
    try:
        action()
    except interpreters.InterpreterError as error:
        print(error, flush=True)
""")
between = create()
busy.prepare_main(between=between.id)
between.prepare_main(caller=busy.id)
busy.run("""
other = interpreters.Interpreter(between)
for what in "run('pass')", "close()":
    try:
        other.run(f"import interpreters; interpreters.Interpreter(caller).{what}")
    except interpreters.RunFailedError as error:
        print(error.excinfo.formatted, flush=True)
""")
between.close()
busy.close()

print("-- a closed channel")
r, s = create_channel()
s.close()
for what in ("s.send(1)", "s.send_nowait(1)", "r.recv()", "r.recv_nowait()", "r.recv(timeout=1)", "s.close()", "r.release()", "list(r)",
             "select([r]) is r", "select([s]) is s"):
    attempt(what, lambda: eval(what))
r, s = create_channel()
s.send_nowait(1)
attempt("not empty", r.close)
attempt("still there", r.recv)
s.send_nowait(2)
r.close(force=True)
attempt("forced", r.recv)
r, s = create_channel()
s.release()
attempt("released", lambda: s.send_nowait(1))

print("-- a message that nobody takes")
r, s = create_channel()
attempt("send", lambda: s.send("x", timeout=0.02))
attempt("withdrawn", lambda: r.recv_nowait("nothing"))
r, s = create_channel(1)
s.send(1)
attempt("full", lambda: s.send(2, timeout=0.02))
attempt("full at once", lambda: s.send_nowait(2))
attempt("the first", r.recv)
full = create_queue(1)
full.put(1)
attempt("queue", lambda: full.put(2, timeout=0.02))

print("-- an owner that is gone")
owner = create()
r, s = create_channel()
# The sender's own end keeps the channel open.
s.send_nowait("mine")
owner.prepare_main(s=s, shared=shared, queue=queue)
owner.run("""
s.send_nowait("theirs")
s.send_nowait(memoryview(bytearray(b"memory")))
shared["memory"] = memoryview(bytearray(b"memory"))
queue.put("theirs")
""")
mine = r.recv()
view = shared["memory"]
owner.close()
attempt("channel", lambda: (mine, r.recv(), r.recv()))
attempt("queue", lambda: queue.get())
view[0:1] = b"M"
attempt("memory", lambda: (bytes(view), bytes(shared["memory"])))
del view

plain, again, array = interpreters.Lock(), RLock(), SharedArray("q", 1)
condition = interpreters.Condition()
owner = create()
owner.prepare_main(plain=plain, again=again, lock=array.lock, condition=condition)
thread = threading.Thread(target=owner.run, args=("for lock in plain, again, again, lock, condition: lock.acquire()",))
thread.start()
thread.join()
attempt("held", lambda: [lock.locked() for lock in (plain, again, array.lock, condition)])
attempt("not mine", lambda: again.acquire(timeout=0.01))
owner.close()
attempt("free", lambda: [lock.acquire(timeout=1) for lock in (plain, again, array.lock, condition)])
owner = create()
owner.prepare_main(plain=plain)
owner.run("plain.acquire(False); plain.release()")
plain.acquire()
owner.close()
attempt("mine", lambda: (plain.locked(), again.release(), condition.wait(0.01)))

print("-- memory under a view")
data = bytearray(b"0123456789")
interp.prepare_main(view=memoryview(data))
attempt("clear", data.clear)
attempt("append", lambda: data.append(1))
interp.run("view.release()")
gc.collect()
attempt("after release", lambda: (data.clear(), len(data)))
pages = mmap.mmap(-1, 4096)
interp.prepare_main(view=memoryview(pages))
attempt("close", pages.close)
interp.run("view[0] = 7; view.release()")
gc.collect()
attempt("after release", lambda: (pages[0], pages.close()))
gone = memoryview(b"abc")
gone.release()
attempt("released", lambda: interp.prepare_main(view=gone))
attempt("released", lambda: send.send_nowait(gone))

print("-- names")
attempt("NUL", lambda: interp.prepare_main({"a\0b": 1}))
attempt("surrogate", lambda: interp.prepare_main({"\ud800": 1}))
attempt("number", lambda: interp.prepare_main({1: 1}))
attempt("all or nothing", lambda: interp.prepare_main({"first": 1, "second": lock}))
attempt("nothing", lambda: interp.call(lambda: "first" in __import__("__main__").__dict__))

print("-- numbers")
for what in ("recv.recv(timeout=-1)", "recv.recv(timeout=float('nan'))", "recv.recv(timeout='x')", "create_channel(10**30)", "create_channel('x')",
             "SharedBuffer(-1)", "SharedBuffer(10**30)", "SharedBuffer(2**62)", "SharedBuffer('x')", "SharedArray('q', (2**40, 2**40))",
             "SharedArray('q', (1,) * 65)", "Semaphore(-1)", "Barrier(0)", "RLock().release()", "select([])", "select([1])"):
    attempt(what, lambda: eval(what))

interp.close()
print("closed")

# === no-peer channels, locks and memory of the module interpreters
# === stdout
# -- what cannot be shared
# prepare_main: NotShareableError: <unlocked _thread.lock object at 0x...> does not support cross-interpreter data
# call: NotShareableError: (<unlocked _thread.lock object at 0x...>,) does not support cross-interpreter data <- NotShareableError: <unlocked _thread.lock object at 0x...> does not support cross-interpreter data <- TypeError: cannot pickle '_thread.lock' object
# result: NotShareableError: <unlocked _thread.lock object at 0x...> does not support cross-interpreter data <- TypeError: cannot pickle '_thread.lock' object
# send: NotShareableError: [<unlocked _thread.lock object at 0x...>] does not support cross-interpreter data <- TypeError: cannot pickle '_thread.lock' object
# put: NotShareableError: {'lock': <unlocked _thread.lock object at 0x...>} does not support cross-interpreter data <- TypeError: cannot pickle '_thread.lock' object
# value: NotShareableError: <unlocked _thread.lock object at 0x...> does not support cross-interpreter data <- TypeError: cannot pickle '_thread.lock' object
# key: TypeError: unhashable type: 'list'
# nothing came: (0, 0, 'nothing')
# -- deep graphs
# send: NotShareableError: 'list' object does not support cross-interpreter data <- RecursionError: maximum recursion depth exceeded
# call: NotShareableError: 'tuple' object does not support cross-interpreter data <- NotShareableError: 'list' object does not support cross-interpreter data <- RecursionError: maximum recursion depth exceeded
# prepare_main: NotShareableError: 'list' object does not support cross-interpreter data
# value: NotShareableError: 'list' object does not support cross-interpreter data <- RecursionError: maximum recursion depth exceeded
# send: RecursionError: maximum recursion depth exceeded while sharing a tuple
# call: RecursionError: maximum recursion depth exceeded while sharing a tuple
# prepare_main: RecursionError: maximum recursion depth exceeded while sharing a tuple
# value: RecursionError: maximum recursion depth exceeded while sharing a tuple
# send: RecursionError: maximum recursion depth exceeded while sharing a frozenset
# call: RecursionError: maximum recursion depth exceeded while sharing a frozenset
# prepare_main: NotShareableError: 'frozenset' object does not support cross-interpreter data
# value: RecursionError: maximum recursion depth exceeded while sharing a frozenset
# key: RecursionError: maximum recursion depth exceeded while sharing a tuple
# 900 tuples: True
# -- cycles
# send: [[...]]
# call: True
# prepare_main: NotShareableError: [[...]] does not support cross-interpreter data
# value: [[...]]
# -- a closed interpreter
# run: InterpreterNotFoundError: unrecognized interpreter ID 2
# call: InterpreterNotFoundError: unrecognized interpreter ID 2
# prepare_main: InterpreterNotFoundError: unrecognized interpreter ID 2
# close: InterpreterNotFoundError: unrecognized interpreter ID 2
# is_running: InterpreterNotFoundError: unrecognized interpreter ID 2
# -- one that runs
# close: InterpreterError: interpreter running
# run: InterpreterError: interpreter already running
# call: InterpreterError: interpreter already running
# prepare_main: InterpreterError: interpreter already running
# afterwards: 3
# -- re-entering one
# interpreter already running
# interpreter already running
# cannot destroy the current interpreter
# interpreter already running
# concurrent.interpreters.InterpreterError: interpreter already running
# concurrent.interpreters.InterpreterError: interpreter running
# -- a closed channel
# s.send(1): ChannelClosedError: channel 1 is closed
# s.send_nowait(1): ChannelClosedError: channel 1 is closed
# r.recv(): ChannelClosedError: channel 1 is closed
# r.recv_nowait(): ChannelClosedError: channel 1 is closed
# r.recv(timeout=1): ChannelClosedError: channel 1 is closed
# s.close(): ChannelClosedError: channel 1 is closed
# r.release(): ChannelClosedError: channel 1 is closed
# list(r): []
# select([r]) is r: True
# select([s]) is s: True
# not empty: ChannelNotEmptyError: channel 2 may not be closed if not empty (try force=True)
# still there: 1
# forced: ChannelClosedError: channel 2 is closed
# released: ChannelClosedError: channel 3 is closed
# -- a message that nobody takes
# send: TimeoutError: timed out
# withdrawn: nothing
# full: TimeoutError: timed out
# full at once: ChannelFullError: channel 5 is full
# the first: 1
# queue: QueueFull: queue 2 is full
# -- an owner that is gone
# channel: ('mine', interpreters.UNBOUND, interpreters.UNBOUND)
# queue: concurrent.interpreters._queues.UNBOUND
# memory: (b'Memory', b'Memory')
# held: [True, True, True, True]
# not mine: False
# free: [True, True, True, True]
# mine: (True, None, False)
# -- memory under a view
# clear: BufferError: Existing exports of data: object cannot be re-sized
# append: BufferError: Existing exports of data: object cannot be re-sized
# after release: (None, 0)
# close: BufferError: cannot close exported pointers exist
# after release: (7, None)
# released: ValueError: operation forbidden on released memoryview object
# released: ValueError: operation forbidden on released memoryview object
# -- names
# NUL: ValueError: embedded null character
# surrogate: UnicodeEncodeError: 'utf-8' codec can't encode character '\ud800' in position 0: surrogates not allowed
# number: TypeError: bad argument type for built-in operation
# all or nothing: NotShareableError: <unlocked _thread.lock object at 0x...> does not support cross-interpreter data
# nothing: False
# -- numbers
# recv.recv(timeout=-1): ValueError: timeout value must be a non-negative number
# recv.recv(timeout=float('nan')): ValueError: timeout value must be a non-negative number
# recv.recv(timeout='x'): TypeError: must be real number, not str
# create_channel(10**30): OverflowError: Python int too large to convert to C long
# create_channel('x'): TypeError: 'str' object cannot be interpreted as an integer
# SharedBuffer(-1): ValueError: negative size
# SharedBuffer(10**30): OverflowError: Python int too large to convert to C long
# SharedBuffer(2**62): MemoryError
# SharedBuffer('x'): TypeError: a bytes-like object is required, not 'str'
# SharedArray('q', (2**40, 2**40)): MemoryError
# SharedArray('q', (1,) * 65): ValueError: number of dimensions must not exceed 64
# Semaphore(-1): ValueError: semaphore initial value must be >= 0
# Barrier(0): ValueError: parties must be >= 1
# RLock().release(): RuntimeError: cannot release un-acquired lock
# select([]): ValueError: nothing to wait for
# select([1]): TypeError: cannot wait for a 'int' object: ends of channels and queues only
# closed
