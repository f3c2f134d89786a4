# Names: local, enclosing, global, built-in; global and nonlocal; class scopes; unbound names.
x = "global"


def reads():
    return x


def shadows():
    x = "local"
    return x


def writes():
    global x, made
    x = "written"
    made = 1


print(reads(), shadows(), x)
writes()
print(x, made)


def unbound():
    try:
        print(y)
    except UnboundLocalError as error:
        print(type(error).__name__, error)
    y = 1


unbound()


def enclosing():
    n = 0

    def bump():
        nonlocal n
        n += 1
        return n

    def read():
        return n

    bump()
    bump()
    return read(), n


print(enclosing())


def free():
    def inner():
        return later

    try:
        inner()
    except NameError as error:
        print(type(error).__name__, error)
    later = 1
    return inner()


print(free())


class Scope:
    x = "class"
    copy = x
    listed = [x for _ in range(1)]

    def method(self):
        return x


print(Scope.copy, Scope.listed, Scope().method())


def class_in_function():
    z = "function"

    class Inner:
        z = "inner"

        def get(self):
            return z

        value = z

    return Inner.value, Inner().get()


print(class_in_function())


def class_reads_outer():
    z = "outer"

    class Inner:
        value = z

    return Inner.value


print(class_reads_outer())


class UsesGlobal:
    global declared
    declared = "from class"


print(declared, hasattr(UsesGlobal, "declared"))


def deletes():
    a = 1
    del a
    try:
        a
    except UnboundLocalError as error:
        print(error)


deletes()


def cell_deleted():
    a = 1

    def get():
        return a

    del a
    try:
        get()
    except NameError as error:
        print(error)


cell_deleted()
functions = [lambda: i for i in range(3)]
print([g() for g in functions])
functions = [lambda i=i: i for i in range(3)]
print([g() for g in functions])
i = "untouched"
[i for i in range(5)]
print(i)
len = lambda value: "shadowed"
print(len([]))
del len
print(len([]))


def locals_shown(a, b=2):
    c = a + b
    return sorted(locals().items())


print(locals_shown(1))
print("x" in globals(), "reads" in globals(), globals()["x"])
exec("made_by_exec = 5")
print(made_by_exec)
namespace = {"a": 1}
exec("b = a + 1\ndef g(): return b", namespace)
print(namespace["b"], namespace["g"](), eval("a + b", namespace), eval("a", {"a": 1}, {"a": 2}))


def three():
    v = 1

    def two():
        def one():
            nonlocal v
            v = 2

        one()

    two()
    return v


print(three())
try:
    nothing_of_this_name
except NameError as error:
    print(error, error.name)

# === stdout
# global local global
# written 1
# UnboundLocalError cannot access local variable 'y' where it is not associated with a value
# (2, 2)
# NameError cannot access free variable 'later' where it is not associated with a value in enclosing scope
# 1
# class ['written'] written
# ('inner', 'function')
# outer
# from class False
# cannot access local variable 'a' where it is not associated with a value
# cannot access free variable 'a' where it is not associated with a value in enclosing scope
# [2, 2, 2]
# [0, 1, 2]
# untouched
# shadowed
# 0
# [('a', 1), ('b', 2), ('c', 3)]
# True True written
# 5
# 2 2 3 2
# 2
# name 'nothing_of_this_name' is not defined nothing_of_this_name
