# Annotations are evaluated when they are asked for (PEP 649).
def f(a: int, b: "text" = 1, *c: undefined_later, d: list[int], **e: dict) -> int | None:
    pass


try:
    f.__annotations__
except NameError as error:
    print(error)
undefined_later = str
print(f.__annotations__)


class C:
    x: int
    y: Later = 5
    z: "C"

    class Inner:
        w: C

    def m(self, other: C) -> Inner:
        pass


class Later:
    pass


print(C.__annotations__, C.Inner.__annotations__, C.m.__annotations__)
v: int = 3
w: str
print(__annotations__ if "__annotations__" in globals() else "none yet")
import annotationlib

def g(a: missing, b: int):
    pass


print(annotationlib.get_annotations(g, format=annotationlib.Format.STRING))
r = annotationlib.get_annotations(g, format=annotationlib.Format.FORWARDREF)
print(type(r["a"]).__name__, r["b"])


def local():
    q: print("never evaluated") = 1
    n: int
    return q, locals()


print(local())
print(C.__annotate__ is not None, f.__annotate__(1)["a"], (lambda: 0).__annotations__)
f.__annotations__ = {"a": 1}
print(f.__annotations__)
(p): int = 4
print(p)
C.attribute: int = 6
print(C.attribute, [].__class__.__name__)

# === stdout
# name 'undefined_later' is not defined
# {'a': <class 'int'>, 'b': 'text', 'c': <class 'str'>, 'd': list[int], 'e': <class 'dict'>, 'return': int | None}
# {'x': <class 'int'>, 'y': <class '__main__.Later'>, 'z': 'C'} {'w': <class '__main__.C'>} {'other': <class '__main__.C'>, 'return': <class '__main__.C.Inner'>}
# none yet
# {'a': 'missing', 'b': 'int'}
# ForwardRef <class 'int'>
# (1, {'q': 1})
# True <class 'int'> {}
# {'a': 1}
# 4
# 6 list
