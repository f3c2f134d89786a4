# Modules of the library whose bodies have run once are what they are where their bodies have just run: names, values, classes,
# and what importing them does elsewhere. Modules that were changed, replaced or removed are imported as ever.
import interpreters

SNAPSHOT = r'''
def snapshot(name):
    import sys
    simple = (int, float, complex, str, bytes, bool, type(None), range)

    def plain(v, depth=0):
        if isinstance(v, simple) and type(v) in simple:
            return repr(v)
        if isinstance(v, type):
            names = sorted(n for n in vars(v) if n not in made_when_asked)
            return f"class {v.__module__}.{v.__qualname__} {[b.__qualname__ for b in v.__mro__]} {names}"
        if type(v) in (list, tuple) and depth < 3:
            return type(v).__name__ + "[" + ", ".join(plain(x, depth + 1) for x in v) + "]"
        if type(v) in (set, frozenset) and depth < 3:
            return type(v).__name__ + "{" + ", ".join(sorted(plain(x, depth + 1) for x in v)) + "}"
        if type(v) is dict and depth < 3:
            return "{" + ", ".join(f"{plain(k, depth + 1)}: {plain(x, depth + 1)}" for k, x in v.items()) + "}"
        name = v.__qualname__ if type(v).__name__ in ("function", "builtin_function_or_method") else ""
        return f"{type(v).__module__}.{type(v).__qualname__} {name}"

    already = set(sys.modules)
    try:
        __import__(name)
    except ImportError as e:
        return {"error": repr(e)}
    found = {"modules": sorted(m for m in sys.modules if m not in already)}
    for module in found["modules"]:
        found[module] = dict(sorted((k, plain(v)) for k, v in vars(sys.modules[module]).items() if k not in volatile))
        found[module, "spec"] = plain(getattr(sys.modules[module], "__spec__", None))
    import gc
    gc.collect()

    def below(c):
        return [f"{s.__module__}.{s.__qualname__}" for s in type.__subclasses__(c) if s.__flags__ & 1 << 9 and s.__module__ != "concurrent.interpreters"]
    found["subclasses"] = {c.__name__: sorted(below(c)) for c in (object, type, Exception, dict, int, tuple, str, Warning, OSError)}
    found["sys"] = sorted((k, plain(v)) for k, v in vars(sys).items() if k not in ("modules", "path_importer_cache"))
    found["builtins"] = sorted(k for k in vars(__builtins__) if k != "_") if not isinstance(__builtins__, dict) else sorted(__builtins__)
    if "atexit" in sys.modules:
        found["atexit"] = sys.modules["atexit"]._ncallbacks()
    return found

made_when_asked = {"__annotations_cache__", "__annotate_func__", "_abc_impl", "_removal_version"}
# What is kept by reaching it: caches of functions that other bodies have called.
volatile = {"_lazy_annotationlib", "_threading_atexits", "ThreadPoolExecutor", "_wm", "_cache", "_cache2", "_startTime", "_inst", "_registry", "dispatch_table", "cache", "_type_repr_cache",
            "_cleanups", "_caches", "_pattern_cache", "_memo"}
'''



recv, send = interpreters.create_channel()


def run(source, interp=None):
    """What the source leaves in `result`, in an interpreter of its own."""
    own = interp or interpreters.create()
    try:
        own.run(source + "\nout.send_nowait(repr(result))", channels={"out": send})
        return eval(recv.recv())
    finally:
        if interp is None:
            own.close()


# A module whose body has run in the interpreter is as one whose body has run elsewhere, and so are all that it imports.
NAMES = """abc argparse ast asyncio base64 bisect calendar codecs collections concurrent.futures configparser contextlib copy csv
dataclasses datetime decimal difflib dis email.message enum fractions functools gettext glob gzip hashlib heapq html.parser
http.client importlib.resources inspect io ipaddress json linecache locale logging.handlers mimetypes numbers operator optparse
os pathlib pickle platform pprint queue random re sched secrets selectors shlex shutil signal socket socketserver statistics
string struct subprocess tarfile tempfile textwrap threading timeit tokenize tomllib traceback types typing unittest.mock
urllib.request uuid warnings weakref xml.dom.minidom zipfile""".split()
before = {name: interpreters.create() for name in NAMES}
early = interpreters.create()
prepared = interpreters.prepare(*NAMES)
print("not prepared:", [name for name in NAMES if name not in prepared])
for name in NAMES:
    source = SNAPSHOT + f"\nresult = snapshot({name!r})"
    was, now = run(source, before[name]), run(source)
    before[name].close()
    if was != now:
        for key in was.keys() | now.keys():
            old, new = was.get(key), now.get(key)
            for part in old.keys() | new.keys() if isinstance(old, dict) and isinstance(new, dict) else ():
                if old.get(part) != new.get(part):
                    print(name, "differs in", key, part, "was", old.get(part), "is", new.get(part))
            if old != new and not isinstance(old, dict):
                print(name, "differs in", key, "was", old, "is", new)

# What was not imported is not there.
print(run("""
import sys
result = [sorted(m for m in sys.modules if not m.startswith("__"))]
import concurrent.futures
result += ["thread" in vars(concurrent.futures), "asyncio" in sys.modules, "concurrent.futures._base" in sys.modules]
import concurrent.futures.thread
result += ["thread" in vars(concurrent.futures), concurrent.futures.thread is sys.modules["concurrent.futures.thread"]]
"""))

# Every interpreter has its own.
one, other = interpreters.create(), interpreters.create()
run("import json, re\njson.mark = 1\njson.JSONEncoder.indent = 3\nre.__all__.clear()\nresult = 0", one)
print(run("import json, re\nresult = hasattr(json, 'mark'), hasattr(json.JSONEncoder, 'indent'), len(re.__all__) > 9", other))
numbers = [run("import random\nresult = random.random(), random.Random(1).random()", i) for i in (one, other, early)]
print(len({first for first, _ in numbers}), len({second for _, second in numbers}))
print(run("import threading\nresult = threading.main_thread() is threading.current_thread(), threading.active_count()", one))
print(run("import logging, time\nresult = 0 <= time.time_ns() - logging._startTime < 10 ** 10"))
print(run("import re, enum\nresult = type(re.I) is re.RegexFlag, isinstance(re.RegexFlag, enum.EnumType), re.sub('b+', '-', 'abbc')"))
print(run("""
import asyncio
async def add(a, b):
    await asyncio.sleep(0)
    return a + b
async def main():
    return await asyncio.gather(*(add(i, i) for i in range(4)))
result = asyncio.run(main())
"""))
one.close()
other.close()

# A body that would find something else than the prepared one runs.
print(run("""
import re
compiled = []
original = re.compile
re.compile = lambda *args: compiled.append(args) or original(*args)
import json, textwrap
result = len(compiled) > 3, json.loads("[1]"), json.decoder.re is re
"""))
print(run("""
import sys, types
sys.modules["enum"] = None
try:
    import re
except ImportError as e:
    result = str(e), "re" in sys.modules
"""))
print(run("""
import sys
import json
first = json
del sys.modules["json"], sys.modules["json.decoder"]
import json
result = json is first, json.JSONDecoder is first.JSONDecoder, json.dumps({1: 2})
"""))
print(run("""
import sys
asked = []
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        asked.append(name)
sys.meta_path.insert(0, Finder)
import json
result = asked[:3]
"""))
print(run("""
import builtins
calls = []
build = builtins.__build_class__
builtins.__build_class__ = lambda *args, **kwargs: calls.append(args[1]) or build(*args, **kwargs)
import queue
result = "PriorityQueue" in calls
"""))
print(run("""
import sys
lines = []
sys.settrace(lambda frame, event, arg: lines.append(frame.f_code.co_filename))
import queue
sys.settrace(None)
result = any(name.endswith("queue.py") for name in lines)
"""))

# Not everywhere: bodies with effects elsewhere run in every interpreter.
print("this" in interpreters.prepare("this", "nosuchmodule"), interpreters.prepare() == interpreters.prepare("json"))
for bad in (1, None):
    try:
        interpreters.prepare(bad)
    except TypeError as e:
        print(e)

# The environment is read when it changes.
import os
os.environ["PREPARED"] = "later"
print(run("import os\nresult = os.environ.get('PREPARED')"))
del os.environ["PREPARED"]

# Templates go on from there.
template = interpreters.Template("import json, collections\nPoint = collections.namedtuple('Point', 'x y')")
copy = template.create()
print(run("import sys, asyncio, logging\nresult = json.dumps(Point(1, 2)), 'logging' in sys.modules", copy))
copy.close()

# Functions registered by modules that nobody has imported are not called at the end.
last = interpreters.create()
last.run("import atexit, sys\natexit.register(print, 'at exit')\nprint('logging' in sys.modules, atexit._ncallbacks())", )
last.close()
early.close()

# === env PYTHONUNBUFFERED=1
# === no-peer CPython runs the bodies in every interpreter
# === stdout
# not prepared: []
# [['builtins', 'sys'], False, False, True, True, True]
# (False, False, True)
# 3 1
# (True, 1)
# True
# (True, True, 'a-c')
# [0, 2, 4, 6]
# (True, [1], True)
# ('import of enum halted; None in sys.modules', False)
# (False, False, '{"1": 2}')
# ['json', 'json.decoder', 're']
# True
# True
# False True
# module names must be str, not int
# module names must be str, not NoneType
# later
# ('[1, 2]', True)
# False 1
# at exit
