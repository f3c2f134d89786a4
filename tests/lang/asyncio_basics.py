# asyncio of the library: run, gather, sleep, queues, tasks, cancellation, timeouts.
import asyncio


async def work(name, delay, log):
    log.append(f"{name} starts")
    await asyncio.sleep(delay)
    log.append(f"{name} ends")
    return name


async def main():
    log = []
    print(await asyncio.gather(work("a", 0.02, log), work("b", 0.01, log)))
    print(log)
    task = asyncio.create_task(work("c", 10, log))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled", task.cancelled())
    queue = asyncio.Queue()

    async def produce():
        for i in range(3):
            await queue.put(i)
        await queue.put(None)

    async def consume():
        out = []
        while (item := await queue.get()) is not None:
            out.append(item)
        return out

    _, got = await asyncio.gather(produce(), consume())
    print(got)
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(10)
    except TimeoutError:
        print("timed out")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(work("d", 0, log))
            group.create_task(fail())
    except* ValueError as errors:
        print(errors.exceptions)
    return "done"


async def fail():
    raise ValueError("in a task")


print(asyncio.run(main()))

# === stdout
# ['a', 'b']
# ['a starts', 'b starts', 'b ends', 'a ends']
# cancelled True
# [0, 1, 2]
# timed out
# (ValueError('in a task'),)
# done
