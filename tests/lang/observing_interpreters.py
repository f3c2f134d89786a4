# Counters of interpreters, and stacks of running, waiting and idle ones, read from outside.
import threading
import time

import interpreters


def until(condition):
    # The threads of another interpreter get there when they get there.
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.001)


def names(summary):
    return [frame.name for frame in summary]


# A fresh one has hardly anything, and nothing runs in it.
interp = interpreters.create()
fresh = interp.stats()
print(type(fresh).__name__, fresh.collections, fresh.sent, fresh.received, fresh.threads, fresh.run_time)
print(fresh.bytes <= fresh.peak_bytes, interp.stack(), interp.stacks())

# Memory: live and peak; collections.
interp.run("""
import gc
gc.collect()
blocks = [bytes(1000) for _ in range(2000)]
del blocks
class Node: pass
for _ in range(50):
    node = Node()
    node.me = node
del node
gc.collect()
""")
used = interp.stats()
print(used.peak_bytes - used.bytes > 1_500_000, used.collections >= 2, used.collected >= 50)
print(used.objects > fresh.objects, used.run_time > 0, used.entries > fresh.entries)
print(interpreters.get_current().stats().threads)

# Messages through channels and queues, as each side counts them.
recv, send = interpreters.create_channel()
queue = interpreters.create_queue()
interp.prepare_main(recv=recv, queue=queue)
mine = interpreters.get_current()
before = mine.stats()
for n in range(3):
    send.send_nowait(n)
queue.put("x")
interp.run("print([recv.recv() for _ in range(3)], queue.get()); queue.put('y'); queue.put('z')")
print(queue.get())
after = mine.stats()
print(after.sent - before.sent, after.received - before.received, interp.stats().sent, interp.stats().received)

# A running one: its thread goes on.
running = interpreters.AtomicInt(1)
interp.prepare_main(running=running)
interp.run("""
def inner():
    while running.value:
        pass

def outer():
    inner()
""")
thread = threading.Thread(target=interp.run, args=("outer()",))
thread.start()
until(lambda: "inner" in names(interp.stack()))
stack = interp.stack()
print(type(stack).__name__, names(stack), stack[0].filename, stack[1].lineno, [type(frame).__name__ for frame in stack][:1])
begin = interp.stats()
until(lambda: interp.stats().run_time > begin.run_time)
print(interp.stats().threads, interp.stats().hand_offs > 0, interp.is_running())
running.value = 0
thread.join()
print(interp.stack())

# One that waits: in a channel, in a lock of threading, asleep.
for wait, end in [
    ("recv.recv()", lambda: send.send_nowait("end")),
    ("import time; time.sleep(0.2)", lambda: None),
    ("gate.wait()", lambda: gate.set()),
]:
    gate = interpreters.Event()
    interp.prepare_main(gate=gate)
    interp.run(f"def waits():\n    {wait}")
    thread = threading.Thread(target=interp.run, args=("waits()",))
    thread.start()
    until(lambda: names(interp.stack()) == ["<module>", "waits"])
    print(names(interp.stack()))
    end()
    thread.join()

# Several threads of one interpreter.
interp.run("""
import threading
gates = [threading.Event(), threading.Event()]
def first(): gates[0].wait()
def second(): gates[1].wait()
threads = [threading.Thread(target=f) for f in (first, second)]
for t in threads: t.start()
idents = [t.ident for t in threads]
""")
idents = interp.call(eval, "idents")
until(lambda: len(interp.stacks()) == 2 and all("wait" in names(s) for s in interp.stacks().values()))
stacks = interp.stacks()
print([[name for name in names(stacks[ident]) if name in ("first", "second")] for ident in idents])
interp.run("for g in gates: g.set()\nfor t in threads: t.join()")
print(interp.stacks())

# Native code that does not end in time.
def asked_in_vain():
    try:
        interp.stack(timeout=0)
    except TimeoutError as error:
        messages.append(str(error).replace(str(interp.id), "N"))
    return bool(messages)


messages = []
running.value = 1
thread = threading.Thread(target=interp.run, args=("while running.value: sum(range(3_000_000))",))
thread.start()
until(asked_in_vain)
print(messages, names(interp.stack(timeout=30)))
running.value = 0
thread.join()


# The interpreter that asks, and one whose caller asks from inside of another.
def asks():
    return interpreters.get_current().stack()


print(names(asks()))
interp.prepare_main(number=mine.id)
interp.run("""
import interpreters
def nested():
    return interpreters.Interpreter(number).stack()
summary = nested()
print([frame.name for frame in summary if frame.name in ("<module>", "asks", "nested", "run")])
print([frame.name for frame in interpreters.get_current().stack()])
""")

# Misuse.
number = interp.id
interp.close()
for ask in (interp.stats, interp.stack, interp.stacks):
    try:
        ask()
    except interpreters.InterpreterNotFoundError as error:
        print(str(error).replace(str(number), "N"))
for timeout in (-1, float("nan"), "1"):
    try:
        mine.stack(timeout)
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
# === no-peer stats and stacks of the module interpreters
# === env PYTHONUNBUFFERED=1
# === stdout
# Stats 0 0 0 0 0.0
# True [] {}
# True True True
# True True True
# 1
# [0, 1, 2] x
# y
# 4 1 2 4
# StackSummary ['<module>', 'outer', 'inner'] <script> 7 ['FrameSummary']
# 1 True True
# []
# ['<module>', 'waits']
# ['<module>', 'waits']
# ['<module>', 'waits']
# [['first'], ['second']]
# {}
# ['interpreter N runs native code'] ['<module>']
# ['<module>', 'asks']
# ['<module>', 'run']
# ['<module>']
# unrecognized interpreter ID N
# unrecognized interpreter ID N
# unrecognized interpreter ID N
# ValueError timeout value must be a non-negative number
# ValueError timeout value must be a non-negative number
# TypeError must be real number, not str
