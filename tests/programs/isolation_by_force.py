# One interpreter overwrites every attribute, list, dict and set that it can reach from the library; another looks whether it sees any of it.
import os
import sys

import interpreters

sys.stdout.reconfigure(line_buffering=True)

WALK = r'''
import sys
import types

LIBRARY = (
    "abc asyncio codecs collections contextlib copyreg dataclasses datetime decimal encodings enum functools inspect io json linecache "
    "logging os pickle random re selectors socket string struct threading traceback types typing warnings weakref"
).split()
NATIVE = sorted(set(sys.builtin_module_names) - {"_signal", "faulthandler"})
SCALARS = (int, float, str, bytes, bool, type(None))
BOUND = ("method-wrapper", "builtin_function_or_method", "method")
# Without these nothing goes on in the interpreter that loses them.
SPARED = {"__class__", "__bases__", "__getattribute__", "__getattr__", "__dict__", "__setattr__", "__init_subclass__"}


def reach():
    """From a path to what lies there: a word about it, and itself."""
    found = {}
    seen = set()
    stack = [(name, __import__(name), 0) for name in NATIVE + LIBRARY]
    while stack:
        path, obj, depth = stack.pop()
        if id(obj) in seen:
            continue
        seen.add(id(obj))
        kind = type(obj)
        if kind in SCALARS:
            changes_by_itself = "time" in path or "random" in path.lower()
            found[path] = kind.__name__ if changes_by_itself else repr(obj)[:80], obj
        elif kind in (list, dict, set, tuple, frozenset):
            modules = path.startswith(("sys.modules", "sys.path_importer"))
            found[path] = kind.__name__ if modules else f"{kind.__name__} of {len(obj)}", obj
            if depth < 3 and kind is dict:
                stack += [(f"{path}[{k}]", v, depth + 1) for k, v in list(obj.items()) if type(k) is str]
            elif depth < 3 and kind is list:
                stack += [(f"{path}[{i}]", v, depth + 1) for i, v in enumerate(obj[:20])]
        else:
            found[path] = kind.__name__, obj
            if depth <= 4:
                stack += [(f"{path}.{name}", v, depth + 1) for name, v in attributes(obj, depth)]
    return found


def attributes(obj, depth):
    is_module = isinstance(obj, types.ModuleType)
    for name in sorted(set(dir(obj)) - {"__builtins__", "__subclasshook__", "__abstractmethods__"}):
        try:
            value = getattr(obj, name)
        except Exception:
            continue
        if type(value).__name__ in BOUND and not is_module:
            continue
        if isinstance(value, types.ModuleType) and depth:
            continue
        yield name, value


def words():
    # multiprocessing has __main__ as __mp_main__, too.
    return {path: word for path, (word, obj) in reach().items() if "__mp_main__" not in path}
'''

OVERWRITE = r'''
def overwrite(getattr=getattr, setattr=setattr, type=type, dir=dir, set=set, list=list, dict=dict, BaseException=BaseException):
    """Puts the text OVERWRITTEN wherever it can."""
    objects = [obj for word, obj in reach().values() if not isinstance(obj, types.ModuleType)]
    changes = []
    for obj in objects:
        changes.append((obj, None))
        changes += [(obj, name) for name in set(dir(obj)) - SPARED] + [(obj, "OVERWRITTEN")]
    modules = sys.modules
    done = 0
    for obj, name in changes:
        try:
            if name is not None:
                setattr(obj, name, "OVERWRITTEN")
            elif type(obj) is list:
                obj.append("OVERWRITTEN")
            elif type(obj) is set:
                obj.add("OVERWRITTEN")
            elif type(obj) is dict and obj is not modules:
                obj["OVERWRITTEN"] = "OVERWRITTEN"
            else:
                continue
            done += 1
        except BaseException:
            pass
    return done > 10_000

answer = overwrite()
'''

watcher = interpreters.create()
watcher.exec(WALK)
# Looking makes some things on first use, annotations for one.
watcher.exec("words(); words(); before = words()")

vandal = interpreters.create()
vandal.exec(WALK)
# It will complain of functions that are texts now.
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
recv, send = interpreters.create_channel()
vandal.prepare_main(send=send)
vandal.exec(OVERWRITE.replace("answer = overwrite()", "post = send.send_nowait\npost(overwrite())"))
print("overwritten:", recv.recv())

watcher.exec("""
after = words()
print(len(before) > 10_000, sorted(p for p in before.keys() | after.keys() if before.get(p) != after.get(p))[:20], flush=True)
""")
late = interpreters.create()
late.exec(WALK)
late.exec("print([path for path, word in words().items() if 'OVERWRITTEN' in path or 'OVERWRITTEN' in word][:20], flush=True)")

# An interpreter in that state closes as others do.
for interp in vandal, watcher, late:
    interp.close()
print("closed")

# === no-peer channels of the module interpreters
# === stdout
# overwritten: True
# True []
# []
# closed
