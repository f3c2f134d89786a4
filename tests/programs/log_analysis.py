# Reads a log with regular expressions and generators, groups and aggregates it, and prints reports.
import re
import statistics
from collections import ChainMap, Counter, defaultdict, deque
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial, reduce
from io import StringIO
from itertools import batched, chain, dropwhile, groupby, islice, tee, zip_longest
from operator import attrgetter, itemgetter, methodcaller

PATHS = ["/", "/login", "/api/items/7", "/api/items/9?full=1", "/static/app.js", "/föö bar"]


def generate(n):
    moment, state = datetime(2026, 3, 1, 23, 58, 30), 12345
    for i in range(n):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        moment += timedelta(seconds=state % 17, milliseconds=state % 1000)
        path, status = PATHS[state % len(PATHS)], (200, 200, 304, 404, 500)[state // 7 % 5]
        yield f'10.0.{state % 3}.{i % 5} - - [{moment:%d/%b/%Y:%H:%M:%S}.{moment.microsecond // 1000:03}] "GET {path} HTTP/1.1" {status} {state % 5000} {state % 977 / 1000:.3f}'
        if i % 13 == 0:
            yield "garbage line %d" % i


LINE = re.compile(
    r"""(?P<host>\d+(?:\.\d+){3})\s-\s(?P<user>\S+)\s
        \[(?P<when>[^\]]+)\]\s
        "(?P<method>[A-Z]+)\s(?P<path>.*?)(?:\?(?P<query>\S*))?\sHTTP/(?P<version>[\d.]+)"\s
        (?P<status>\d{3})\s(?P<size>\d+|-)\s(?P<seconds>\d+\.\d+)$""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Record:
    host: str
    when: datetime
    path: str
    query: str | None
    status: int
    size: int
    seconds: float

    @classmethod
    def parse(cls, line):
        if not (m := LINE.match(line)):
            return None
        f = m.groupdict()
        return cls(f["host"], datetime.strptime(f["when"], "%d/%b/%Y:%H:%M:%S.%f"), f["path"], f["query"],
                   int(f["status"]), int(f["size"]), float(f["seconds"]))

    @property
    def family(self):
        return f"{self.status // 100}xx"


def parsed(lines, rejected):
    for number, line in enumerate(lines, 1):
        if (record := Record.parse(line.rstrip("\n"))) is None:
            rejected.append((number, line.strip()))
        else:
            yield record


def moving_average(values, n):
    window = deque(maxlen=n)
    for value in values:
        window.append(value)
        if len(window) == n:
            yield sum(window) / n


def table(rows, *headers):
    rows = [tuple(map(str, r)) for r in rows]
    widths = [max(map(len, column)) for column in zip(headers, *rows)]
    line = "  ".join(f"{{:<{w}}}" for w in widths)
    yield line.format(*headers).rstrip()
    yield "  ".join("-" * w for w in widths)
    yield from (line.format(*r).rstrip() for r in rows)


def coroutine(function):
    def start(*args):
        generator = function(*args)
        next(generator)
        return generator
    return start


@coroutine
def running():
    n = total = 0
    result = None
    while True:
        try:
            value = yield result
            n, total = n + 1, total + value
        except ValueError:
            n = total = 0
        result = total / n if n else 0.0


rejected = []
with closing(StringIO("\n".join(generate(120)))) as stream:
    records = list(parsed(stream, rejected))
print(len(records), len(rejected), rejected[:2], records[0])
by_path = defaultdict(list)
for r in records:
    by_path[r.path].append(r)
rows = [(p, len(rs), f"{statistics.mean(x.seconds for x in rs):.4f}", max(rs, key=attrgetter("seconds")).host, sum(map(attrgetter("size"), rs)))
        for p, rs in sorted(by_path.items(), key=lambda item: (-len(item[1]), item[0]))]
print(*table(rows, "path", "n", "mean", "slowest", "bytes"), sep="\n")
print(Counter(map(attrgetter("family"), records)).most_common(), Counter(r.query for r in records if r.query))
for minute, group in islice(groupby(records, key=lambda r: r.when.replace(second=0, microsecond=0)), 4):
    group = list(group)
    print(f"{minute:%H:%M}", len(group), "".join(sorted({r.family[0] for r in group})), f"{sum(r.seconds for r in group):6.3f}")
print([f"{a:.3f}" for a in islice(moving_average((r.seconds for r in records), 10), 5)])
gaps, later = tee(r.when for r in records)
next(later)
gaps = [(b - a).total_seconds() for a, b in zip(gaps, later)]
print(f"{min(gaps):.3f} {max(gaps):.3f} {statistics.pstdev(gaps):.3f}", records[-1].when - records[0].when)
average = running()
print([round(average.send(x), 2) for x in (1, 2, 6)], average.throw(ValueError), average.send(5))
average.close()
print(["".join(b) for b in batched("abcdefg", 3)], list(zip_longest("ab", "xyz", fillvalue="-")), list(dropwhile(str.isalpha, "ab1c")))
pipeline = reduce(lambda data, f: f(data), [partial(filter, lambda r: r.status >= 400), partial(map, attrgetter("host", "path")), sorted, partial(islice, stop=3) if False else (lambda it: islice(it, 3)), list], records)
print(pipeline, list(map(methodcaller("count", "a"), ["banana", "x"])), sorted(chain([3], [1, 2]), reverse=True))
settings = ChainMap({"limit": 5}, {"limit": 1, "name": "base"})
print(settings["limit"], settings["name"], dict(settings.new_child({"name": "child"})), sorted(settings.parents))
text = "2026-03-01 and 1999-12-31; not 20-1-1"
print(re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\3.\2.\g<1>", text), re.split(r"[;,]\s*|\sand\s", text), re.findall(r"\b\d+\b", text)[:4],
      re.sub(r"\d+", lambda m: str(int(m[0]) + 1), "a9 b99"), [m.span() for m in re.finditer(r"(?i)AND|not", text)], re.fullmatch(r"(?:a|b)*?c", "abac") is not None)
for bad in (r"(", r"*a", r"(?P<x>a)(?P<x>b)", r"[z-a]", r"(?<=a+)b"):
    try:
        re.compile(bad)
    except re.error as error:
        print(error.msg, error.pos)

# === stdout
# 120 10 [(2, 'garbage line 0'), (16, 'garbage line 13')] Record(host='10.0.1.0', when=datetime.datetime(2026, 3, 1, 23, 58, 39, 606000), path='/static/app.js', query=None, status=304, size=2606, seconds=0.825)
# path            n   mean    slowest   bytes
# --------------  --  ------  --------  -----
# /föö bar        29  0.5416  10.0.2.1  62523
# /api/items/7    24  0.5240  10.0.2.3  66836
# /static/app.js  22  0.6338  10.0.1.3  51194
# /login          20  0.3916  10.0.1.4  56744
# /               14  0.6195  10.0.0.2  31694
# /api/items/9    11  0.4980  10.0.0.2  25773
# [('2xx', 43), ('5xx', 27), ('3xx', 26), ('4xx', 24)] Counter({'full=1': 11})
# 23:58 2 3  1.439
# 23:59 7 2345  2.689
# 00:00 6 25  3.414
# 00:01 5 24  3.265
# ['0.501', '0.477', '0.419', '0.463', '0.458']
# 0.032 16.995 4.874 0:17:32.158000
# [1.0, 1.5, 3.0] 0.0 5.0
# ['abc', 'def', 'g'] [('a', 'x'), ('b', 'y'), ('-', 'z')] ['1', 'c']
# [('10.0.0.0', '/'), ('10.0.0.0', '/'), ('10.0.0.0', '/api/items/9')] [3, 0] [3, 2, 1]
# 5 base {'limit': 5, 'name': 'child'} ['limit', 'name']
# 01.03.2026 and 31.12.1999; not 20-1-1 ['2026-03-01', '1999-12-31', 'not 20-1-1'] ['2026', '03', '01', '1999'] a10 b100 [(11, 14), (27, 30)] True
# missing ), unterminated subpattern 0
# nothing to repeat 0
# redefinition of group name 'x' as group 2; was group 1 12
# bad character range z-a 1
# look-behind requires fixed-width pattern None
