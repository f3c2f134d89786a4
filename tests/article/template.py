# An interpreter is prepared once; others start in its state, without running anything again.
import interpreters

template = interpreters.Template("""
import json, dataclasses

@dataclasses.dataclass
class Point:
    x: int
    y: int = 0

    def shifted(self, by):
        return Point(self.x + by, self.y)

origin = Point(1)
seen = [origin]
by_class = {Point: "a class as a key"}
print("the prologue runs once")
""")

first, second = template.create(), template.create()
first.run("""
seen.append(origin.shifted(2))
Point.label = "mine"
print(json.dumps(dataclasses.asdict(seen[1])), by_class[Point], seen[0] is origin, Point.label)
""")
# The other one sees nothing of that.
second.run("print(len(seen), hasattr(Point, 'label'), origin, type(origin) is Point, by_class[Point])")



# A prepared interpreter becomes a template; it is closed by that.
third = interpreters.create()
third.run("import random; numbers = [random.random() for _ in range(3)]; draw = random.random")
made = interpreters.Template(third)
try:
    third.run("pass")
except interpreters.InterpreterNotFoundError as error:
    print("closed:", type(error).__name__)
a, b = made.create(), made.create()
print("same numbers:", a.call(eval, "numbers") == b.call(eval, "numbers"))
print("same draws:", a.call(eval, "draw()") == b.call(eval, "draw()"))

# A template may be made of an interpreter that started from one.
a.run("numbers.append('more')")
again = interpreters.Template(a).create()
again.run("print(numbers[3:], len(numbers))")

# ... and what that one never looked at is still one object in all of them.
base = interpreters.Template("shared = ['base']; alias = shared; holder = {'deep': {'er': shared}}; import collections")
middle = base.create()
middle.run("alias.append('middle')")
top = interpreters.Template(middle).create()
top.run("""
print(shared, shared is alias, holder['deep']['er'] is alias, id(shared) == id(alias), {id(alias): 1}[id(shared)])
holder['deep']['er'].append('top'); print(alias, collections.Counter(alias).most_common(1))
""")

# What cannot be cloned is refused by name, and the interpreter can be used on.
for source in ("import socket; s = socket.socket()", "f = open('/dev/null')", "import _thread; lock = _thread.allocate_lock(); lock.acquire()",
               "g = (i for i in range(3)); next(g)", "import threading; t = threading.Thread(target=threading.Event().wait, args=(0.5,)); t.start()"):
    interp = interpreters.create()
    interp.run(source)
    try:
        interpreters.Template(interp)
    except interpreters.InterpreterError as error:
        print(type(error).__name__, error)
    interp.run("pass")
    interp.close()
for wrong in (interpreters.get_current(), interpreters.get_main(), 3):
    try:
        interpreters.Template(wrong)
    except (TypeError, interpreters.InterpreterError) as error:
        print(type(error).__name__, error)
try:
    interpreters.Template("1 / 0")
except interpreters.RunFailedError as error:
    print("failed:", str(error).splitlines()[0])

# It crosses to other interpreters, which make interpreters from it too.
second.prepare_main(template=template)
second.run("import interpreters; other = template.create(); other.run('print(origin)'); other.close()")
print("threads:", first.call(eval, "__import__('threading').main_thread() is __import__('threading').current_thread()"))
# Workers of a pool start from it; a builtin that looks at its caller's frame finds the worker's `__main__`.
with interpreters.Pool(2, template=template) as pool:
    print("pool:", list(pool.map(eval, ["json.dumps(seen[0].x)", "len(seen)", "hasattr(Point, 'label')"])))
    print(pool.submit(eval, "origin.shifted(by).x", {"origin": 0}).exception())
    print(pool.submit(sorted, [2, 1], reverse=True).result(), pool.submit(exec, "new = 1").result())
try:
    interpreters.Pool(2, template=3)
except TypeError as error:
    print(error)
for interp in interpreters.list_all()[1:]:
    interp.close()

# === no-peer templates are Serpens' own
# === env PYTHONUNBUFFERED=1
# === stdout
# the prologue runs once
# {"x": 3, "y": 0} a class as a key True mine
# 1 False Point(x=1, y=0) True a class as a key
# closed: InterpreterNotFoundError
# same numbers: True
# same draws: False
# ['more'] 4
# ['base', 'middle'] True True True 1
# ['base', 'middle', 'top'] [('base', 1)]
# InterpreterError the interpreter cannot become a template: a 'socket' object cannot be cloned
# InterpreterError the interpreter cannot become a template: a 'FileIO' object cannot be cloned: it is open
# InterpreterError the interpreter cannot become a template: a 'lock' object cannot be cloned: it is held
# InterpreterError the interpreter cannot become a template: a 'range_iterator' object cannot be cloned
# InterpreterError the interpreter cannot become a template: a thread runs in it
# InterpreterError cannot make a template of unrecognized interpreter 0
# InterpreterError cannot make a template of unrecognized interpreter 0
# TypeError prologue must be a str or an Interpreter, not int
# failed: ZeroDivisionError: division by zero
# Point(x=1, y=0)
# threads: True
# pool: ['1', 1, False]
# 'int' object has no attribute 'shifted'
# [2, 1] None
# template must be an interpreters.Template, not int
