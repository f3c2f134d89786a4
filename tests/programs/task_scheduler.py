# Coroutines driven by a scheduler of our own: tasks, sleeping, channels, cancellation, async iteration and contexts.
import collections
import heapq
import itertools
import types


class Cancelled(BaseException):
    pass


@types.coroutine
def switch(command, *args):
    return (yield command, args)


class Task:
    ids = itertools.count(1)

    def __init__(self, coroutine, name=None):
        self.coroutine, self.name = coroutine, name or f"task-{next(self.ids)}"
        self.done, self.result, self.error, self.waiters = False, None, None, []

    def __await__(self):
        if not self.done:
            yield "join", (self,)
        if self.error is not None:
            raise self.error
        return self.result

    def __repr__(self):
        state = "done" if self.done else "pending"
        return f"<{self.name} {state}>"


class Loop:
    def __init__(self):
        self.ready, self.sleeping, self.now, self.order = collections.deque(), [], 0, itertools.count()

    def spawn(self, coroutine, name=None):
        task = Task(coroutine, name)
        self.ready.append((task, None, None))
        return task

    def run(self, coroutine):
        main = self.spawn(coroutine, "main")
        while not main.done:
            if not self.ready:
                if not self.sleeping:
                    raise RuntimeError("deadlock")
                self.now, _, task = heapq.heappop(self.sleeping)
                self.ready.append((task, None, None))
            self.step(*self.ready.popleft())
        if main.error:
            raise main.error
        return main.result

    def step(self, task, value, error):
        if task.done:
            return
        try:
            command, args = task.coroutine.throw(error) if error else task.coroutine.send(value)
        except StopIteration as stop:
            self.finish(task, result=stop.value)
        except (Exception, Cancelled) as failure:
            self.finish(task, error=failure)
        else:
            getattr(self, f"do_{command}")(task, *args)

    def finish(self, task, result=None, error=None):
        task.done, task.result, task.error = True, result, error
        self.ready.extend((waiter, None, None) for waiter in task.waiters)

    def do_sleep(self, task, delay):
        heapq.heappush(self.sleeping, (self.now + delay, next(self.order), task))

    def do_join(self, task, other):
        other.waiters.append(task)

    def do_spawn(self, task, coroutine, name):
        self.ready.append((task, self.spawn(coroutine, name), None))

    def do_now(self, task):
        self.ready.append((task, self.now, None))

    def do_cancel(self, task, other):
        self.ready.append((other, None, Cancelled(other.name)))
        self.ready.append((task, None, None))

    def do_park(self, task, queue):
        queue.append(task)

    def do_wake(self, task, other, value):
        self.ready.append((other, value, None))
        self.ready.append((task, None, None))


async def sleep(delay):
    await switch("sleep", delay)


async def spawn(coroutine, name=None):
    return await switch("spawn", coroutine, name)


class Channel:
    def __init__(self):
        self.items, self.readers, self.closed = collections.deque(), collections.deque(), False

    async def put(self, item):
        if self.readers:
            await switch("wake", self.readers.popleft(), (item,))
        else:
            self.items.append(item)

    async def close(self):
        self.closed = True
        while self.readers:
            await switch("wake", self.readers.popleft(), None)

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.items:
            return self.items.popleft()
        if self.closed:
            raise StopAsyncIteration
        got = await switch("park", self.readers)
        if got is None:
            raise StopAsyncIteration
        return got[0]


class Lock:
    def __init__(self):
        self.held, self.queue = False, collections.deque()

    async def __aenter__(self):
        if self.held:
            await switch("park", self.queue)
        self.held = True
        return self

    async def __aexit__(self, kind, error, traceback):
        self.held = False
        if self.queue:
            await switch("wake", self.queue.popleft(), None)
        return kind is ArithmeticError


log = []


async def ticker(n, delay):
    for i in range(n):
        await sleep(delay)
        yield i, await switch("now")


async def producer(channel, name, delay):
    async for i, now in ticker(3, delay):
        await channel.put(f"{name}{i}@{now}")


async def worker(lock, name):
    async with lock:
        log.append(f"{name} in")
        await sleep(1)
        log.append(f"{name} out")
        if name == "w2":
            raise ArithmeticError("swallowed")
    return name.upper()


async def forever():
    try:
        while True:
            await sleep(1)
    except Cancelled as cancelled:
        log.append(f"cancelled {cancelled}")
        raise
    finally:
        await sleep(0)
        log.append("cleaned up")


async def fails():
    await sleep(2)
    raise LookupError("no such account")


async def main():
    channel, lock = Channel(), Lock()
    producers = [await spawn(producer(channel, n, d), n) for n, d in zip("ab", (2, 3))]
    endless = await spawn(forever(), "endless")
    workers = [await spawn(worker(lock, f"w{i}")) for i in range(1, 4)]
    broken = await spawn(fails())

    async def closer():
        for p in producers:
            await p
        await channel.close()

    await spawn(closer())
    print([item async for item in channel])
    print([await w for w in workers], workers[0])
    try:
        await broken
    except LookupError as error:
        print(type(error).__name__, error)
    await switch("cancel", endless)
    try:
        await endless
    except Cancelled:
        print("endless was cancelled")
    pairs = {i: now async for i, now in ticker(4, 5) if i % 2}
    print(pairs, await switch("now"))
    return "finished"


loop = Loop()
print(loop.run(main()))
print(log)
try:
    Loop().run(switch_forever := Channel().__anext__())
except RuntimeError as error:
    print(error)
agen = ticker(2, 1)
print(type(agen).__name__, agen.ag_running, main.__name__, type(main()).__name__ if False else "coroutine")

# === stdout
# ['a0@2', 'b0@3', 'a1@4', 'b1@6', 'a2@6', 'b2@9']
# ['W1', 'W2', 'W3'] <task-1 done>
# LookupError no such account
# endless was cancelled
# {1: 19, 3: 29} 29
# finished
# ['w1 in', 'w1 out', 'w2 in', 'w2 out', 'w3 in', 'w3 out', 'cancelled endless', 'cleaned up']
# deadlock
# async_generator False main coroutine
