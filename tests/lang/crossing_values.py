# Values that cross by a call although they are not shareable: big integers, complex, frozensets, nested; and exceptions.
import interpreters


def same(x):
    return x


interp = interpreters.create()
for value in 10**40, -(2**63), 2**63, 1 - 2j, frozenset({1, "two", (3,)}), (10**30, frozenset([b"x"]), [1, {"a": 2}]), {1: [2]}, ...:
    back = interp.call(same, value)
    print(type(back).__name__, back == value, interpreters.is_shareable(value))

print("-- builtins that look at their caller")
interp.run("x = 5")
print(interp.call(eval, "x + 1"), interp.call(exec, "y = x * 2"), interp.call(eval, "(y, '__called__' in globals())"))
print("x" in interp.call(dir), interp.call(len, (1, 2)))


def fail(what):
    if what == "key":
        raise KeyError("missing", 3)
    if what == "os":
        open("/no/such/file")
    if what == "group":
        raise ExceptionGroup("several", [ValueError(1), TypeError("two")])

    class Local(Exception):
        pass
    raise Local("cannot be sent")


print("-- exceptions keep their type")
for what in "key", "os", "group", "local":
    try:
        interp.call(fail, what)
    except interpreters.RunFailedError as error:
        print("told:", error.excinfo.formatted)
    except Exception as error:
        print(type(error).__name__, error.args, "|", type(error.__cause__).__name__, error.__cause__.excinfo.type.__name__)

print("-- what went wrong on the way")
import threading


class Broken:
    def __reduce__(self):
        return int, ("x",)


for value in threading.Lock(), Broken():
    try:
        interp.call(same, value)
    except interpreters.NotShareableError as error:
        print(error)
        while error := error.__cause__:
            print("   because of", repr(error))
interp.close()

# === no-peer exceptions keep their type in the module interpreters
# === stdout
# int True True
# int True True
# int True True
# complex True False
# frozenset True False
# tuple True True
# dict True False
# ellipsis True False
# -- builtins that look at their caller
# 6 None (10, False)
# True 2
# -- exceptions keep their type
# KeyError ('missing', 3) | ExecutionFailed KeyError
# FileNotFoundError (2, 'No such file or directory') | ExecutionFailed FileNotFoundError
# ExceptionGroup ('several', [ValueError(1), TypeError('two')]) | ExecutionFailed ExceptionGroup
# Local ('cannot be sent',) | ExecutionFailed Local
# -- what went wrong on the way
# (<unlocked _thread.lock object at 0x...>,) does not support cross-interpreter data
#    because of NotShareableError('<unlocked _thread.lock object at 0x...> does not support cross-interpreter data')
#    because of TypeError("cannot pickle '_thread.lock' object")
# args not shareable
#    because of ValueError("invalid literal for int() with base 10: 'x'")
