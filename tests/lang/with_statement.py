# with: order, several managers, suppression, exceptions inside, parenthesised form, missing methods.
class M:
    def __init__(self, name, swallow=False):
        self.name = name
        self.swallow = swallow

    def __enter__(self):
        print("enter", self.name)
        return self.name.upper()

    def __exit__(self, kind, value, traceback):
        print("exit", self.name, kind.__name__ if kind else None, value, traceback is not None)
        return self.swallow


with M("a") as a, M("b") as b:
    print(a, b)
with (
    M("c") as c,
    M("d"),
):
    print(c)
with M("e", True):
    raise ValueError("swallowed")
try:
    with M("f"):
        raise ValueError("passed on")
except ValueError as error:
    print("outside:", error)


def returns():
    with M("g"):
        return "value"


print(returns())
for i in range(2):
    with M(f"loop{i}"):
        if i == 0:
            continue
        break


class Failing:
    def __enter__(self):
        raise RuntimeError("enter fails")

    def __exit__(self, *args):
        print("never")


try:
    with M("h"), Failing():
        pass
except RuntimeError as error:
    print(error)


class ExitFails:
    def __enter__(self):
        return self

    def __exit__(self, *args):
        raise KeyError("exit fails")


try:
    with ExitFails():
        raise ValueError("body")
except KeyError as error:
    print(error, repr(error.__context__))
with M("xyz") as (x, y, *z):
    print(x, y, z)
for bad in (3, object()):
    try:
        with bad:
            pass
    except TypeError as error:
        print(error)


class OnlyEnter:
    def __enter__(self):
        pass


try:
    with OnlyEnter():
        pass
except TypeError as error:
    print(error)
import contextlib


@contextlib.contextmanager
def tag(name):
    print(f"<{name}>")
    try:
        yield name
    finally:
        print(f"</{name}>")


with tag("p") as t:
    print(t)
with contextlib.suppress(ZeroDivisionError):
    1 / 0
with contextlib.ExitStack() as stack:
    for n in "ab":
        stack.enter_context(tag(n))
    stack.callback(print, "callback")

# === stdout
# enter a
# enter b
# A B
# exit b None None False
# exit a None None False
# enter c
# enter d
# C
# exit d None None False
# exit c None None False
# enter e
# exit e ValueError swallowed True
# enter f
# exit f ValueError passed on True
# outside: passed on
# enter g
# exit g None None False
# value
# enter loop0
# exit loop0 None None False
# enter loop1
# exit loop1 None None False
# enter h
# exit h RuntimeError enter fails True
# enter fails
# 'exit fails' ValueError('body')
# enter xyz
# X Y ['Z']
# exit xyz None None False
# 'int' object does not support the context manager protocol (missed __exit__ method)
# 'object' object does not support the context manager protocol (missed __exit__ method)
# 'OnlyEnter' object does not support the context manager protocol (missed __exit__ method)
# <p>
# p
# </p>
# <a>
# <b>
# callback
# </b>
# </a>
