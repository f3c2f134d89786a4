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


def prepared(n):
    return [n, n + 1]


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
