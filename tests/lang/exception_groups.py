# ExceptionGroup and except*: splitting, nesting, raising from handlers, derive, errors.
def show(group, depth=0):
    print("  " * depth + repr(group) if not isinstance(group, BaseExceptionGroup) else "  " * depth + str(group))
    for e in getattr(group, "exceptions", ()):
        show(e, depth + 1)


g = ExceptionGroup("outer", [ValueError(1), TypeError(2), ExceptionGroup("inner", [ValueError(3), KeyError(4)])])
show(g)
print(g.message, len(g.exceptions), repr(g))
match, rest = g.split(ValueError)
show(match)
show(rest)
print(g.subgroup(OSError), g.subgroup(lambda e: isinstance(e, KeyError)))


def handle(error):
    try:
        raise error
    except* ValueError as group:
        print("values", group.exceptions)
    except* (TypeError, KeyError) as group:
        print("types", group.exceptions)
    else:
        print("else")
    finally:
        print("finally")


try:
    handle(g)
except BaseException as e:
    print("escaped", repr(e))
handle(ValueError("naked"))
try:
    handle(ExceptionGroup("g", [OSError(5), ValueError(6)]))
except ExceptionGroup as e:
    print("escaped", repr(e))


def no_error():
    try:
        pass
    except* ValueError:
        print("never")
    else:
        print("else")


no_error()
try:
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
    except* ValueError:
        raise RuntimeError("new")
except ExceptionGroup as e:
    show(e)
try:
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
    except* TypeError:
        raise
except ExceptionGroup as e:
    show(e)
for make in (
    lambda: ExceptionGroup("x", []), lambda: ExceptionGroup("x", [1]), lambda: ExceptionGroup("x", [KeyboardInterrupt()]), lambda: ExceptionGroup(1, [ValueError()]),
    lambda: ExceptionGroup("x"),
):
    try:
        make()
    except Exception as e:
        print(type(e).__name__, e)
print(repr(BaseExceptionGroup("b", [KeyboardInterrupt()])), type(BaseExceptionGroup("b", [ValueError()])).__name__)


class Mine(ExceptionGroup):
    def derive(self, excs):
        return Mine(self.message + "!", excs)


m, r = Mine("m", [ValueError(), TypeError()]).split(TypeError)
print(repr(m), repr(r))
try:
    try:
        raise ValueError
    except* ExceptionGroup:
        pass
except TypeError as e:
    print(e)

# === stdout
# outer (3 sub-exceptions)
#   ValueError(1)
#   TypeError(2)
#   inner (2 sub-exceptions)
#     ValueError(3)
#     KeyError(4)
# outer 3 ExceptionGroup('outer', [ValueError(1), TypeError(2), ExceptionGroup('inner', [ValueError(3), KeyError(4)])])
# outer (2 sub-exceptions)
#   ValueError(1)
#   inner (1 sub-exception)
#     ValueError(3)
# outer (2 sub-exceptions)
#   TypeError(2)
#   inner (1 sub-exception)
#     KeyError(4)
# None outer (1 sub-exception)
# values (ValueError(1), ExceptionGroup('inner', [ValueError(3)]))
# types (TypeError(2), ExceptionGroup('inner', [KeyError(4)]))
# finally
# values (ValueError('naked'),)
# finally
# values (ValueError(6),)
# finally
# escaped ExceptionGroup('g', [OSError(5)])
# else
#  (2 sub-exceptions)
#   RuntimeError('new')
#   g (1 sub-exception)
#     TypeError(2)
# g (2 sub-exceptions)
#   ValueError(1)
#   TypeError(2)
# ValueError second argument (exceptions) must be a non-empty sequence
# ValueError Item 0 of second argument (exceptions) is not an exception
# TypeError Cannot nest BaseExceptions in an ExceptionGroup
# TypeError BaseExceptionGroup.__new__() argument 1 must be str, not int
# TypeError BaseExceptionGroup.__new__() takes exactly 2 arguments (1 given)
# BaseExceptionGroup('b', [KeyboardInterrupt()]) ExceptionGroup
# Mine('m!', [TypeError()]) Mine('m!', [ValueError()])
# catching ExceptionGroup with except* is not allowed. Use except instead.
