# Long tuples, frozensets and big integers cross by reference: all who receive one have it in common, and nothing of it stays
# when nobody has it any more.
import copy
import gc
import pickle
import sys
import threading
import weakref

import interpreters

sys.set_int_max_str_digits(0)
N = 20_000
interp = interpreters.create()


def same(x):
    return x


def where(x):
    return id(x)


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


print("-- there and back")
big = 7 << 100_000
values = [
    tuple(range(N)),
    tuple(i / 4 for i in range(N)),
    tuple(str(i) for i in range(N)),
    tuple("\u20ac\ud800" * 3 + str(i) for i in range(N)),
    tuple(b"%d" % i for i in range(N)),
    tuple((i, str(i), (None, True, 1 - 1j)) for i in range(N // 4)),
    frozenset(str(i) for i in range(N)),
    frozenset((i, frozenset({str(i)})) for i in range(N // 10)),
    big, -big, (big, big),
    ("", "a", "\xe9", "\u20ac", b"", b"b", (), frozenset(), 2**60, 1e300, None, False, ...) * 100,
]
for value in values:
    back = interp.call(same, value)
    print(type(back).__name__, back == value, hash(back) == hash(value), repr(back) == repr(value), back is value)
print(list(interp.call(same, values[6])) == list(values[6]))

print("-- one object for all who receive it")
numbers = interp.call(same, values[0])
print(interp.call(where, values[0]) == interp.call(where, values[0]) == id(interp.call(same, values[0])) == id(numbers))
print(interp.call(same, numbers) is numbers, interp.call(same, (numbers, [numbers]))[0] is numbers)
texts = interp.call(same, values[2])
print(texts[5] is interp.call(same, texts)[5], texts[5] is values[2][5])
wrapped = interp.call(same, (numbers, texts) + tuple(range(1000)))
print(wrapped[0] is numbers, wrapped[1] is texts)
row = ("x" * 50, 2**70)
back = interp.call(same, (row,) * 1000)
print(back[0] is back[999], back == (row,) * 1000)
queue = interpreters.create_queue()
seen = []
for i in range(3):
    queue.put((i, values[0], ("x", values[2])))
    i, a, (x, b) = queue.get()
    seen.append((i, a is numbers, b is texts))
print(seen)
rows = (values[0], values[2]) * 200
back = interp.call(same, rows)
print(back[0] is numbers, back[399] is texts, interp.call(same, rows) is back, rows == back)
short = (1, "two", 3.0)
print(interp.call(where, short) != 0, interp.call(same, short) == short)

print("-- shared structure does not multiply")
deep = ("leaf" * 1000,)
for _ in range(60):
    deep = (deep, deep)
back = interp.call(same, (deep,) * 20)
print(back[0] is back[19])
back = back[0]
for _ in range(60):
    if back[0] is not back[1]:
        print("two of one")
    back = back[0]
print(back == ("leaf" * 1000,))

print("-- they are what they were")
print(interpreters.isfrozen(texts), gc.is_tracked(numbers) in (True, False), texts.index("777"), texts.count("3"), numbers[-1], len(texts))
print(texts[10:13], (numbers + (1,))[-1], [*texts][:2], {t: i for i, t in enumerate(texts)}["500"], max(numbers), sum(numbers))
names = interp.call(same, values[6])
print("17" in names, "x" in names, len(names & {"1", "2", "y"}), len(names | {"y"}), frozenset(names) == names, copy.deepcopy(texts) == texts)
print(pickle.loads(pickle.dumps(texts)) == texts, pickle.loads(pickle.dumps(names)) == names)
keyed = {texts: 1, names: 2, interp.call(same, big): 3}
print(keyed[values[2]], keyed[values[6]], keyed[big])


class Holder:
    pass


holder = Holder()
words = interp.call(same, tuple(f"word{i}" for i in range(1000)))
for word in words[:50]:
    setattr(holder, word, word)
    exec(f"{word} = 1", globals())
print(holder.word7, word7, len(vars(holder)), vars(holder)["word49"], getattr(holder, words[3]))
text = words[0]
text += "!"
print(text, words[0], words[0].upper(), words[0] + words[1], words[0] == "word0")
number = interp.call(same, big)
print(number + 1 == big + 1, number >> 100_000, -number == -big, int(number) == big, number.bit_length())
reference = weakref.ref(names)
print(reference() is names)
frozen = interpreters.freeze([texts, names, number])
print(interp.call(lambda f: (f[0][3], "5" in f[1], f[2] & 1), frozen))

print("-- parts outlive the whole")
part = interp.call(same, tuple((str(i), "v" * 40) for i in range(5000)))[4999]
last = interp.call(same, tuple(str(i) + "w" for i in range(5000)))[4999]
mixed = interp.call(same, (part,) + tuple(range(1000)))
gc.collect()
noise = [tuple(str(j) for j in range(1000)) for i in range(20)]
part = None
print(last, mixed[0][0], mixed[0][1][:3])

print("-- the sender closes first")
recv, send = interpreters.create_channel()
queue = interpreters.create_queue()
shared = interpreters.SharedDict()
sender = interpreters.create()
sender.prepare_main(send=send, shared=shared, queue=queue)
sender.run("""
texts = tuple(f"text {i}" for i in range(10_000))
send.send_nowait(texts)
send.send_nowait((texts, "long" * 20_000, b"bytes" * 20_000) + texts)
send.send_nowait(frozenset(texts))
send.send_nowait(3 ** 50_000)
shared["texts"] = texts
shared["both"] = shared["texts"], 5
""")
got = [recv.recv() for _ in range(4)]
print(shared["both"][0] is shared["texts"], shared["texts"] is got[0])
sender.close()
del sender
gc.collect()
other = interpreters.create()
other.run("x = [bytearray(1 << 20) for _ in range(8)]; y = [b'junk' * 100 for _ in range(10000)]")
print(got[0][9999], got[1][1] == "long" * 20_000, got[1][2] == b"bytes" * 20_000, got[1][0] is got[0], "text 77" in got[2])
print(got[3] == 3**50_000, shared["texts"][1234], interp.call(len, shared["texts"]))
print(other.call(same, got[1]) is got[1], shared.compare_and_set("texts", got[0], None), shared["texts"])

print("-- what does not cross still does not")
for value in (big,), tuple(range(N)) + (2**80,), tuple(range(N)) + (frozenset(),), tuple(range(N)) + ([],):
    try:
        interp.prepare_main(value=value)
    except interpreters.NotShareableError as error:
        print("refused", type(value[-1]).__name__)
nested = (1,)
for _ in range(2000):
    nested = (nested,)
try:
    interp.call(same, nested + tuple(range(N)))
except RecursionError as error:
    print(error)
lists = interp.call(same, tuple(range(N)) + ([1], {"a": tuple(range(N))}))
print(lists[N:][0], lists[N + 1]["a"] == tuple(range(N)))

print("-- 100 000 times, and nothing grows")
interp.run("def take(x): return len(x)\nkept = []")


def sent_often():
    recv, send = interpreters.create_channel()
    for _ in range(100_000):
        send.send_nowait(texts)
        recv.recv()


def sent_once_each():
    queue = interpreters.create_queue()
    for i in range(500):
        queue.put((i, str(i) * 10) * 1000)
        interp.call(len, queue.get())


def closed_with_it():
    for _ in range(30):
        # Known here, too, so that what the worker still has when it ends must be counted.
        fresh = tuple(str(i) for i in range(5000))
        worker = interpreters.create()
        worker.prepare_main(texts=fresh, mine=tuple(str(i) for i in range(5000)))
        worker.run("""
import weakref
kept = [texts, texts[5], {texts[6]: texts}, lambda: texts, mine + texts]
class Keeper:
    x = texts
    def __init__(self): self.y = texts; self.loop = self
keeper = Keeper(); keeper.z = weakref.ref(frozenset(mine))
def gen():
    inner = texts
    yield inner[0]
g = gen(); next(g)
""")
        worker.close()


for work in sent_often, sent_once_each, closed_with_it:
    work()
    gc.collect()
    before = resident()
    work()
    gc.collect()
    grown = resident() - before
    print(work.__name__, "steady" if grown < 4 << 20 else f"grew by {grown}")

print("-- by many threads at once")
totals = interpreters.AtomicInt()


def work(n):
    worker = interpreters.create()
    worker.prepare_main(recv=recv, totals=totals)
    worker.run("""
kept = []
for items in recv:
    totals.add(sum(len(item) for item in items))
    kept.append(items[len(kept)])
""")
    worker.close()


recv, send = interpreters.create_channel()
threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
for thread in threads:
    thread.start()
for i in range(60):
    send.send_nowait(values[2])
    send.send_nowait(tuple("ab" * (i % 7) for i in range(1000 + i)))
send.close()
for thread in threads:
    thread.join()
print(totals)

print("-- from a template")
template = interpreters.Template("""
import interpreters
sub = interpreters.create()
table = sub.call(lambda: tuple(str(i) for i in range(5000)))
sub.close()
del sub
""")
for _ in range(3):
    clone = template.create()
    print(clone.call(eval, "table[4999], hash(table) == hash(tuple(map(str, range(5000))))"), clone.call(eval, "table")[17])
    clone.close()
interp.close()
other.close()

# === no-peer the module interpreters, and identity across interpreters
# === seconds 120
# === stdout
# -- there and back
# tuple True True True False
# tuple True True True False
# tuple True True True False
# tuple True True True False
# tuple True True True False
# tuple True True True False
# frozenset True True True False
# frozenset True True True False
# int True True True False
# int True True True False
# tuple True True True False
# tuple True True True False
# True
# -- one object for all who receive it
# True
# True True
# True True
# True True
# True True
# [(0, True, True), (1, True, True), (2, True, True)]
# True True True True
# True True
# -- shared structure does not multiply
# True
# True
# -- they are what they were
# True True 777 1 19999 20000
# ('10', '11', '12') 1 ['0', '1'] 500 19999 199990000
# True False 2 20001 True True
# True True
# 1 2 3
# word7 1 50 word49 word3
# word0! word0 WORD0 word0word1 True
# True 7 True True 100003
# True
# ('3', True, 0)
# -- parts outlive the whole
# 4999w 4999 vvv
# -- the sender closes first
# True True
# text 9999 True True True True
# True text 1234 10000
# True True None
# -- what does not cross still does not
# refused int
# refused int
# refused frozenset
# refused list
# maximum recursion depth exceeded while sharing a tuple
# [1] True
# -- 100 000 times, and nothing grows
# sent_often steady
# sent_once_each steady
# closed_with_it steady
# -- by many threads at once
# AtomicInt(5703550)
# -- from a template
# ('4999', True) 17
# ('4999', True) 17
# ('4999', True) 17
