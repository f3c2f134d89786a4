"""What cannot be frozen stays as it was; what is frozen outlives its interpreter; code under way goes on."""

import interpreters, math
STEP = 2
class Config:
    def __init__(self, n): self.n = n
    def seal(self):
        before = math.floor(1.5)
        interpreters.freeze(self)
        return (before, math.floor(2.5), interpreters.isfrozen(self), STEP, len([1]))
    def gen(self):
        for i in range(4):
            yield math.floor(i + 0.5) * self.n
c = Config(3)
g = c.gen(); next(g)
print(c.seal())
print(list(g))
def counter():
    n = 0
    def up():
        nonlocal n
        n += 1
        return n
    return up
up = counter(); up()
interpreters.freeze(up)
try: up()
except TypeError as e: print(e)
def setg():
    global STEP
    STEP = 5
interpreters.freeze(setg)
try: setg()
except TypeError as e: print(e)
import threading, sys, io, types
for name, bad in [("generator", (i for i in ())), ("file", open("/dev/null")), ("thread", threading.Thread()), ("lock", threading.Lock()), ("frame", sys._getframe()),
    ("module", math), ("iterator", iter([])), ("memoryview", memoryview(b"")), ("StringIO", io.StringIO()), ("view", {}.keys()), ("exc", ValueError()), ("code", up.__code__), ("weak", __import__("weakref").ref(Config))]:
    box = [1, {"deep": (bad,)}]
    for obj in (bad, box):
        try: interpreters.freeze(obj); print("frozen?!", name)
        except TypeError as e: print(e)
    box.append(2); box[1]["x"] = 1
class Holder: pass
h = Holder(); h.a = Holder(); h.a.b = [Holder()]; h.a.b[0].gen = (i for i in ())
try: interpreters.freeze(h)
except TypeError as e: print(e)
h.x = 1; Holder.y = 2
def f(): return gg
gg = (i for i in ())
try: interpreters.freeze(f)
except TypeError as e: print(e)
class WithDel:
    def __del__(self): print("del")
try: interpreters.freeze([WithDel()])
except TypeError as e: print(e)
class Sl: __slots__ = "q",
s = Sl(); s.q = [gg]
try: interpreters.freeze(s)
except TypeError as e: print(e)
b = bytearray(b"x"); m = memoryview(b)
try: interpreters.freeze(b)
except TypeError as e: print(e)
m.release(); print(interpreters.freeze(b))
print([interpreters.isfrozen(x) for x in (1, "a", b"", None, (1, "a"), ([],), frozenset({1}), len, int, [], {}, set(), Config, WithDel, 1.5, 1j, ..., range(3), [].append)])
# receiving twice, nested graph from two owners
i, j = interpreters.create(), interpreters.create()
i.prepare_main(c=c)
i.run("""
import interpreters
class Mine:
    pass
m = Mine(); m.c = c; m.l = [c, 1]
interpreters.freeze(m)
""")
q = interpreters.create_queue()
i.prepare_main(q=q)
i.run("q.put(m)")
m = q.get()
print(m.c is c, m.l[0].n, type(m).__name__)
i.close()
print(m.c is c, len(m.l))
j.prepare_main(m=m)
j.run("print(m.c.n, m.l[1], list(m.c.gen()), flush=True)")
j.close()
d = interpreters.SharedDict()
d["m"] = m
print(d["m"] is m, interpreters.is_shareable(m), interpreters.is_shareable([1]))
d[(1, "a")] = 5; t = interpreters.freeze((1, "a", 1 << 100)); d[t] = 6
print(d[(1, "a", 1 << 100)])

# What is not frozen but holds frozen things: those cross as themselves.
print(interpreters.create().call(lambda box, c: (box[0] is c, box), [c, 1], c)[0])

# === no-peer frozen graphs are Serpens' own
# === env PYTHONUNBUFFERED=1
# === stdout
# (1, 2, True, 2, 1)
# [3, 6, 9]
# cannot modify frozen 'cell' object
# cannot modify frozen 'dict' object
# cannot freeze 'generator' object
# cannot freeze 'generator' object, found at obj[1]['deep'][0]
# cannot freeze '_io.TextIOWrapper' object
# cannot freeze '_io.TextIOWrapper' object, found at obj[1]['deep'][0]
# cannot freeze '_thread._ThreadHandle' object, found at obj._os_thread_handle
# cannot freeze '_thread._ThreadHandle' object, found at obj[1]['deep'][0]._os_thread_handle
# cannot freeze '_thread.lock' object
# cannot freeze '_thread.lock' object, found at obj[1]['deep'][0]
# cannot freeze 'frame' object
# cannot freeze 'frame' object, found at obj[1]['deep'][0]
# cannot freeze 'module' object
# cannot freeze 'module' object, found at obj[1]['deep'][0]
# cannot freeze 'list_iterator' object
# cannot freeze 'list_iterator' object, found at obj[1]['deep'][0]
# cannot freeze 'memoryview' object
# cannot freeze 'memoryview' object, found at obj[1]['deep'][0]
# cannot freeze '_io.StringIO' object
# cannot freeze '_io.StringIO' object, found at obj[1]['deep'][0]
# cannot freeze 'dict_keys' object
# cannot freeze 'dict_keys' object, found at obj[1]['deep'][0]
# cannot freeze 'ValueError' object
# cannot freeze 'ValueError' object, found at obj[1]['deep'][0]
# cannot freeze 'code' object
# cannot freeze 'code' object, found at obj[1]['deep'][0]
# cannot freeze 'weakref.ReferenceType' object
# cannot freeze 'weakref.ReferenceType' object, found at obj[1]['deep'][0]
# cannot freeze 'generator' object, found at obj.a.b[0].gen
# cannot freeze 'generator' object, found at obj.__globals__['gg']
# del
# cannot freeze '__main__.WithDel' object, found at obj[0]
# cannot freeze 'generator' object, found at obj.q[0]
# cannot freeze 'bytearray' object
# bytearray(b'x')
# [True, True, True, True, True, False, True, True, True, False, False, False, True, False, True, True, True, True, False]
# True 3 Mine
# True 2
# 3 1 [0, 3, 6, 9]
# True True False
# 6
# True
