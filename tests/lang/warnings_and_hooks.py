# warnings, sys hooks, atexit, displayhook, excepthook, audit-free odds and ends of sys.
import atexit
import sys
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warnings.warn("first")
    warnings.warn("second", DeprecationWarning)
print([(w.category.__name__, str(w.message), w.lineno) for w in caught])
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        warnings.warn("raised", FutureWarning)
    except FutureWarning as error:
        print(repr(error))
sys.displayhook(5)
sys.displayhook(None)
compiled = compile("1 + 1\n'text'\nNone", "<c>", "single" if False else "exec")
exec(compile("6 * 7", "<c>", "single"))
print(_)
old = sys.excepthook
sys.excepthook = lambda kind, value, tb: print("hook", kind.__name__, value, tb.tb_lineno)
atexit.register(lambda: print("atexit 1"))
atexit.register(print, "atexit 2", end="!\n")


@atexit.register
def last():
    print("atexit 3")


atexit.unregister(last)
sys.stdout.write("written\n")
print("flushed", flush=True)
print(sys.stdout.encoding, sys.stdin is not None, sys.stderr.fileno(), sys.stdout.isatty(), sys.getdefaultencoding(), sys.getfilesystemencoding())
print(sys.argv[0].rpartition("/")[2], sys.platform, sys.path[0].endswith("lang"), "sys" in sys.modules, sys.modules["__main__"].__name__, sys.getswitchinterval())
print(sys.is_finalizing(), len(sys.version_info), sys.version_info >= (3, 14), sys.hexversion >> 16 == 0x30E, sys.implementation.cache_tag is None or True, sys.exc_info())
raise LookupError("the end")

# === stdout
# [('UserWarning', 'first', 8), ('DeprecationWarning', 'second', 9)]
# FutureWarning('raised')
# 5
# 42
# 42
# written
# flushed
# utf-8 True 2 False utf-8 utf-8
# warnings_and_hooks.py linux True True __main__ 0.005
# False 5 True True True (None, None, None)
# hook LookupError the end 39
# atexit 2!
# atexit 1
# === exit 1
