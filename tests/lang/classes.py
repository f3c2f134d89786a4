# Classes: attributes, inheritance, methods, properties, static and class methods, special methods, introspection.
class Animal:
    """An animal."""

    count = 0

    def __init__(self, name):
        self.name = name
        Animal.count += 1

    def speak(self):
        return f"{self.name} makes a sound"

    def __repr__(self):
        return f"{type(self).__name__}({self.name!r})"

    @property
    def loud(self):
        return self.name.upper()

    @loud.setter
    def loud(self, value):
        self.name = value.lower()

    @loud.deleter
    def loud(self):
        self.name = "gone"

    @classmethod
    def make(cls, name):
        return cls(name)

    @staticmethod
    def kingdom():
        return "animalia"


class Dog(Animal):
    def speak(self):
        return super().speak() + ": woof"


dog = Dog.make("Rex")
print(dog, dog.speak(), dog.loud, Dog.kingdom(), dog.kingdom(), Animal.count)
dog.loud = "FIDO"
print(dog.name)
del dog.loud
print(dog.name)
print(isinstance(dog, Animal), issubclass(Dog, Animal), isinstance(dog, (int, Dog)), type(dog) is Dog, issubclass(bool, int))
print(Dog.__mro__, Dog.__bases__, Dog.__name__, Animal.__doc__, Dog.__doc__, Dog.__module__)
print(dog.__dict__, sorted(n for n in Animal.__dict__ if not n.startswith("__")))
print(dog.speak, Dog.speak is Dog.__dict__["speak"]) if False else print(Dog.speak is Dog.__dict__["speak"])
bound = dog.speak
print(bound.__self__ is dog, bound.__func__ is Dog.speak, bound() == dog.speak())
dog.extra = [1]
print(dog.extra, hasattr(dog, "extra"), getattr(dog, "missing", "default"))
setattr(dog, "extra", 2)
delattr(dog, "extra")
print(vars(dog))
for what in (lambda: dog.missing, lambda: Dog.missing, lambda: dog.speak(1), lambda: Animal(), lambda: setattr(Animal("x"), "count2", 1), lambda: delattr(dog, "zzz")):
    try:
        print(what())
    except Exception as error:
        print(type(error).__name__ + ":", error)


class Empty:
    pass


e = Empty()
e.x = 1
print(e.x, Empty() == Empty(), e == e, hash(e) == hash(e), bool(e))
e.__class__ = Dog
e.name = "was empty"
print(e.speak())


class Base:
    def __new__(cls, *args):
        instance = super().__new__(cls)
        instance.args = args
        return instance

    def __init__(self, *args):
        self.initialised = True


print(Base(1, 2).args, Base().initialised)


class Other:
    def __new__(cls):
        return 42

    def __init__(self):
        print("never called")


print(Other())


class Counter:
    def __init__(self):
        self.items = {}

    def __getitem__(self, key):
        return self.items.get(key, 0)

    def __setitem__(self, key, value):
        self.items[key] = value

    def __delitem__(self, key):
        del self.items[key]

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        return iter(sorted(self.items))

    def __contains__(self, key):
        return key in self.items

    def __call__(self, x):
        return x * 2

    def __bool__(self):
        return False

    def __str__(self):
        return "a counter"

    def __format__(self, spec):
        return f"<{spec}>"

    def __hash__(self):
        return 7


c = Counter()
c["a"] += 3
c["b"] = 1
del c["b"]
print(c["a"], c["z"], len(c), list(c), "a" in c, c(4), bool(c), str(c), f"{c:spec}", hash(c))


class Sequence:
    def __getitem__(self, i):
        if i > 3:
            raise IndexError
        return i * i


print(list(Sequence()), 4 in Sequence(), 5 in Sequence(), list(zip(Sequence(), "ab")))
print(type("Made", (Animal,), {"sound": "ha", "speak": lambda self: self.sound})("m").speak())


class Private:
    def __init__(self):
        self.__hidden = 1

    def get(self):
        return self.__hidden


p = Private()
print(p.get(), p.__dict__)
try:
    p.__hidden
except AttributeError as error:
    print(error)

# === stdout
# Dog('Rex') Rex makes a sound: woof REX animalia animalia 1
# fido
# gone
# True True True True True
# (<class '__main__.Dog'>, <class '__main__.Animal'>, <class 'object'>) (<class '__main__.Animal'>,) Dog An animal. None __main__
# {'name': 'gone'} ['count', 'kingdom', 'loud', 'make', 'speak']
# True
# True True True
# [1] True default
# {'name': 'gone'}
# AttributeError: 'Dog' object has no attribute 'missing'
# AttributeError: type object 'Dog' has no attribute 'missing'
# TypeError: Dog.speak() takes 1 positional argument but 2 were given
# TypeError: Animal.__init__() missing 1 required positional argument: 'name'
# None
# AttributeError: 'Dog' object has no attribute 'zzz'
# 1 False True True True
# was empty makes a sound: woof
# (1, 2) True
# 42
# 3 0 1 ['a'] True 8 False a counter <spec> 7
# [0, 1, 4, 9] True False [(0, 'a'), (1, 'b')]
# ha
# 1 {'_Private__hidden': 1}
# 'Private' object has no attribute '__hidden'
