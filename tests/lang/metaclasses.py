# Metaclasses: __prepare__, __new__, __call__, instance checks, class attributes, inheritance of the metaclass.
class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **kwargs):
        print("prepare", name, [b.__name__ for b in bases], kwargs)
        return {"prepared": True}

    def __new__(mcs, name, bases, namespace, **kwargs):
        print("new", name, sorted(k for k in namespace if not k.startswith("__")))
        return super().__new__(mcs, name, bases, namespace)

    def __init__(cls, name, bases, namespace, **kwargs):
        print("init", name, kwargs)
        super().__init__(name, bases, namespace)

    def __call__(cls, *args):
        print("call", cls.__name__, args)
        return super().__call__(*args)

    def __repr__(cls):
        return f"<class {cls.__name__} of Meta>"

    def __len__(cls):
        return 3

    def __getitem__(cls, key):
        return cls, key

    def __iter__(cls):
        return iter("abc")

    def __instancecheck__(cls, instance):
        return instance == "instance"

    def __subclasscheck__(cls, subclass):
        return subclass is int

    @property
    def meta_property(cls):
        return "of the class"

    def meta_method(cls):
        return cls.__name__.lower()


class Base(metaclass=Meta, option=1):
    x = 1

    def __init__(self, *args):
        self.args = args


class Derived(Base, other=2):
    y = 2


print(Base, Derived, type(Derived) is Meta, Derived.prepared)
print(Derived(1, 2).args, len(Base), Base[1], list(Base), Base.meta_property, Derived.meta_method())
print(isinstance("instance", Base), isinstance(3, Base), issubclass(int, Base), issubclass(str, Base))
try:
    Derived().meta_method
except AttributeError as error:
    print(error)


class Other(type):
    pass


try:
    class Conflict(Base, metaclass=Other):
        pass
except TypeError as error:
    print(error)


class Singleton(type):
    instances = {}

    def __call__(cls, *args, **kwargs):
        if cls not in cls.instances:
            cls.instances[cls] = super().__call__(*args, **kwargs)
        return cls.instances[cls]


class Config(metaclass=Singleton):
    pass


print(Config() is Config())


def factory(name, bases, namespace):
    return name, bases, sorted(k for k in namespace if not k.startswith("__"))


class ByFunction(metaclass=factory):
    a = 1
    b = 2


print(ByFunction)


class Entries:
    def __mro_entries__(self, bases):
        return (dict,)


class FromEntries(Entries()):
    pass


print(FromEntries.__bases__, type(FromEntries.__orig_bases__[0]).__name__)


class Generic:
    def __class_getitem__(cls, item):
        return f"{cls.__name__}[{item}]"


print(Generic[int], type(type), type.__mro__, type(int), object.__class__)

# === stdout
# prepare Base [] {'option': 1}
# new Base ['prepared', 'x']
# init Base {'option': 1}
# prepare Derived ['Base'] {'other': 2}
# new Derived ['prepared', 'y']
# init Derived {'other': 2}
# <class Base of Meta> <class Derived of Meta> True True
# call Derived (1, 2)
# (1, 2) 3 (<class Base of Meta>, 1) ['a', 'b', 'c'] of the class derived
# True False True False
# call Derived ()
# 'Derived' object has no attribute 'meta_method'
# metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases
# True
# ('ByFunction', (), ['a', 'b'])
# (<class 'dict'>,) Entries
# Generic[<class 'int'>] <class 'type'> (<class 'type'>, <class 'object'>) <class 'type'> <class 'type'>
