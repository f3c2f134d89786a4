# Code objects, frames, exec and eval with namespaces, inspect, sys functions.
import sys


def f(a, /, b, *c, d=1, **e):
    x = 1
    y = lambda: (x, a)
    return sys._getframe()


frame = f(1, 2)
code = frame.f_code
print(code.co_name, code.co_qualname, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_varnames, code.co_cellvars, code.co_freevars, code.co_firstlineno, code.co_filename.endswith("code_and_frames.py"))
print(frame.f_lineno, sorted(frame.f_locals), frame.f_globals is globals(), code.co_flags & 0xF, code.co_names, isinstance(code.co_code, bytes))
print(eval("x + 1", {"x": 1}), eval(compile("3 * 4", "", "eval")), exec("z = 5"), z)
scope = {}
exec(compile("def g(): return [k for k in range(n)]\nn = 3", "<made>", "exec"), scope)
print(scope["g"](), scope["g"].__code__.co_filename, scope["g"].__globals__ is scope)


def caller():
    return sys._getframe(1).f_code.co_name, sys._getframe().f_back.f_lineno


print(caller())
import inspect

print(inspect.signature(f), inspect.getsource(caller).splitlines()[0], inspect.isfunction(f), inspect.getdoc(len)[:20], inspect.signature(print))


def gen():
    yield


print(inspect.isgeneratorfunction(gen), inspect.isclass(int), [n for n, _ in inspect.getmembers(type("X", (), {"a": 1})) if n == "a"], inspect.stack()[0].function)
print(sys.version_info[:2], sys.implementation.name != "", sys.maxsize, sys.byteorder, sys.getsizeof([]) > 0, sys.intern("a") is sys.intern("a"), sys.getrefcount(object()) >= 1, sys.float_info.max, sys.argv[1:], sys.flags.optimize, sys.int_info.bits_per_digit > 0, sys.hash_info.width)
import types

print(types.SimpleNamespace(a=1, b="x"), types.FunctionType(f.__code__.replace(co_name="renamed"), {}).__name__, types.MethodType(len, [1, 2])(), type(types.MappingProxyType({})).__name__, types.new_class("N", (int,)).__mro__[1])
changed = f.__code__.replace(co_firstlineno=100)
print(changed.co_firstlineno, f.__code__ == f.__code__, changed == f.__code__, hash(code) == hash(f.__code__))
trace = []
sys.setprofile(lambda frame, event, arg: trace.append((event, frame.f_code.co_name)) if frame.f_code.co_name == "caller" else None)
caller()
sys.setprofile(None)
print(trace)
import traceback

try:
    1 / 0
except ZeroDivisionError:
    print(traceback.format_exc().splitlines()[-1], traceback.extract_tb(sys.exc_info()[2])[0].line)

# === stdout
# f f 2 1 1 ('a', 'b', 'd', 'c', 'e', 'y') ('a', 'x') () 5 True
# 8 ['a', 'b', 'c', 'd', 'e', 'x', 'y'] True 15 ('sys', '_getframe') True
# 2 12 None 5
# [0, 1, 2] <made> True
# ('<module>', 25)
# (a, /, b, *c, d=1, **e) def caller(): True Return the number of (*args, sep=' ', end='\n', file=None, flush=False)
# True True ['a'] <module>
# (3, 14) True 9223372036854775807 little True True True 1.7976931348623157e+308 [] 0 True 64
# namespace(a=1, b='x') renamed 2 mappingproxy <class 'int'>
# 100 True False True
# [('call', 'caller'), ('c_call', 'caller'), ('c_return', 'caller'), ('c_call', 'caller'), ('c_return', 'caller'), ('return', 'caller')]
# ZeroDivisionError: division by zero 1 / 0
