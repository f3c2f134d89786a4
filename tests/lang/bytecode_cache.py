# Compiled source files: where they lie, what they say, when they are used, and that damage to them does not matter.
import compileall
import importlib
import importlib.util
import marshal
import os
import py_compile
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = False
folder = os.path.realpath(tempfile.mkdtemp())
sys.path.insert(0, folder)
SOURCE = '''"""A module."""
LIMIT = 3
def squares(n, *rest, base=2, **more):
    return [i ** base for i in range(n) if i < LIMIT]
class Shape:
    sides: int = 4
    def __repr__(self):
        return f"{type(self).__name__}({self.sides})"
def fail():
    raise ValueError(LIMIT)
'''


def place(name):
    return os.path.join(folder, name + ".py")


def write(name, text):
    with open(place(name), "w") as file:
        file.write(text)
    # Old enough to be trusted.
    then = time.time() - 100
    os.utime(place(name), (then, then))


def fresh(name):
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    return importlib.import_module(name)


def age(name, seconds):
    then = os.stat(place(name)).st_mtime - seconds
    os.utime(place(name), (then, then))


# A file is written, where importlib says, with CPython's header.
write("shapes", SOURCE)
shapes = fresh("shapes")
cache = importlib.util.cache_from_source(place("shapes"))
print(shapes.__cached__ == cache, shapes.__spec__.cached == cache, os.path.exists(cache))
print(cache.endswith(f"shapes.{sys.implementation.cache_tag}.pyc"))
with open(cache, "rb") as file:
    data = file.read()
stat = os.stat(place("shapes"))
print(data[:4] == importlib.util.MAGIC_NUMBER, data[2:4], data[4:8])
print(int.from_bytes(data[8:12], "little") == int(stat.st_mtime), int.from_bytes(data[12:16], "little") == stat.st_size)
namespace = {}
exec(marshal.loads(data[16:]), namespace)
print(namespace["squares"](9), namespace["Shape"]())

# importlib's own loader reads the same file, and py_compile and compileall write it.
print(importlib.machinery.SourceFileLoader("shapes", place("shapes")).get_code("shapes").co_names[:2])
os.remove(cache)
print(py_compile.compile(place("shapes")) == cache, os.path.exists(cache))
print(bool(compileall.compile_dir(folder, quiet=1, force=True)), fresh("shapes").squares(2))

# The file is used: what it says counts, if it is of the right age.
write("other", "LIMIT = 'of the file'\n")
py_compile.compile(place("other"))
with open(importlib.util.cache_from_source(place("other")), "rb") as file:
    code = file.read()[16:]
with open(cache, "wb") as file:
    file.write(data[:16] + code)
program = f"import sys; sys.path.insert(0, {folder!r}); import shapes; print(shapes.LIMIT)"
print(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout.strip())
age("shapes", 10)
print(fresh("shapes").LIMIT)

# Files that name their source by a hash.
for mode in (py_compile.PycInvalidationMode.CHECKED_HASH, py_compile.PycInvalidationMode.UNCHECKED_HASH):
    write("hashed", "MODE = 'old'\n")
    py_compile.compile(place("hashed"), invalidation_mode=mode)
    write("hashed", "MODE = 'new'\n")
    with open(importlib.util.cache_from_source(place("hashed")), "rb") as file:
        print(mode.name, fresh("hashed").MODE, file.read()[4:8])

# Without a source.
os.mkdir(os.path.join(folder, "bare"))
write("alone", "WORD = 'alone'\n")
py_compile.compile(place("alone"), cfile=os.path.join(folder, "bare", "alone.pyc"))
os.remove(place("alone"))
sys.path.append(os.path.join(folder, "bare"))
alone = fresh("alone")
print(alone.WORD, alone.__file__ == alone.__cached__ == os.path.join(folder, "bare", "alone.pyc"))
for bad in (b"abcdefgh", importlib.util.MAGIC_NUMBER):
    with open(os.path.join(folder, "bare", "bad.pyc"), "wb") as file:
        file.write(bad)
    try:
        fresh("bad")
    except (ImportError, EOFError) as error:
        print(type(error).__name__, error)

# Damage: a wrong head is as good as no file in CPython too; here all damage is.
own = sys.implementation.name == "serpens"
random.seed(1)
write("shapes", SOURCE)
heads = [b"", data[:3], b"\0" * 40, data[:4] + b"\7" + data[5:]]
bodies = [data[:17], data[:60], data[:-1], data[:16] + b"N"]
for _ in range(300):
    at = random.randrange(16, len(data))
    bodies.append(data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :])
for n, damaged in enumerate(heads + (bodies if own else [])):
    age("shapes", 1)
    stamp = int(os.stat(place("shapes")).st_mtime).to_bytes(4, "little")
    if len(damaged) > 16:
        damaged = damaged[:8] + stamp + damaged[12:]
    with open(cache, "wb") as file:
        file.write(damaged)
    # A flipped bit in a constant still makes a module; nothing may end the process.
    try:
        limit = fresh("shapes").LIMIT
    except Exception:
        limit = None
    assert n >= len(heads) or limit == 3, (n, limit)
print("survived")

# What cannot be written does not disturb.
write("blocked", "OK = True\n")
shutil.rmtree(os.path.join(folder, "__pycache__"))
with open(os.path.join(folder, "__pycache__"), "w") as file:
    file.write("in the way")
print(fresh("blocked").OK)
os.remove(os.path.join(folder, "__pycache__"))

# Where and whether.
sys.pycache_prefix = os.path.join(folder, "elsewhere")
write("moved", "")
print(fresh("moved").__cached__ == sys.pycache_prefix + folder + f"/moved.{sys.implementation.cache_tag}.pyc")
print(os.path.exists(sys.modules["moved"].__cached__))
sys.dont_write_bytecode = True
write("unwritten", "")
print(os.path.exists(fresh("unwritten").__cached__))
sys.pycache_prefix = None
program = f"import sys; sys.path.insert(0, {folder!r}); import moved; print(sys.dont_write_bytecode, moved.__cached__)"
environment = {"PYTHONPYCACHEPREFIX": "/nowhere/at/all", "PYTHONDONTWRITEBYTECODE": "1"}
for options, env in ((["-B"], {}), (["-O"], {}), (["-X", f"pycache_prefix={folder}/x"], {}), ([], environment)):
    done = subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True, env=env)
    print(done.stdout.strip().replace(folder, "").replace(sys.implementation.cache_tag, "TAG"))
shutil.rmtree(folder)
# === stdout
# True True True
# True
# True b'\r\n' b'\x00\x00\x00\x00'
# True True
# [0, 1, 4] Shape(4)
# ('__doc__', 'LIMIT')
# True True
# True [0, 1]
# of the file
# 3
# CHECKED_HASH new b'\x03\x00\x00\x00'
# UNCHECKED_HASH old b'\x01\x00\x00\x00'
# alone True
# ImportError bad magic number in 'bad': b'abcd'
# EOFError reached EOF while reading pyc header of 'bad'
# survived
# True
# True
# True
# False
# True /__pycache__/moved.TAG.pyc
# False /__pycache__/moved.TAG.opt-1.pyc
# False /x/moved.TAG.pyc
# True /nowhere/at/all/moved.TAG.pyc
