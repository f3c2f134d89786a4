# dataclasses, enum, csv and json in memory, argparse, grouping, reports.
import argparse
import csv
import io
import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from enum import Enum
from itertools import groupby
from operator import attrgetter

DATA = """\
sku,name,kind,price,stock
b1,Bolt,hardware,0.25,1000
n1,Nut,hardware,0.15,800
h1,"Hammer, large",tool,19.99,12
s1,"Saw ""Pro"" 2",tool,24.50,0
p1,Paint,material,7.75,40
"""


class Kind(Enum):
    HARDWARE = "hardware"
    TOOL = "tool"
    MATERIAL = "material"

    @property
    def label(self):
        return self.value.capitalize()


@dataclass(order=True)
class Item:
    sort_key: tuple = field(init=False, repr=False)
    sku: str
    name: str
    kind: Kind
    price: float
    stock: int = 0
    tags: list[str] = field(default_factory=list, compare=False)

    def __post_init__(self):
        self.sort_key = (self.kind.value, -self.price)

    @property
    def value(self) -> float:
        return self.price * self.stock


def load(text):
    for row in csv.DictReader(io.StringIO(text)):
        yield Item(row["sku"], row["name"], Kind(row["kind"]), float(row["price"]), int(row["stock"]))


def main(arguments):
    parser = argparse.ArgumentParser(prog="inventory", description="Shows what is in stock.")
    parser.add_argument("kind", nargs="?", choices=[k.value for k in Kind], help="only this kind")
    parser.add_argument("-n", "--number", type=int, default=10, metavar="N")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    items = sorted(item for item in load(DATA) if options.kind in (None, item.kind.value))[: options.number]
    if options.json:
        print(json.dumps([asdict(i) | {"kind": i.kind.name} for i in items], default=str)[:160])
        return
    for kind, group in groupby(items, key=attrgetter("kind")):
        group = list(group)
        print(f"{kind.label:=^40}")
        for item in group:
            print(f"{item.sku:<4}{item.name:<20}{item.price:>8.2f}{item.stock:>8,d}")
        print(f"{'total':>24}{sum(i.value for i in group):>16,.2f}")


main([])
main(["tool"])
main(["--json", "-n", "2"])
for bad in ["spoon"], ["-n", "x"], ["--nope"]:
    try:
        main(bad)
    except SystemExit as error:
        print("exit", error.code, flush=True)
items = {i.sku: i for i in load(DATA)}
print(items["b1"], items["b1"] == Item("b1", "Bolt", Kind.HARDWARE, 0.25, 1000, ["new"]), items["b1"] < items["n1"])
stock = defaultdict(int)
for item in items.values():
    stock[item.kind.name] += item.stock
print(dict(stock), [i.name for i in items.values() if not i.stock])
out = io.StringIO()
writer = csv.writer(out)
writer.writerow(["a", 'b"c', "d,e", 1.5, None, "line\nfeed"])
print(repr(out.getvalue()))

# === stdout
# ================Hardware================
# b1  Bolt                    0.25   1,000
# n1  Nut                     0.15     800
#                    total          370.00
# ================Material================
# p1  Paint                   7.75      40
#                    total          310.00
# ==================Tool==================
# s1  Saw "Pro" 2            24.50       0
# h1  Hammer, large          19.99      12
#                    total          239.88
# ==================Tool==================
# s1  Saw "Pro" 2            24.50       0
# h1  Hammer, large          19.99      12
#                    total          239.88
# [{"sort_key": ["hardware", -0.25], "sku": "b1", "name": "Bolt", "kind": "HARDWARE", "price": 0.25, "stock": 1000, "tags": []}, {"sort_key": ["hardware", -0.15],
# exit 2
# exit 2
# exit 2
# Item(sku='b1', name='Bolt', kind=<Kind.HARDWARE: 'hardware'>, price=0.25, stock=1000, tags=[]) True True
# {'HARDWARE': 1800, 'TOOL': 12, 'MATERIAL': 40} ['Saw "Pro" 2']
# 'a,"b""c","d,e",1.5,,"line\nfeed"\r\n'
# === stderr
# usage: inventory [-h] [-n N] [--json] [{hardware,tool,material}]
# inventory: error: argument kind: invalid choice: 'spoon' (choose from 'hardware', 'tool', 'material')
# usage: inventory [-h] [-n N] [--json] [{hardware,tool,material}]
# inventory: error: argument -n/--number: invalid int value: 'x'
# usage: inventory [-h] [-n N] [--json] [{hardware,tool,material}]
# inventory: error: unrecognized arguments: --nope
