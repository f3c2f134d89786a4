# async and await driven by hand: coroutines, awaitables, async for, async with, async generators, async comprehensions.
class Step:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        got = yield self.value
        return got


def run(coroutine):
    sends = None
    log = []
    while True:
        try:
            log.append(coroutine.send(sends))
            sends = f"answer {len(log)}"
        except StopIteration as stop:
            return log, stop.value


async def simple():
    first = await Step(1)
    second = await Step(2)
    return first, second


print(run(simple()))


async def nested():
    return [await simple() for _ in range(2)]


print(run(nested()))


class Manager:
    async def __aenter__(self):
        await Step("enter")
        return "entered"

    async def __aexit__(self, kind, value, traceback):
        await Step("exit")
        print("leaving with", kind and kind.__name__)
        return True


async def managed(fail):
    async with Manager() as m:
        print(m)
        if fail:
            raise ValueError
    return "after"


print(run(managed(False)))
print(run(managed(True)))


class Count:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        await Step("tick")
        return self.n


async def loops():
    out = []
    async for n in Count(3):
        if n == 1:
            continue
        out.append(n)
    else:
        out.append("else")
    out.append([n async for n in Count(2)])
    out.append({n: n async for n in Count(2) if n})
    return out


print(run(loops()))


async def agen():
    try:
        for i in range(3):
            got = yield i
            if got:
                print("agen got", got)
            await Step("inside")
    finally:
        print("agen closed")


async def uses_agen():
    out = []
    async for x in agen():
        out.append(x)
    g = agen()
    out.append(await g.__anext__())
    out.append(await g.asend("hi"))
    await g.aclose()
    g = agen()
    await anext(g)
    try:
        await g.athrow(KeyError("thrown"))
    except KeyError as error:
        out.append(repr(error))
    out.append(await anext(agen(), "default"))
    return out


print(run(uses_agen()))


async def fails():
    raise RuntimeError("inside")


async def catches():
    try:
        await fails()
    except RuntimeError as error:
        return f"caught {error}"


print(run(catches()))
c = simple()
print(type(c).__name__, c.cr_running)
c.close()
try:
    c.send(None)
except RuntimeError as error:
    print(error)


async def awaits_bad():
    await 3


for bad in (awaits_bad,):
    try:
        run(bad())
    except TypeError as error:
        print(error)


async def bad_for():
    async for x in [1]:
        pass


async def bad_with():
    async with 3:
        pass


for bad in bad_for, bad_with:
    try:
        run(bad())
    except TypeError as error:
        print(error)


async def gen_expression():
    g = (x async for x in Count(2))
    return [x async for x in g], type(g).__name__


print(run(gen_expression()))

# === stdout
# ([1, 2], ('answer 1', 'answer 2'))
# ([1, 2, 1, 2], [('answer 1', 'answer 2'), ('answer 3', 'answer 4')])
# entered
# leaving with None
# (['enter', 'exit'], 'after')
# entered
# leaving with ValueError
# (['enter', 'exit'], 'after')
# (['tick', 'tick', 'tick', 'tick', 'tick', 'tick', 'tick'], [2, 0, 'else', [1, 0], {1: 1}])
# agen closed
# agen got hi
# agen closed
# agen closed
# agen closed
# (['inside', 'inside', 'inside', 'inside'], [0, 1, 2, 0, 1, "KeyError('thrown')", 0])
# ([], 'caught inside')
# coroutine False
# cannot reuse already awaited coroutine
# 'int' object can't be awaited
# 'async for' requires an object with __aiter__ method, got list
# 'int' object does not support the asynchronous context manager protocol (missed __aexit__ method)
# (['tick', 'tick'], ([1, 0], 'async_generator'))
