# Lifetimes: objects die with their last reference; finalisers, weak references, cycles.
import gc
import weakref


class T:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)

    def __repr__(self):
        return f"T({self.name})"


a = T("a")
b = a
del a
print("still one name")
del b
T("temporary")
print("after temporary")


def f():
    local = T("local")
    print("in f")


f()
x = T("old")
x = T("new")
items = [T("in list")]
items.clear()
d = {"k": T("in dict")}
d["k"] = None
T("attribute").name
w = weakref.ref(x)
print(w() is x, w)if False else print(w() is x)
called = []
w2 = weakref.ref(x, lambda r: called.append("callback"))
x = None
print(w(), called)
gc.disable()
c1, c2 = T("cycle 1"), T("cycle 2")
c1.other, c2.other = c2, c1
del c1, c2
print("cycle is unreachable")
n = gc.collect()
print("collected", n >= 2)
values = weakref.WeakValueDictionary()
keep = T("kept")
values["k"] = keep
print(len(values))
del keep
print(len(values))
keys = weakref.WeakKeyDictionary()
k = T("key")
keys[k] = 1
del k
print(len(keys))


class Resurrect:
    saved = None

    def __del__(self):
        Resurrect.saved = self


Resurrect()
print(type(Resurrect.saved).__name__)
for bad in (5, "a", (), None):
    try:
        weakref.ref(bad)
    except TypeError as error:
        print(error)


def exception_frees():
    t = T("in frame")
    raise ValueError


try:
    exception_frees()
except ValueError as error:
    print("caught")
print("after except")


def gen():
    t = T("in generator")
    yield 1


g = gen()
next(g)
del g
print("end of program")
last = T("at exit")

# === stdout
# still one name
# del a
# del temporary
# after temporary
# in f
# del local
# del old
# del in list
# del in dict
# del attribute
# True
# del new
# None ['callback']
# cycle is unreachable
# del cycle 1
# del cycle 2
# collected True
# 1
# del kept
# 0
# del key
# 0
# Resurrect
# cannot create weak reference to 'int' object
# cannot create weak reference to 'str' object
# cannot create weak reference to 'tuple' object
# cannot create weak reference to 'NoneType' object
# caught
# del in frame
# after except
# del in generator
# end of program
# del at exit
