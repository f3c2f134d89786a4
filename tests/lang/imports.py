# Modules and packages beside the program: forms of import, relative imports, circular ones, __main__, errors.
import sys

print(__name__, __file__.endswith("imports.py"), __package__, __spec__)
import _modules
import _modules.sub.leaf
import _modules.one as one
from _modules import two, one as also_one
from _modules.sub import leaf, up
from _modules.sub.leaf import VALUE as renamed, function
from _modules.star import *

print(_modules.NAME, _modules.sub.leaf.VALUE, one is also_one, two.TWO, leaf.VALUE, renamed, function(), up.ONE)
print(shown, "hidden" in globals(), "_private" in globals())
print(_modules.__name__, _modules.__package__, leaf.__name__, leaf.__package__, leaf.__spec__.name, _modules.__path__[0].endswith("_modules"))
print(sys.modules["_modules.one"] is one, "_modules.sub" in sys.modules)
import _modules.one

print(one.loads)
import _modules.circular_a

print(_modules.circular_a.value(), _modules.circular_b.value())
for source in (
    "import nowhere", "import _modules.nowhere", "from _modules import nowhere", "from _modules.one import nothing", "import _modules.one.deeper", "from . import x",
    "import _modules.broken", "from _modules.sub.too_far import x", "import _modules.circular_c",
):
    try:
        exec(source, {"__name__": "__main__"})
    except Exception as error:
        print(source, "->", type(error).__name__, str(error).replace(sys.path[0], "$HERE"))
try:
    import _modules.broken
except ZeroDivisionError:
    print("broken again", "_modules.broken" in sys.modules)
m = __import__("_modules.sub")
print(m.__name__, __import__("_modules.sub", fromlist=["leaf"]).__name__)
import importlib

print(importlib.import_module("_modules.two").TWO, importlib.import_module(".one", "_modules").ONE, importlib.reload(one) is one, one.loads)


def local_import():
    import math as m
    from os.path import join

    return m.floor(2.5), join("a", "b")


print(local_import())
print(_modules.lazily)
try:
    _modules.never
except AttributeError as error:
    print(error)
del sys.modules["_modules.two"]
import _modules.two

print(_modules.two is two)
import types

made = types.ModuleType("made", "doc")
made.x = 1
sys.modules["made"] = made
import made as m

print(m.x, m.__doc__, m)

# === stdout
# __main__ True None None
# loading _modules.sub
# loading _modules.one
# the package leaf True 2 leaf leaf 20 1
# shown False False
# _modules _modules _modules.sub.leaf _modules.sub _modules.sub.leaf True
# True True
# 1
# ('a', 'b') ('b', 'a')
# import nowhere -> ModuleNotFoundError No module named 'nowhere'
# import _modules.nowhere -> ModuleNotFoundError No module named '_modules.nowhere'
# from _modules import nowhere -> ImportError cannot import name 'nowhere' from '_modules' ($HERE/_modules/__init__.py)
# from _modules.one import nothing -> ImportError cannot import name 'nothing' from '_modules.one' ($HERE/_modules/one.py)
# import _modules.one.deeper -> ModuleNotFoundError No module named '_modules.one.deeper'; '_modules.one' is not a package
# from . import x -> ImportError attempted relative import with no known parent package
# import _modules.broken -> ZeroDivisionError division by zero
# from _modules.sub.too_far import x -> ImportError attempted relative import beyond top-level package
# import _modules.circular_c -> ImportError cannot import name 'other' from partially initialized module '_modules.circular_c' (most likely due to a circular import) ($HERE/_modules/circular_c.py)
# broken again False
# _modules _modules.sub
# loading _modules.one
# 2 1 True 2
# (2, 'a/b')
# made by the module's __getattr__
# module '_modules' has no attribute 'never'
# False
# 1 doc <module 'made'>
