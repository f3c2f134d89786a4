# dict: every method, order, views, merging, equality, missing keys, deletion while iterating.
d = {"a": 1, "b": 2}
d["c"] = 3
d["a"] = 10
print(d, len(d), d["a"], d.get("z"), d.get("z", 0), "b" in d, list(d), list(d.values()), list(d.items()))
print(d.pop("b"), d.pop("zz", None), d.popitem(), d, d.setdefault("n", []), d.setdefault("a", 5), d)
d.update({"x": 1}, y=2)
d.update([("k", 1)])
print(d, dict(a=1), dict([(1, 2)]), dict({"a": 1}, b=2), dict.fromkeys("ab", 0), dict(zip("xy", [1, 2])), {**d, "a": 0})
del d["a"]
d["a"] = "again, at the end"
print(d, list(reversed(d)), {1: "a", True: "b", 1.0: "c"}, {"a": 1} == {"a": 1.0}, {1: 2, 3: 4} == {3: 4, 1: 2}, {} or "empty")
print({"a": 1} | {"b": 2}, {"a": 1} | {"a": 2})
e = {"a": 1}
e |= {"b": 2}
e |= [("c", 3)]
print(e, e.copy() == e, e.copy() is e)
k, v, i = e.keys(), e.values(), e.items()
print(k, v, i, len(k), "a" in k, ("a", 1) in i, 1 in v, k & {"a", "z"}, sorted(k | {"z"}), sorted(k - {"a"}), sorted(k ^ {"a", "q"}), k.isdisjoint({"q"}))
e["d"] = 4
print(k, list(reversed(k)), k == {"a", "b", "c", "d"}, i.mapping["d"])
e.clear()
print(e, k)
for bad in ("{}['x']", "{}[1, 2]", "{}.pop('x')", "{}.popitem()", "{[]: 1}", "dict(5)", "dict([1])", "dict([(1, 2, 3)])", "{} < {}", "{}.update(3)", "{1: 2}.missing", "dict(**{1: 2})", "{} | 3", "del_()"):
    def del_():
        del {}["gone"]

    try:
        print(bad, "=", eval(bad))
    except Exception as error:
        print(bad, "->", type(error).__name__, error)


class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 2

    def __eq__(self, other):
        return isinstance(other, Key) and self.n == other.n

    def __repr__(self):
        return f"K{self.n}"


c = {Key(i): i for i in range(6)}
print(c, c[Key(3)], Key(9) in c, len(c))
del c[Key(2)], c[Key(4)]
c[Key(2)] = "back"
print(c)
big = {i: str(i) for i in range(1000)}
for i in range(0, 1000, 2):
    del big[i]
print(len(big), list(big)[:3], big[501], 500 in big, sum(big))
mixed = {None: 0, True: 1, 2.5: 2, "s": 3, (1, 2): 4, b"b": 5, frozenset({1}): 6, int: 7, -1: 8, -2: 9, 10 ** 30: 10}
print(mixed[None], mixed[1], mixed[5 / 2], mixed[1, 2], mixed[frozenset([1])], mixed[int], mixed[-1], mixed[-2], mixed[10 ** 30])
n = {"outer": {"inner": [1, {"deep": True}]}}
print(n["outer"]["inner"][1]["deep"], n)
n["self"] = n
print(n)
nan = float("nan")
print({nan: 1}[nan], {0: "a", -0.0: "b", False: "c"}, hash(1) == hash(1.0) == hash(True), hash("a") == hash("a"), hash((1, 2)) == hash((1, 2)))

class Missing(dict):
    def __missing__(self, key):
        self[key] = value = key * 2
        return value


m = Missing()
print(m["ab"], m, m.get("q"))
for a, (b, c) in {"p": (1, 2), "q": (3, 4)}.items():
    print(a, b, c)
o = {}
for ch in "mississippi":
    o[ch] = o.get(ch, 0) + 1
print(o, sorted(o.items(), key=lambda p: (-p[1], p[0])), max(o, key=o.get))

# === stdout
# {'a': 10, 'b': 2, 'c': 3} 3 10 None 0 True ['a', 'b', 'c'] [10, 2, 3] [('a', 10), ('b', 2), ('c', 3)]
# 2 None ('c', 3) {'a': 10, 'n': []} [] 10 {'a': 10, 'n': []}
# {'a': 10, 'n': [], 'x': 1, 'y': 2, 'k': 1} {'a': 1} {1: 2} {'a': 1, 'b': 2} {'a': 0, 'b': 0} {'x': 1, 'y': 2} {'a': 0, 'n': [], 'x': 1, 'y': 2, 'k': 1}
# {'n': [], 'x': 1, 'y': 2, 'k': 1, 'a': 'again, at the end'} ['a', 'k', 'y', 'x', 'n'] {1: 'c'} True True empty
# {'a': 1, 'b': 2} {'a': 2}
# {'a': 1, 'b': 2, 'c': 3} True False
# dict_keys(['a', 'b', 'c']) dict_values([1, 2, 3]) dict_items([('a', 1), ('b', 2), ('c', 3)]) 3 True True True {'a'} ['a', 'b', 'c', 'z'] ['b', 'c'] ['b', 'c', 'q'] True
# dict_keys(['a', 'b', 'c', 'd']) ['d', 'c', 'b', 'a'] True 4
# {} dict_keys([])
# {}['x'] -> KeyError 'x'
# {}[1, 2] -> KeyError (1, 2)
# {}.pop('x') -> KeyError 'x'
# {}.popitem() -> KeyError 'popitem(): dictionary is empty'
# {[]: 1} -> TypeError cannot use 'list' as a dict key (unhashable type: 'list')
# dict(5) -> TypeError 'int' object is not iterable
# dict([1]) -> TypeError object is not iterable
# dict([(1, 2, 3)]) -> ValueError dictionary update sequence element #0 has length 3; 2 is required
# {} < {} -> TypeError '<' not supported between instances of 'dict' and 'dict'
# {}.update(3) -> TypeError 'int' object is not iterable
# {1: 2}.missing -> AttributeError 'dict' object has no attribute 'missing'
# dict(**{1: 2}) -> TypeError keywords must be strings
# {} | 3 -> TypeError unsupported operand type(s) for |: 'dict' and 'int'
# del_() -> KeyError 'gone'
# {K0: 0, K1: 1, K2: 2, K3: 3, K4: 4, K5: 5} 3 False 6
# {K0: 0, K1: 1, K3: 3, K5: 5, K2: 'back'}
# 500 [1, 3, 5] 501 False 250000
# 0 1 2 4 6 7 8 9 10
# True {'outer': {'inner': [1, {'deep': True}]}}
# {'outer': {'inner': [1, {'deep': True}]}, 'self': {...}}
# 1 {0: 'c'} True True True
# abab {'ab': 'abab'} None
# p 1 2
# q 3 4
# {'m': 1, 'i': 4, 's': 4, 'p': 2} [('i', 4), ('s', 4), ('p', 2), ('m', 1)] i
