# Descriptors, metaclasses and operator overloading: a tiny object mapper that builds queries.
class Field:
    kind = object

    def __init__(self, default=None, required=False):
        self.default, self.required = default, required

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        if instance is None:
            return self
        return instance._values.get(self.name, self.default)

    def __set__(self, instance, value):
        if value is not None and not isinstance(value, self.kind):
            raise TypeError(f"{type(instance).__name__}.{self.name} must be {self.kind.__name__}, not {type(value).__name__}")
        instance._values[self.name] = value
        instance._dirty.add(self.name)

    def __eq__(self, other):
        return Condition(f"{self.name} = ?", [other])

    def __gt__(self, other):
        return Condition(f"{self.name} > ?", [other])

    def __lt__(self, other):
        return Condition(f"{self.name} < ?", [other])

    def __hash__(self):
        return id(self)

    def isin(self, *values):
        return Condition(f"{self.name} IN ({', '.join('?' * len(values))})", list(values))


class Text(Field):
    kind = str


class Integer(Field):
    kind = int


class Condition:
    def __init__(self, sql, values):
        self.sql, self.values = sql, values

    def __and__(self, other):
        return Condition(f"({self.sql} AND {other.sql})", self.values + other.values)

    def __or__(self, other):
        return Condition(f"({self.sql} OR {other.sql})", self.values + other.values)

    def __invert__(self):
        return Condition(f"NOT {self.sql}", self.values)


class ModelMeta(type):
    models = {}

    def __new__(mcs, name, bases, namespace, table=None):
        cls = super().__new__(mcs, name, bases, namespace)
        cls._fields = {}
        for base in reversed(cls.__mro__):
            cls._fields |= {k: v for k, v in vars(base).items() if isinstance(v, Field)}
        if bases:
            cls._table = table or name.lower() + "s"
            mcs.models[name] = cls
        return cls

    def __getitem__(cls, condition):
        return f"SELECT {', '.join(cls._fields)} FROM {cls._table} WHERE {condition.sql}", condition.values

    def __len__(cls):
        return len(cls._fields)


class Model(metaclass=ModelMeta):
    def __init__(self, **values):
        self._values, self._dirty = {}, set()
        for name, value in values.items():
            if name not in self._fields:
                raise AttributeError(f"{type(self).__name__} has no field {name!r}")
            setattr(self, name, value)
        for name, field in self._fields.items():
            if field.required and name not in values:
                raise ValueError(f"{name} is required")

    def save(self):
        names = sorted(self._dirty)
        self._dirty.clear()
        return f"INSERT INTO {self._table} ({', '.join(names)})", [getattr(self, n) for n in names]

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{n}={getattr(self, n)!r}' for n in self._fields)})"


class Person(Model, table="people"):
    name = Text(required=True)
    age = Integer(default=18)


class Employee(Person):
    salary = Integer()


p = Person(name="Ann")
print(p, p.save(), p.save())
p.age = 40
print(p.save(), len(Person), len(Employee), list(ModelMeta.models), Employee._table)
print(Person[(Person.age > 30) & ~(Person.name == "Bob") | Person.age.isin(1, 2)])
print(Employee(name="Eve", salary=5), Person.age.default)
for bad in (lambda: Person(), lambda: Person(name=5), lambda: Person(name="x", height=3), lambda: setattr(p, "age", "old")):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, error)

# === stdout
# Person(name='Ann', age=18) ('INSERT INTO people (name)', ['Ann']) ('INSERT INTO people ()', [])
# ('INSERT INTO people (age)', [40]) 2 3 ['Person', 'Employee'] employees
# ('SELECT name, age FROM people WHERE ((age > ? AND NOT name = ?) OR age IN (?, ?))', [30, 'Bob', 1, 2])
# Employee(name='Eve', age=18, salary=5) 18
# ValueError name is required
# TypeError Person.name must be str, not int
# AttributeError Person has no field 'height'
# TypeError Person.age must be int, not str
