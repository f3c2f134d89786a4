# Assignment in all its forms: chained, unpacking, star, augmented, annotated, walrus.
a = b = [1]
a.append(2)
print(b)
x, y = 1, 2
x, y = y, x
print(x, y)
(p, [q, r]), *s = (1, "ab"), 3, 4
print(p, q, r, s)
*head, last = range(4)
first, *middle, end = "hello"
print(head, last, first, middle, end)
[only] = {7}
print(only)
n = 10
n += 1; n -= 2; n *= 3; n //= 2; n **= 2; n %= 100; n <<= 2; n >>= 1; n |= 1; n &= 0xFF; n ^= 3
print(n)
f = 7
f /= 2
print(f)
items = [1, 2, 3]
same = items
items += [4]
print(same is items, same)
t = (1,)
u = t
t += (2,)
print(t, u)
d = {"k": [1]}
d["k"] += [2]
d["k"][0] -= 5
print(d)


class Box:
    value: int = 3
    other: str


box = Box()
box.value += 1
print(box.value, Box.value, hasattr(Box, "other"))
if (m := 5) > 3:
    print("m is", m)
print([z := i * 2 for i in range(3)], z)
i = 0
seq = [0, 0, 0]
i, seq[i] = 1, 9
print(i, seq)
order = []


def note(name, value):
    order.append(name)
    return value


note("target", [0])[note("index", 0)] = note("value", 1)
print(order)
for bad in ("a, b = 1", "a, b = 1, 2, 3", "a, *b, c = [1]", "a, b = []"):
    try:
        exec(bad)
    except (TypeError, ValueError) as error:
        print(bad, "->", type(error).__name__, error)
x: int
try:
    undefined: int
    print(undefined)
except NameError as error:
    print(error)
del x
try:
    x
except NameError as error:
    print(error)

# === stdout
# [1, 2]
# 2 1
# 1 a b [3, 4]
# [0, 1, 2] 3 h ['e', 'l', 'l'] o
# 7
# 136
# 3.5
# True [1, 2, 3, 4]
# (1, 2) (1,)
# {'k': [-4, 2]}
# 4 3 False
# m is 5
# [0, 2, 4] 4
# 1 [0, 9, 0]
# ['value', 'target', 'index']
# a, b = 1 -> TypeError cannot unpack non-iterable int object
# a, b = 1, 2, 3 -> ValueError too many values to unpack (expected 2, got 3)
# a, *b, c = [1] -> ValueError not enough values to unpack (expected at least 2, got 1)
# a, b = [] -> ValueError not enough values to unpack (expected 2, got 0)
# name 'undefined' is not defined
# name 'x' is not defined
