# Building strings: f-strings with and without formats, %, format, join, +=, repr.
import sys
import time


def main():
    total = 0
    name = "serpens"
    for i in range(130_000):
        line = f"{name}:{i} {i & 7} {name!r}"
        total += len(line)
        line = f"{i:>8}|{i:08x}|{i / 7:.3f}"
        total += len(line)
    for i in range(60_000):
        total += len("%s=%d" % (name, i)) + len("{}-{}".format(i, name))
    text = ""
    for i in range(150_000):
        text += "ab"
        if len(text) > 2_000:
            total += len(text)
            text = ""
    parts = []
    for i in range(150_000):
        parts.append(str(i & 255))
    text = ",".join(parts)
    return total, len(text), text[-20:], repr(parts[:3])


begin = time.perf_counter()
for _ in range(3):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
