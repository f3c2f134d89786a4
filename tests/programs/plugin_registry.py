# Metaclasses, __init_subclass__, decorators with arguments, descriptors and context managers working together.
import contextlib
import functools
import inspect
import time
import typing
import weakref
from types import MappingProxyType, SimpleNamespace


class Registry(type):
    _classes: typing.ClassVar[dict] = {}

    def __new__(mcls, name, bases, namespace, *, key=None, **options):
        cls = super().__new__(mcls, name, bases, namespace, **options)
        if bases:
            mcls._classes[key or name.lower()] = cls
        return cls

    def __init__(cls, name, bases, namespace, **options):
        super().__init__(name, bases, namespace)

    @classmethod
    def __prepare__(mcls, name, bases, **options):
        return {"created_as": name}

    def __iter__(cls):
        return iter(sorted(Registry._classes))

    def __getitem__(cls, key):
        return Registry._classes[key]

    def __contains__(cls, key):
        return key in Registry._classes

    def __call__(cls, *args, **kwargs):
        instance = super().__call__(*args, **kwargs)
        instance.made_by = "Registry"
        return instance


class Bounded:
    def __init__(self, low, high):
        self.low, self.high = low, high

    def __set_name__(self, owner, name):
        self.name, self.slot = name, f"_{name}"
        owner.bounds = {**getattr(owner, "bounds", {}), name: (self.low, self.high)}

    def __get__(self, instance, owner=None):
        return self if instance is None else getattr(instance, self.slot, self.low)

    def __set__(self, instance, value):
        if not self.low <= value <= self.high:
            raise ValueError(f"{self.name} must be in [{self.low}, {self.high}], not {value!r}")
        setattr(instance, self.slot, value)

    def __delete__(self, instance):
        with contextlib.suppress(AttributeError):
            delattr(instance, self.slot)


class Plugin(metaclass=Registry):
    priority = Bounded(0, 10)
    hooks: list = []

    def __init_subclass__(cls, /, tags=(), **kwargs):
        super().__init_subclass__(**kwargs)
        cls.tags = frozenset(tags)
        Plugin.hooks.append(cls.__name__)

    def run(self, data):
        raise NotImplementedError(type(self).__qualname__)


class Upper(Plugin, key="up", tags=["text"]):
    priority = Bounded(2, 5)

    def run(self, data):
        return data.upper()


class Reverse(Plugin, tags=("text", "order")):
    def run(self, data):
        return data[::-1]


class Broken(Upper):
    def run(self, data):
        return super().run(data) + 1


print(list(Plugin), Plugin["up"] is Upper, "reverse" in Plugin, Plugin.hooks, Upper.created_as, Broken.tags, sorted(Reverse.tags))
print(Upper.bounds, Upper.priority.low, Upper().made_by, type(Upper).__name__, Upper.__mro__[1:3])
upper = Upper()
print(upper.priority, vars(upper))
for value in (4, 11, "x"):
    try:
        upper.priority = value
        print("set", upper.priority)
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
del upper.priority, upper.priority
print(upper.priority)


def retry(times, *, on=Exception, log=print):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for attempt in range(1, times + 1):
                try:
                    return function(*args, **kwargs)
                except on as error:
                    wrapper.failures += 1
                    log(f"  {function.__name__} failed {attempt}/{times}: {error}")
                    if attempt == times:
                        raise
        wrapper.failures = 0
        return wrapper
    return decorate


def validated(function):
    signature = inspect.signature(function)
    hints = typing.get_type_hints(function)

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        for name, value in bound.arguments.items():
            if name in hints and not isinstance(value, hints[name]):
                raise TypeError(f"{name} must be {hints[name].__name__}, got {type(value).__name__}")
        return function(*bound.args, **bound.kwargs)
    return wrapper


@retry(3, on=ValueError)
@validated
def pick(plugin: str, data: str = "abc", *, times: int = 1) -> str:
    """Runs a plug-in."""
    pick.calls = getattr(pick, "calls", 0) + 1
    if pick.calls < 3:
        raise ValueError(f"call {pick.calls}")
    return Plugin[plugin]().run(data) * times


print(pick("up", times=2), pick.failures, pick.__doc__, pick.__name__, inspect.signature(pick))
for bad in (lambda: pick(5), lambda: pick("up", times="x"), lambda: pick(), lambda: pick("none"), lambda: pick("broken"), lambda: Plugin().run(1)):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, error)


@contextlib.contextmanager
def section(name, trace):
    trace.append(f"+{name}")
    try:
        yield SimpleNamespace(name=name, depth=len(trace))
    except KeyError as error:
        trace.append(f"!{error.args[0]}")
    finally:
        trace.append(f"-{name}")


trace = []
with section("a", trace) as a, section("b", trace) as b:
    trace.append(f"{a.name}{b.depth}")
    raise KeyError("lost")
with contextlib.ExitStack() as stack:
    for name in "xyz":
        stack.enter_context(section(name, trace))
    stack.callback(trace.append, "callback")
    stack.pop_all().close()
print(" ".join(trace))
frozen = MappingProxyType(dict(a=1))
try:
    frozen["b"] = 2
except TypeError as error:
    print(error, dict(frozen | {"c": 3}))
alive = weakref.WeakValueDictionary(up=upper)
print("up" in alive, len(alive))
del upper
print("up" in alive, len(alive), time.monotonic() > 0)

# === stdout
# ['broken', 'reverse', 'up'] True True ['Upper', 'Reverse', 'Broken'] Upper frozenset() ['order', 'text']
# {'priority': (2, 5)} 2 Registry Registry (<class '__main__.Plugin'>, <class 'object'>)
# 2 {'made_by': 'Registry'}
# set 4
# ValueError priority must be in [2, 5], not 11
# TypeError '<=' not supported between instances of 'int' and 'str'
# 2
#   pick failed 1/3: call 1
#   pick failed 2/3: call 2
# ABCABC 2 Runs a plug-in. pick (plugin: str, data: str = 'abc', *, times: int = 1) -> str
# TypeError plugin must be str, got int
# TypeError times must be int, got str
# TypeError missing a required argument: 'plugin'
# KeyError 'none'
# TypeError can only concatenate str (not "int") to str
# NotImplementedError Plugin
# +a +b a2 !lost -b -a +x +y +z callback -z -y -x
# 'mappingproxy' object does not support item assignment {'a': 1, 'c': 3}
# True 1
# False 0 True
