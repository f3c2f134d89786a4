# Descriptors: data and non-data, __set_name__, priority over the instance, functions as descriptors, __slots__, __getattr__.
class Data:
    def __set_name__(self, owner, name):
        print("named", owner.__name__, name)
        self.name = name

    def __get__(self, instance, owner=None):
        return ("get", self.name, instance is None, owner.__name__)

    def __set__(self, instance, value):
        print("set", self.name, value)

    def __delete__(self, instance):
        print("delete", self.name)


class NonData:
    def __get__(self, instance, owner):
        return "non-data"


class Host:
    data = Data()
    plain = NonData()


h = Host()
print(h.data, Host.data)
h.data = 5
del h.data
h.__dict__["data"] = "in dict"
print(h.data)
print(h.plain)
h.plain = "instance wins"
print(h.plain)


class Slots:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a = 1


s = Slots()
print(s.a, hasattr(s, "b"), hasattr(s, "__dict__"), Slots.a)
for what in (lambda: s.b, lambda: setattr(s, "c", 1), lambda: delattr(s, "b")):
    try:
        what()
    except AttributeError as error:
        print(error)


class SubSlots(Slots):
    pass


t = SubSlots()
t.anything = 1
print(t.a, t.anything, t.__dict__)


class Dynamic:
    def __init__(self):
        self.real = 1

    def __getattr__(self, name):
        if name.startswith("no"):
            raise AttributeError(name)
        return f"made {name}"


d = Dynamic()
print(d.real, d.fake, hasattr(d, "nope"), getattr(d, "nothing", "default"))


class Everything:
    x = 1

    def __getattribute__(self, name):
        if name == "x":
            return "intercepted"
        return super().__getattribute__(name)

    def __setattr__(self, name, value):
        print("setattr", name, value)
        super().__setattr__(name, value)

    def __delattr__(self, name):
        print("delattr", name)
        super().__delattr__(name)


e = Everything()
print(e.x)
e.y = 2
print(e.y)
del e.y


class P:
    @property
    def readonly(self):
        return 1

    @property
    def failing(self):
        raise AttributeError("inside")

    def __getattr__(self, name):
        return f"fallback {name}"


p = P()
print(p.readonly, p.failing)
for what in (lambda: setattr(p, "readonly", 2), lambda: delattr(p, "readonly")):
    try:
        what()
    except AttributeError as error:
        print(error)
print(P.readonly.fget(p), type(P.readonly).__name__)


def function(self):
    return "bound to", self


print(function.__get__(3)(), function.__get__(None, int) is function)


class Static:
    f = staticmethod(lambda x: x)
    g = classmethod(lambda cls, x: (cls.__name__, x))


print(Static.f(1), Static().f(2), Static.g(3), Static().g(4))


class Cached:
    def __init__(self, function):
        self.function = function
        self.name = function.__name__

    def __get__(self, instance, owner):
        value = instance.__dict__[self.name] = self.function(instance)
        return value


class User:
    @Cached
    def slow(self):
        print("computed")
        return 9


u = User()
print(u.slow, u.slow)
try:
    class Broken:
        class D:
            def __set_name__(self, owner, name):
                raise ValueError("no name")
        d = D()
except ValueError as error:
    print(error, error.__notes__)

# === stdout
# named Host data
# ('get', 'data', False, 'Host') ('get', 'data', True, 'Host')
# set data 5
# delete data
# ('get', 'data', False, 'Host')
# non-data
# instance wins
# 1 False False <member 'a' of 'Slots' objects>
# 'Slots' object has no attribute 'b'
# 'Slots' object has no attribute 'c' and no __dict__ for setting new attributes
# b
# 1 1 {'anything': 1}
# 1 made fake False default
# intercepted
# setattr y 2
# 2
# delattr y
# 1 fallback failing
# property 'readonly' of 'P' object has no setter
# property 'readonly' of 'P' object has no deleter
# 1 property
# ('bound to', 3) True
# 1 2 ('Static', 3) ('Static', 4)
# computed
# 9 9
# no name ["Error calling __set_name__ on 'D' instance 'd' in 'Broken'"]
