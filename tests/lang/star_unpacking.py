# Stars in calls, displays, assignments, returns, subscripts, for targets.
def f(*args, **kwargs):
    return args, kwargs


a, b = [1, 2], {"x": 3}
print(f(*a), f(*a, *a), f(0, *a, 9), f(**b), f(*a, **b, y=4), f(*a, k=1, **{"z": 5}), f(*"ab", *range(2), *{7: 8}))
print([*a, *a], (*a,), {*a, *a}, {**b, **{"x": 9}}, [*{}, *[]], {"q": 1, **b})


def returns():
    return *a, 3


def yields():
    yield *a, 4


print(returns(), list(yields()))
for x, *rest in [(1, 2, 3), "ab"]:
    print(x, rest)
*x, = (1, 2)
print(x)
(*y, z), w = "abc", 1
print(y, z, w)
d = {}
d["k"], *d["rest"] = 1, 2, 3
print(d)
print(f(*(i for i in range(2)), **dict(a=1)), f(*[], **{}), [*map(str, a)], max(*a), print(*a, sep="-"))


class K:
    def keys(self):
        return ["p", "q"]

    def __getitem__(self, key):
        return key * 2


print(f(**K()), {**{}, **K()} if False else dict(K()))
order = []


def note(x):
    order.append(x)
    return x


f(note(1), *[note(2)], k=note(3), *[note(4)], **{"m": note(5)})
print(order)
for bad in ("[*1]", "f(*1)", "f(**1)", "{**1}", "f(**{'a': 1}, a=2)", "f(x=1, **{'x': 2})", "{*1}", "(*None,)"):
    try:
        print(eval(bad))
    except TypeError as error:
        print(bad, "->", error)
print([*enumerate("ab")], [*[*[1]]], *[1, 2], *"cd", sep=",")

# === stdout
# ((1, 2), {}) ((1, 2, 1, 2), {}) ((0, 1, 2, 9), {}) ((), {'x': 3}) ((1, 2), {'x': 3, 'y': 4}) ((1, 2), {'k': 1, 'z': 5}) (('a', 'b', 0, 1, 7), {})
# [1, 2, 1, 2] (1, 2) {1, 2} {'x': 9} [] {'q': 1, 'x': 3}
# (1, 2, 3) [(1, 2, 4)]
# 1 [2, 3]
# a ['b']
# [1, 2]
# ['a', 'b'] c 1
# {'k': 1, 'rest': [2, 3]}
# 1-2
# ((0, 1), {'a': 1}) ((), {}) ['1', '2'] 2 None
# ((), {'p': 'pp', 'q': 'qq'}) {'p': 'pp', 'q': 'qq'}
# [1, 2, 4, 3, 5]
# [*1] -> Value after * must be an iterable, not int
# f(*1) -> __main__.f() argument after * must be an iterable, not int
# f(**1) -> __main__.f() argument after ** must be a mapping, not int
# {**1} -> 'int' object is not a mapping
# f(**{'a': 1}, a=2) -> __main__.f() got multiple values for keyword argument 'a'
# f(x=1, **{'x': 2}) -> __main__.f() got multiple values for keyword argument 'x'
# {*1} -> 'int' object is not iterable
# (*None,) -> Value after * must be an iterable, not NoneType
# [(0, 'a'), (1, 'b')],[1],1,2,c,d
