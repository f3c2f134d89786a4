# An event loop of one's own over generators and async functions: sleeping, futures, cancellation, locks.
import heapq
import itertools


class Cancelled(BaseException):
    pass


class Future:
    def __init__(self):
        self.done, self.value, self.callbacks = False, None, []

    def set(self, value):
        self.done, self.value = True, value
        for callback in self.callbacks:
            callback()

    def __await__(self):
        if not self.done:
            yield self
        return self.value


class Sleep:
    def __init__(self, ticks):
        self.ticks = ticks

    def __await__(self):
        yield self


class Task(Future):
    ids = itertools.count(1)

    def __init__(self, loop, coroutine):
        super().__init__()
        self.loop, self.coroutine, self.id, self.error = loop, coroutine, next(self.ids), None

    def step(self, throw=None):
        if self.done:
            return
        try:
            wait = self.coroutine.throw(throw) if throw else self.coroutine.send(None)
        except StopIteration as stop:
            self.set(stop.value)
        except Cancelled:
            self.set("cancelled")
        except Exception as error:
            self.error = error
            self.set(f"failed: {error}")
        else:
            if isinstance(wait, Sleep):
                self.loop.at(wait.ticks, self.step)
            else:
                wait.callbacks.append(self.step)

    def cancel(self):
        self.step(Cancelled())


class Loop:
    def __init__(self):
        self.now, self.heap, self.order = 0, [], itertools.count()

    def at(self, ticks, what):
        heapq.heappush(self.heap, (self.now + ticks, next(self.order), what))

    def spawn(self, coroutine):
        task = Task(self, coroutine)
        self.at(0, task.step)
        return task

    def run(self, coroutine):
        main = self.spawn(coroutine)
        while self.heap and not main.done:
            self.now, _, what = heapq.heappop(self.heap)
            what()
        return main.value


class Channel:
    def __init__(self):
        self.items, self.waiting = [], []

    def put(self, item):
        if self.waiting:
            self.waiting.pop(0).set(item)
        else:
            self.items.append(item)

    async def get(self):
        if self.items:
            return self.items.pop(0)
        future = Future()
        self.waiting.append(future)
        return await future


loop = Loop()


async def ticker(name, every, times):
    for i in range(times):
        await Sleep(every)
        print(f"{loop.now:3} {name} {i}")
    return f"{name} done"


async def producer(channel):
    for i in range(3):
        await Sleep(5)
        channel.put(i * 10)
    channel.put(None)


async def consumer(channel):
    total = 0
    while (item := await channel.get()) is not None:
        print(f"{loop.now:3} got {item}")
        total += item
    return total


async def forever():
    try:
        while True:
            await Sleep(4)
    finally:
        print(f"{loop.now:3} forever was stopped")


async def failing():
    await Sleep(1)
    raise ValueError("on purpose")


async def main():
    channel = Channel()
    endless = loop.spawn(forever())
    tasks = [loop.spawn(c) for c in (ticker("a", 3, 3), ticker("b", 4, 2), producer(channel), consumer(channel), failing())]
    results = [await task for task in tasks]
    endless.cancel()
    return results, await endless


print(loop.run(main()))

# === stdout
#   3 a 0
#   4 b 0
#   5 got 0
#   6 a 1
#   8 b 1
#   9 a 2
#  10 got 10
#  15 got 20
#  15 forever was stopped
# (['a done', 'b done', None, 30, 'failed: on purpose'], 'cancelled')
