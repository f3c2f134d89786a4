# Raising and catching: order of handlers, else, finally, chaining, re-raising, args, custom classes, notes.
def attempt(what):
    try:
        what()
    except (KeyError, IndexError) as error:
        return "lookup", type(error).__name__, error.args
    except ZeroDivisionError:
        return "zero"
    except Exception as error:
        return "other", type(error).__name__, str(error)
    else:
        return "fine"


print(attempt(lambda: {}["k"]), attempt(lambda: [][1]), attempt(lambda: 1 / 0), attempt(lambda: int("x")), attempt(lambda: 1))


def chain():
    try:
        try:
            raise KeyError("first")
        except KeyError as error:
            raise ValueError("second") from error
    except ValueError as error:
        print(repr(error.__cause__), repr(error.__context__), error.__suppress_context__)
    try:
        try:
            raise KeyError("first")
        except KeyError:
            raise ValueError("second")
    except ValueError as error:
        print(repr(error.__cause__), repr(error.__context__), error.__suppress_context__)
    try:
        try:
            raise KeyError("first")
        except KeyError:
            raise ValueError("second") from None
    except ValueError as error:
        print(repr(error.__cause__), repr(error.__context__), error.__suppress_context__)


chain()


def reraise():
    try:
        raise TypeError("again")
    except TypeError:
        raise


try:
    reraise()
except TypeError as error:
    print(error, error.__context__)
try:
    raise
except RuntimeError as error:
    print(error)
try:
    error
except NameError as e:
    print("unbound after except:", e)
try:
    raise ValueError
except ValueError as e:
    print(repr(e), e.args, str(e) == "")
for bad in ("raise 3", "raise int", "raise ValueError from 3", "raise None"):
    try:
        exec(bad)
    except TypeError as e:
        print(bad, "->", e)
try:
    try:
        1 / 0
    except 3:
        pass
except TypeError as e:
    print(e, repr(e.__context__))
e = ValueError("a", 1)
print(e, repr(e), e.args)
e.add_note("a note")
print(e.__notes__)
print(KeyError("k"), str(KeyError("k")), str(KeyError()), str(OSError(2, "msg", "file")), OSError(2, "x").errno, type(OSError(2, "x")).__name__)
print(repr(StopIteration(5).value), repr(SystemExit(3).code), repr(UnicodeDecodeError("utf-8", b"abc", 1, 2, "why")))
print(UnicodeDecodeError("utf-8", b"abc", 1, 2, "why"), UnicodeEncodeError("ascii", "a\xe9", 1, 2, "ordinal"))
print(AttributeError("m", name="n", obj=1).name, NameError("m", name="n").name, ImportError("m", name="n", path="p").path)
print(issubclass(FileNotFoundError, OSError), IOError is OSError, issubclass(ModuleNotFoundError, ImportError), BaseException.__mro__)


def finally_return():
    for i in range(2):
        try:
            raise ValueError(i)
        except ValueError as e:
            if i:
                return f"caught {e}"
        finally:
            print("finally", i)


print(finally_return())


def context_depth():
    try:
        try:
            1 / 0
        finally:
            {}["missing"]
    except KeyError as e:
        return repr(e.__context__)


print(context_depth())
import sys

print(sys.exc_info())
try:
    1 / 0
except ZeroDivisionError:
    print(sys.exc_info()[0].__name__, sys.exception())
    try:
        [][0]
    except IndexError:
        print(sys.exception())
    print(sys.exception())
print(sys.exception())


def traceback_lines(e):
    lines = []
    tb = e.__traceback__
    while tb:
        lines.append((tb.tb_frame.f_code.co_name, tb.tb_lineno))
        tb = tb.tb_next
    return lines


def one():
    two()


def two():
    raise ValueError


try:
    one()
except ValueError as e:
    print(traceback_lines(e))
    again = e.with_traceback(None)
    print(again is e, e.__traceback__)
assert True, "not evaluated"
try:
    assert 1 == 2, f"message {1 + 1}"
except AssertionError as e:
    print(repr(e))
try:
    assert []
except AssertionError as e:
    print(repr(e))

# === stdout
# ('lookup', 'KeyError', ('k',)) ('lookup', 'IndexError', ('list index out of range',)) zero ('other', 'ValueError', "invalid literal for int() with base 10: 'x'") fine
# KeyError('first') KeyError('first') True
# None KeyError('first') False
# None KeyError('first') True
# again None
# No active exception to reraise
# unbound after except: name 'error' is not defined
# ValueError() () True
# raise 3 -> exceptions must derive from BaseException
# raise int -> exceptions must derive from BaseException
# raise ValueError from 3 -> exception causes must derive from BaseException
# raise None -> exceptions must derive from BaseException
# catching classes that do not inherit from BaseException is not allowed ZeroDivisionError('division by zero')
# ('a', 1) ValueError('a', 1) ('a', 1)
# ['a note']
# 'k' 'k'  [Errno 2] msg: 'file' 2 FileNotFoundError
# 5 3 UnicodeDecodeError('utf-8', b'abc', 1, 2, 'why')
# 'utf-8' codec can't decode byte 0x62 in position 1: why 'ascii' codec can't encode character '\xe9' in position 1: ordinal
# n n p
# True True True (<class 'BaseException'>, <class 'object'>)
# finally 0
# finally 1
# caught 1
# ZeroDivisionError('division by zero')
# (None, None, None)
# ZeroDivisionError division by zero
# list index out of range
# division by zero
# None
# [('<module>', 149), ('one', 141), ('two', 145)]
# True None
# AssertionError('message 2')
# AssertionError()
