# Channel ends in a program of asyncio: the loop runs on while it waits.
import asyncio
import os
import threading

import interpreters


async def main():
    recv, send = interpreters.create_channel()
    answers, answer = interpreters.create_channel(1)
    interp = interpreters.create()
    interp.prepare_main(recv=recv, answer=answer)
    thread = threading.Thread(target=interp.run, args=("""
for n in recv:
    answer.send(n * n)
answer.close()
""",))
    thread.start()
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    for n in range(5):
        await send.send_async(n)
    await asyncio.sleep(0)
    print([await answers.recv_async() for _ in range(3)], ticks > 0)
    await send.send_async(10)
    send.close()
    print([n async for n in answers])
    thread.join()
    try:
        await answers.recv_async()
    except interpreters.ChannelClosedError:
        print("closed")

    first, send_first = interpreters.create_channel()
    second, send_second = interpreters.create_channel()
    both = asyncio.gather(first.recv_async(), second.recv_async())
    await asyncio.sleep(0.01)
    threading.Timer(0.02, send_second.send_nowait, ("second",)).start()
    threading.Timer(0.04, send_first.send_nowait, ("first",)).start()
    print(await both)
    try:
        await asyncio.wait_for(first.recv_async(), 0.02)
    except TimeoutError:
        print("timed out")
    ticking.cancel()

    queue = interpreters.create_queue()
    for things in [first], [queue], [first, queue]:
        try:
            await interpreters.select_async(things, timeout=0.01)
        except TimeoutError:
            print("none is ready")
    interp.prepare_main(queue=queue)
    thread = threading.Thread(target=interp.run, args=("import time; time.sleep(0.05); queue.put('from the queue')",))
    thread.start()
    print(await interpreters.select_async([first, queue]) is queue, queue.get_nowait())
    thread.join()
    print(await interpreters.select_async([first, send_first]) is send_first)
    # Waits that were given up leave nothing behind.
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        try:
            await asyncio.wait_for(first.recv_async(), 0.001)
        except TimeoutError:
            pass
    print(len(os.listdir("/proc/self/fd")) - before)
    interp.close()


asyncio.run(main())
asyncio.run(asyncio.sleep(0))

# === no-peer channels of the module interpreters
# === stdout
# [0, 1, 4] True
# [9, 16, 100]
# closed
# ['first', 'second']
# timed out
# none is ready
# none is ready
# none is ready
# True from the queue
# True
# 0
