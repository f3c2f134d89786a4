# if, while, for, else, break, continue, pass, try/finally with all ways out.
def grade(n):
    if n > 90:
        return "A"
    elif n > 80:
        return "B"
    else:
        return "C"


print([grade(n) for n in (95, 85, 5)])
for i in range(5):
    if i == 3:
        break
else:
    print("not reached")
for i in range(2):
    pass
else:
    print("loop ended by itself", i)
while i < 10:
    i += 3
    if i == 7:
        continue
else:
    print("while ended", i)
for x in []:
    pass
else:
    print("empty loop's else")
print(i, "x" in dir())


def ways(how):
    log = []
    for n in range(3):
        try:
            log.append(n)
            if how == "break" and n == 1:
                break
            if how == "continue":
                continue
            if how == "return":
                return log
            if how == "raise":
                raise ValueError
        except ValueError:
            log.append("caught")
        else:
            log.append("else")
        finally:
            log.append("finally")
    return log


for how in "none", "break", "continue", "return", "raise":
    print(how, ways(how))


def override():
    try:
        return "try"
    finally:
        pass


def nested():
    out = []
    for i in range(3):
        try:
            try:
                1 / (i - 1)
            finally:
                out.append(f"inner {i}")
        except ZeroDivisionError:
            out.append("zero")
            continue
        finally:
            out.append(f"outer {i}")
        out.append("end")
    return out


print(override(), nested())
total = 0
for i in range(10):
    for j in range(10):
        if j > i:
            break
        if (i + j) % 2:
            continue
        total += i * j
    else:
        total += 1000
print(total)
for i, (a, b) in enumerate(zip("ab", [1, 2])):
    print(i, a, b)
for k, in [(1,), (2,)]:
    print(k)
items = [1, 2, 3]
for x in items:
    if x < 4:
        items.append(x + 3)
print(items)
d = {"a": 1}
try:
    for k in d:
        d[k + "x"] = 1
except RuntimeError as error:
    print(error)
s = {1}
try:
    for k in s:
        s.add(k + 1)
except RuntimeError as error:
    print(error)
try:
    for x in 3:
        pass
except TypeError as error:
    print(error)

# === stdout
# ['A', 'B', 'C']
# loop ended by itself 1
# while ended 10
# empty loop's else
# 10 False
# none [0, 'else', 'finally', 1, 'else', 'finally', 2, 'else', 'finally']
# break [0, 'else', 'finally', 1, 'finally']
# continue [0, 'finally', 1, 'finally', 2, 'finally']
# return [0, 'finally']
# raise [0, 'caught', 'finally', 1, 'caught', 'finally', 2, 'caught', 'finally']
# try ['inner 0', 'outer 0', 'end', 'inner 1', 'zero', 'outer 1', 'inner 2', 'outer 2', 'end']
# 1655
# 0 a 1
# 1 b 2
# 1
# 2
# [1, 2, 3, 4, 5, 6]
# dictionary changed size during iteration
# Set changed size during iteration
# 'int' object is not iterable
