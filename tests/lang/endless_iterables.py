# Native code that asks an endless iterable for more is interrupted by signal handlers, as Python code is.
import array
import bisect
import collections
import functools
import heapq
import io
import itertools
import math
import operator
import signal

ones, ab, LONG = lambda: itertools.repeat(1), lambda: itertools.cycle("ab"), range(1 << 62)


class Alarm(Exception):
    pass


def alarm(*args):
    raise Alarm


signal.signal(signal.SIGALRM, alarm)
for wait in """set(ab()) | frozenset(ab()) | list(ab()) | tuple(ab()) | dict.fromkeys(ab()) | dict(itertools.repeat((1, 2))) | {}.update(itertools.repeat((1, 2)))
{1}.intersection(ab()) | {1}.difference(ab()) | {1}.isdisjoint(ab()) | {"a", "b"}.issuperset(ab()) | [].extend(ab()) | collections.deque(ab(), 5) | collections.Counter(ab())
sum(ones()) | sum(itertools.repeat(1.0)) | max(ab()) | min(itertools.count()) | any(itertools.repeat(0)) | all(ones()) | sorted(ab()) | "".join(itertools.repeat(""))
b"".join(itertools.repeat(b"")) | bytes(ones()) | 5 in ab() | operator.countOf(ab(), 5) | operator.indexOf(ab(), 5) | 1.5 in LONG | LONG.index(1.5) | LONG.count(1.5)
array.array("b", ones()) | functools.reduce(max, ab()) | math.prod(ones()) | math.fsum(itertools.repeat(1.0)) | math.sumprod(ones(), ones()) | next(filter(None, itertools.repeat(0)))
next(itertools.filterfalse(None, ones())) | next(itertools.dropwhile(bool, ones())) | next(itertools.compress(ones(), itertools.repeat(0))) | next(itertools.islice(itertools.count(), 1 << 60, None))
next(itertools.chain.from_iterable(itertools.repeat(()))) | all(map(bool, ones())) | all(zip(ones())) | all(enumerate(ones())) | all(itertools.starmap(max, itertools.repeat((1, 2))))
all(itertools.takewhile(bool, ones())) | all(itertools.pairwise(ones())) | io.StringIO().writelines(itertools.repeat("")) | io.BytesIO().writelines(itertools.repeat(b"")) | set(iter(int, 1))
any(iter(int, 1)) | [*ab()] | print(*ab()) | max(LONG) | set(LONG) | any(reversed(range(-(1 << 60), 0))) and all(map(LONG.__contains__, ones()))""".replace("\n", " | ").split(" | "):
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    try:
        eval(wait)
        print(wait, "has ended")
    except Alarm:
        pass
print("done")

# === seconds 120
# === no-peer CPython does not look at signals in native loops
# === stdout
# done
