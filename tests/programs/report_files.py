# Work with files: csv, json, paths, temporary folders, globbing, zip-like storage and an argparse command line.
import argparse
import contextlib
import csv
import io
import json
import logging
import os
import shutil
import string
import struct
import sys
import tempfile
from datetime import date, datetime, timedelta, timezone
from operator import itemgetter
from pathlib import Path, PurePosixPath

ROWS = [
    {"id": 1, "name": "Ångström, A.", "when": date(2024, 2, 29), "amount": 10.5, "tags": ["x", "y"]},
    {"id": 2, "name": 'Say "hi"', "when": date(2023, 12, 31), "amount": -3.25, "tags": []},
    {"id": 3, "name": "multi\nline", "when": date(2024, 1, 1), "amount": 1e6, "tags": ["z"]},
]
logger = logging.getLogger("report")
stream = io.StringIO()
handler = logging.StreamHandler(stream)
handler.setFormatter(logging.Formatter("%(levelname)-7s %(name)s %(message)s"))
logger.addHandler(handler)
logger.setLevel(logging.DEBUG)
logger.propagate = False


class Encoder(json.JSONEncoder):
    def default(self, o):
        if isinstance(o, date):
            return {"$date": o.isoformat()}
        return super().default(o)


def revive(pairs):
    d = dict(pairs)
    return date.fromisoformat(d["$date"]) if "$date" in d else d


def write_csv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as f:
        writer = csv.DictWriter(f, fieldnames=["id", "name", "when", "amount", "tags"], quoting=csv.QUOTE_MINIMAL)
        writer.writeheader()
        for row in rows:
            writer.writerow(row | {"tags": "|".join(row["tags"])})
    logger.info("wrote %d rows to %s", len(rows), path.name)


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            yield {**row, "id": int(row["id"]), "when": date.fromisoformat(row["when"]), "amount": float(row["amount"]),
                   "tags": row["tags"].split("|") if row["tags"] else []}


class Store:
    """Records of variable length behind a header: magic, count, then (key length, value length, key, value)."""

    MAGIC = b"SRPT"

    @classmethod
    def dump(cls, path, items):
        with path.open("wb") as f:
            f.write(struct.pack("<4sI", cls.MAGIC, len(items)))
            for key, value in items.items():
                k, v = key.encode(), json.dumps(value, cls=Encoder, ensure_ascii=False).encode()
                f.write(struct.pack("<HI", len(k), len(v)) + k + v)

    @classmethod
    def load(cls, path):
        data = memoryview(path.read_bytes())
        magic, n = struct.unpack_from("<4sI", data)
        if magic != cls.MAGIC:
            raise ValueError(f"not a store: {bytes(magic)!r}")
        at, items = 8, {}
        for _ in range(n):
            k, v = struct.unpack_from("<HI", data, at)
            at += 6
            key = str(data[at : at + k], "utf-8")
            items[key] = json.loads(bytes(data[at + k : at + k + v]), object_pairs_hook=revive)
            at += k + v
        return items


def parser():
    p = argparse.ArgumentParser(prog="report", description="Reports.", epilog="The end.")
    p.add_argument("--version", action="version", version="%(prog)s 1.2")
    p.add_argument("-v", "--verbose", action="count", default=0, help="say more")
    sub = p.add_subparsers(dest="command", required=True, metavar="COMMAND")
    show = sub.add_parser("show", help="show rows")
    show.add_argument("ids", nargs="*", type=int)
    show.add_argument("--sort", choices=["id", "amount"], default="id")
    group = show.add_mutually_exclusive_group()
    group.add_argument("--json", action="store_true")
    group.add_argument("--csv", action="store_true")
    total = sub.add_parser("total")
    total.add_argument("--since", type=date.fromisoformat, default=date.min)
    return p


def command(line, rows):
    args = parser().parse_args(line.split())
    match args.command:
        case "show":
            chosen = sorted((r for r in rows if not args.ids or r["id"] in args.ids), key=itemgetter(args.sort))
            if args.json:
                print(json.dumps(chosen, cls=Encoder, sort_keys=True))
            else:
                for r in chosen:
                    print(f"{r['id']:>3} {r['name']!r:16} {r['when']:%d %b %Y} {r['amount']:>14,.2f}")
        case "total":
            print(sum(r["amount"] for r in rows if r["when"] >= args.since), args.verbose)


with tempfile.TemporaryDirectory() as folder:
    root = Path(folder)
    (root / "data" / "deep").mkdir(parents=True)
    target = root / "data" / "rows.csv"
    write_csv(target, ROWS)
    print(target.read_text(encoding="utf-8").count('"'), target.stat().st_size, target.suffix, target.with_suffix(".bak").name)
    rows = list(read_csv(target))
    print(rows == ROWS, rows[2]["name"])
    Store.dump(root / "data" / "deep" / "a.store", {str(r["id"]): r for r in ROWS})
    again = Store.load(root / "data" / "deep" / "a.store")
    print(list(again.values()) == ROWS, again["1"]["when"])
    try:
        Store.load(target)
    except ValueError as error:
        print(error)
    shutil.copytree(root / "data", root / "copy", ignore=shutil.ignore_patterns("*.csv"))
    print(sorted(str(p.relative_to(root)) for p in root.rglob("*")), [p.name for p in sorted(root.glob("*/*.csv"))])
    for base, folders, files in os.walk(root):
        folders.sort()
        print(os.path.relpath(base, root), folders, sorted(files))
    with (root / "log.txt").open("w+") as f:
        print("one", "two", sep="\n", file=f)
        f.seek(0)
        print(f.readlines(), f.tell(), os.fspath(f.name).endswith("log.txt"))
    os.replace(root / "log.txt", root / "new.txt")
    print((root / "log.txt").exists(), (root / "new.txt").is_file())
    for line in ("show", "show 2 1 --sort amount", "show 1 --json", "total --since 2024-01-01 -v", "-vv total", "show --json --csv", "nope", "show x", "--version"):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                command(line, rows)
            except SystemExit as stop:
                logger.warning("exit %s", stop.code)
        print(f"$ {line}", out.getvalue() + err.getvalue(), sep="\n", end="")
print(root.exists())
try:
    logger.error("bad %s", Path("/nonexistent/x").read_text())
except OSError as error:
    logger.exception("cannot: %s", error.strerror, exc_info=False)
print(stream.getvalue(), end="")
print(PurePosixPath("/a/b/../c.tar.gz").suffixes, PurePosixPath("a") / "/b", PurePosixPath("a/b").is_relative_to("a"), PurePosixPath("x/y.py").match("*.py"))
moment = datetime(2024, 3, 10, 12, 30, 15, 250_000, tzinfo=timezone(timedelta(hours=-5), "EST"))
print(moment.isoformat(), moment.astimezone(timezone.utc), f"{moment:%A %j %H:%M %Z}", moment - timedelta(days=70, hours=1), tuple(date(2024, 1, 31).replace(month=3).isocalendar()))
print(string.Template("$who owes $$${amount}").substitute(who="Ann", amount=5), json.dumps({"é": [1.0, None, True, "\u2028"]}), json.loads('[1e3, -0, "\\ud83d\\ude00"]'))
print(sys.byteorder, csv.list_dialects())

# === stdout
# 10 139 .csv rows.bak
# True multi
# line
# True 2024-02-29
# not a store: b'id,n'
# ['copy', 'copy/deep', 'copy/deep/a.store', 'data', 'data/deep', 'data/deep/a.store', 'data/rows.csv'] ['rows.csv']
# . ['copy', 'data'] []
# copy ['deep'] []
# copy/deep [] ['a.store']
# data ['deep'] ['rows.csv']
# data/deep [] ['a.store']
# ['one\n', 'two\n'] 8 True
# False True
# $ show
#   1 'Ångström, A.'   29 Feb 2024          10.50
#   2 'Say "hi"'       31 Dec 2023          -3.25
#   3 'multi\nline'    01 Jan 2024   1,000,000.00
# $ show 2 1 --sort amount
#   2 'Say "hi"'       31 Dec 2023          -3.25
#   1 'Ångström, A.'   29 Feb 2024          10.50
# $ show 1 --json
# [{"amount": 10.5, "id": 1, "name": "\u00c5ngstr\u00f6m, A.", "tags": ["x", "y"], "when": {"$date": "2024-02-29"}}]
# $ total --since 2024-01-01 -v
# usage: report [-h] [--version] [-v] COMMAND ...
# report: error: unrecognized arguments: -v
# $ -vv total
# 1000007.25 2
# $ show --json --csv
# usage: report show [-h] [--sort {id,amount}] [--json | --csv] [ids ...]
# report show: error: argument --csv: not allowed with argument --json
# $ nope
# usage: report [-h] [--version] [-v] COMMAND ...
# report: error: argument COMMAND: invalid choice: 'nope' (choose from 'show', 'total')
# $ show x
# usage: report show [-h] [--sort {id,amount}] [--json | --csv] [ids ...]
# report show: error: argument ids: invalid int value: 'x'
# $ --version
# report 1.2
# False
# INFO    report wrote 3 rows to rows.csv
# WARNING report exit 2
# WARNING report exit 2
# WARNING report exit 2
# WARNING report exit 2
# WARNING report exit 0
# ERROR   report cannot: No such file or directory
# ['.tar', '.gz'] /b True True
# 2024-03-10T12:30:15.250000-05:00 2024-03-10 17:30:15.250000+00:00 Sunday 070 12:30 EST 2023-12-31 11:30:15.250000-05:00 (2024, 13, 7)
# Ann owes $5 {"\u00e9": [1.0, null, true, "\u2028"]} [1000.0, 0, '😀']
# little ['excel', 'excel-tab', 'unix']
