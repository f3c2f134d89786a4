# Calls in interpreters that coroutines of asyncio wait for.
import asyncio
import threading

import interpreters


def square(n):
    return n * n


def meet(barrier, n):
    # Passes only if all calls run at the same time.
    barrier.wait(30)
    return n


def take(order, n):
    order.send_nowait(n)
    return n


def spin(started):
    started.set()
    while True:
        pass


def waits(started, channel):
    started.set()
    return channel.recv()


def tidy(started, seen):
    started.set()
    try:
        while True:
            pass
    finally:
        seen.value = sum(range(1000))


def stubborn(started, seen):
    import interpreters
    started.set()
    try:
        while True:
            pass
    except interpreters.Stopped as error:
        seen.value = 7
        return str(error)


def missing(key):
    return {}[key]


class Unsendable(Exception):
    def __reduce__(self):
        raise TypeError("it stays here")


def fails():
    raise Unsendable("no")


async def started_task(interp, function, *args):
    started = interpreters.Event()
    task = asyncio.create_task(interp.call_async(function, started, *args))
    while not started.is_set():
        await asyncio.sleep(0.001)
    return task


async def cancelled(task):
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True


async def main():
    many = [interpreters.create() for _ in range(4)]
    one, two = many[:2]

    # Several at the same time, while the loop goes on.
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    barrier = interpreters.Barrier(4)
    print(await asyncio.gather(*(interp.call_async(meet, barrier, n) for n, interp in enumerate(many))))
    print(await one.call_async(square, n=12), await two.call_async(eval, "6 * 7"), ticks > 0)
    ticking.cancel()

    # Those of one interpreter take turns.
    recv, send = interpreters.create_channel()
    print(await asyncio.gather(*(one.call_async(take, send, n) for n in range(20))) == list(range(20)))
    print([recv.recv_nowait() for _ in range(20)] == list(range(20)))

    # What a call raises.
    for function, args in [(missing, ("key",)), (fails, ()), (3, ())]:
        try:
            await one.call_async(function, *args)
        except interpreters.RunFailedError as error:
            print("RunFailedError", error.excinfo.formatted)
        except Exception as error:
            print(type(error).__name__, error, type(error.__cause__).__name__)
    try:
        await one.run_async("import sys; sys.exit(3)")
    except interpreters.RunFailedError as error:
        print(error.excinfo.formatted)
    await one.run_async("total = start + 1", channels={"start": 41})
    print(await one.call_async(eval, "total"))

    # Cancelled: who waits goes on, the call is stopped, the interpreter stays usable.
    seen = interpreters.AtomicInt()
    print(await cancelled(await started_task(one, spin)), await one.call_async(square, 2))
    print(await cancelled(await started_task(one, tidy, seen)), await one.call_async(square, 3), seen)
    print(await cancelled(await started_task(one, stubborn, seen)), await one.call_async(square, 4), seen)
    print(await cancelled(await started_task(one, waits, recv)), await one.call_async(square, 5))
    try:
        async with asyncio.timeout(0.05):
            await one.call_async(spin, interpreters.Event())
    except TimeoutError:
        print("timed out", await one.call_async(square, 6))

    # One that waits for its turn is not made.
    task = await started_task(one, waits, recv)
    queued = asyncio.create_task(one.call_async(take, send, "never"))
    await asyncio.sleep(0.01)
    print(await cancelled(queued), task.done())
    send.send_nowait("end")
    print(await task, recv.recv_nowait("nothing"))

    # The first failure of a group cancels the other calls.
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(two.call_async(spin, interpreters.Event()))
            group.create_task(one.call_async(missing, 1))
    except* KeyError as errors:
        print(errors.exceptions, await two.call_async(square, 7))

    # A call from elsewhere is refused meanwhile, as ever.
    task = await started_task(one, waits, recv)
    try:
        one.call(square, 1)
    except interpreters.InterpreterError as error:
        print(error)
    send.send_nowait("end")
    print(await task)

    for interp in many:
        interp.close()
    try:
        await one.call_async(square, 1)
    except interpreters.InterpreterNotFoundError:
        print("closed")


asyncio.run(main())

# In a loop of another thread, and of another interpreter.
interp = interpreters.create()
results = []
thread = threading.Thread(target=lambda: results.append(asyncio.run(interp.call_async(square, 8))))
thread.start()
thread.join()
print(results)
interp.run("""
import asyncio, interpreters
def half(n):
    return n // 2
inner = interpreters.create()
print(asyncio.run(inner.call_async(half, 9)))
inner.close()
""")
interp.close()
# === no-peer call_async of the module interpreters
# === env PYTHONUNBUFFERED=1
# === stdout
# [0, 1, 2, 3]
# 144 42 True
# True
# True
# KeyError 'key' ExecutionFailed
# RunFailedError Unsendable: no
# TypeError expected a callable, got 3 NoneType
# SystemExit: 3
# 42
# True 4
# True 9 AtomicInt(499500)
# True 16 AtomicInt(7)
# True 25
# timed out 36
# True False
# end nothing
# (KeyError(1),) 49
# interpreter already running
# end
# closed
# [64]
# 4
