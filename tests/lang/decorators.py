# Decorators on functions, methods and classes; with arguments; order of evaluation; any expression.
log = []


def noted(tag):
    log.append(f"make {tag}")

    def decorate(function):
        log.append(f"apply {tag}")

        def wrapper(*args, **kwargs):
            return f"{tag}({function(*args, **kwargs)})"

        wrapper.__wrapped__ = function
        return wrapper

    return decorate


@noted("a")
@noted("b")
def f(x, y=1):
    return x + y


print(log, f(1), f(1, y=5), f.__wrapped__.__wrapped__(1))


def register(cls):
    cls.registered = True
    return cls


@register
class C:
    @noted("m")
    def method(self):
        return "method"

    @staticmethod
    @noted("s")
    def static():
        return "static"

    @classmethod
    @noted("c")
    def klass(cls):
        return cls.__name__

    @property
    @noted("p")
    def prop(self):
        return "prop"


c = C()
print(C.registered, c.method(), c.static(), C.klass(), c.prop)
buttons = [noted("list")]


@buttons[0]
def g():
    return "g"


print(g())


@(lambda function: function() * 2)
def computed():
    return 21


print(computed)


@repr
@str
@type
def shown():
    pass


print(shown)

# === stdout
# ['make a', 'make b', 'apply b', 'apply a'] a(b(2)) a(b(6)) 2
# True m(method) s(static) c(C) p(prop)
# list(g)
# 42
# "<class 'function'>"
