# Names in loops of the bodies of modules and classes, where the code remembers where they were found.
import sys
total = 0
for i in range(50):
    total += i
    if i == 20:
        late = i          # a new name changes the namespace
    if i == 30:
        del late
    try:
        late
    except NameError as e:
        if i in (0, 40): print(i, e)
print(total, i)
# builtins shadowed and uncovered again
for k in range(40):
    if k == 20: len = lambda x: "own"
    if k == 30: del len
    r = len("abc")
    if k in (19, 20, 29, 30, 39): print(k, r)
# exec with namespaces of its own, the same code in several
code = compile("""
acc = []
n = 0
while (n := n + 1) < 30:
    x = n * 2
    acc.append(x)
s = sum(acc)
""", "<c>", "exec")
for _ in range(3):
    g = {}
    exec(code, g); print(g["s"], g["n"], g["x"])
    g, l = {"n": 5}, {}
    exec(code, g, l); print(l["s"], l["n"], g["n"])
class M(dict):
    def __missing__(self, k):
        if k == "free": return 7
        raise KeyError(k)
    def __setitem__(self, k, v):
        dict.__setitem__(self, k, v if not isinstance(v, int) else v + 0)
l = M()
exec("t = 0\nfor i in range(30): t = t + free", {}, l); print(l["t"])
class C:
    y = 0
    for z in range(30):
        y = y + z
        i = y
print(C.y, C.z, C.i, i)
class D:
    def __init__(self, n): self.n = n
    def __del__(self):
        if self.n in (3, 25): globals()["made%d" % self.n] = self.n
for q in range(40):
    d = D(q)
print(made3, made25, d.n)
for w in range(30):
    globals()["w2"] = w
    w3 = w2
    if w == 15:
        globals().clear if False else None
        globals().update(zz=1)
print(w3, zz)
def f():
    for v in range(3): yield v
for u in f():
    u += 1
    exec("u *= 10")
    print(u)
# === stdout
# 0 name 'late' is not defined
# 40 name 'late' is not defined
# 1225 49
# 19 3
# 20 own
# 29 own
# 30 3
# 39 3
# 870 30 58
# 870 30 5
# 870 30 58
# 870 30 5
# 870 30 58
# 870 30 5
# 210
# 435 29 435 49
# 3 25 39
# 29 1
# 10
# 20
# 30
