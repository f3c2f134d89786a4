"""sys.settrace, sys.setprofile and sys.monitoring."""
import sys


def numbers(n):
    for i in range(n):
        yield i


def half(x):
    if x:
        len("abc")
    return x


def work(a):
    x = 1
    y = [v for v in numbers(2)]
    if x:
        z = half(x)
    return z


def fails():
    raise KeyError(1)


def catches():
    x = 0
    with_error = None
    for x in range(2):
        pass
    return recover()


def recover():
    value = 1
    try: fails()
    except KeyError as e:
        value = 2
    return value


events = []


def tracer(frame, what, arg):
    events.append((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, what))
    return tracer


def show(title):
    print(title)
    for e in events:
        print(" ", *e)
    events.clear()


sys.settrace(tracer)
assert sys.gettrace() is tracer
work(1)
recover()
sys.settrace(None)
show("trace")


def profiler(frame, what, arg):
    name = arg.__name__ if what.startswith("c_") else arg
    events.append((frame.f_code.co_name, what, name))


sys.setprofile(profiler)
work(1)
recover()
sys.setprofile(None)
show("profile")

m = sys.monitoring
m.use_tool_id(m.COVERAGE_ID, "test")
E = m.events


def note(name):
    def callback(code, *args):
        line = args[0] - code.co_firstlineno if name == "LINE" else ""
        events.append((name, code.co_name, line))
    return callback


names = "PY_START PY_RESUME PY_RETURN PY_YIELD CALL LINE RAISE EXCEPTION_HANDLED PY_UNWIND C_RETURN C_RAISE".split()
mask = 0
for name in names:
    m.register_callback(m.COVERAGE_ID, getattr(E, name), note(name))
    mask |= getattr(E, name)
m.set_events(m.COVERAGE_ID, mask)
work(1)
recover()
m.set_events(m.COVERAGE_ID, 0)
show("monitoring")

# Of one function only, and switched off at each place after the first time.


def once(code, line):
    events.append(("once", code.co_name, line - code.co_firstlineno))
    return m.DISABLE


m.register_callback(m.COVERAGE_ID, E.LINE, once)
m.set_local_events(m.COVERAGE_ID, half.__code__, E.LINE)
for _ in range(3):
    half(1)
show("local")
m.restart_events()
half(0)
show("restarted")
m.free_tool_id(m.COVERAGE_ID)
print(m.get_tool(m.COVERAGE_ID))


# An exception from the trace function ends tracing and goes on in the traced code.
def bad(frame, what, arg):
    raise ValueError("no")


sys.settrace(bad)
try:
    half(1)
except ValueError as e:
    print(e, sys.gettrace())


# A trace function set while a loop runs, and off again.
def loop():
    seen = []
    for i in range(4):
        if i == 1:
            sys._getframe().f_trace = lambda f, w, a: seen.append(w)
            sys.settrace(lambda f, w, a: None)
        if i == 3:
            sys.settrace(None)
    return seen


print(set(loop()))

hooked = []
sys.addaudithook(lambda event, args: hooked.append((event, args)) if event.startswith("my.") else None)
sys.audit("my.event", 1, "two")
print(hooked)
# === stdout
# trace
#   work 0 call
#   work 1 line
#   work 2 line
#   numbers 0 call
#   numbers 1 line
#   numbers 2 line
#   numbers 2 return
#   work 2 line
#   numbers 2 call
#   numbers 1 line
#   numbers 2 line
#   numbers 2 return
#   work 2 line
#   numbers 2 call
#   numbers 1 line
#   numbers 1 return
#   work 3 line
#   work 4 line
#   half 0 call
#   half 1 line
#   half 2 line
#   half 3 line
#   half 3 return
#   work 5 line
#   work 5 return
#   recover 0 call
#   recover 1 line
#   recover 2 line
#   fails 0 call
#   fails 1 line
#   fails 1 exception
#   fails 1 return
#   recover 2 exception
#   recover 3 line
#   recover 4 line
#   recover 5 line
#   recover 5 return
# profile
#   work call None
#   numbers call None
#   numbers return 0
#   numbers call None
#   numbers return 1
#   numbers call None
#   numbers return None
#   half call None
#   half c_call len
#   half c_return len
#   half return 1
#   work return 1
#   recover call None
#   fails call None
#   fails return None
#   recover return 2
#   <module> c_call setprofile
# monitoring
#   LINE <module> 95
#   CALL <module> 
#   PY_START work 
#   LINE work 1
#   LINE work 2
#   CALL work 
#   PY_START numbers 
#   LINE numbers 1
#   CALL numbers 
#   C_RETURN numbers 
#   LINE numbers 2
#   PY_YIELD numbers 
#   PY_RESUME numbers 
#   LINE numbers 1
#   LINE numbers 2
#   PY_YIELD numbers 
#   PY_RESUME numbers 
#   LINE numbers 1
#   PY_RETURN numbers 
#   LINE work 3
#   LINE work 4
#   CALL work 
#   PY_START half 
#   LINE half 1
#   LINE half 2
#   CALL half 
#   C_RETURN half 
#   LINE half 3
#   PY_RETURN half 
#   LINE work 5
#   PY_RETURN work 
#   LINE <module> 96
#   CALL <module> 
#   PY_START recover 
#   LINE recover 1
#   LINE recover 2
#   CALL recover 
#   PY_START fails 
#   LINE fails 1
#   CALL fails 
#   C_RETURN fails 
#   RAISE fails 
#   PY_UNWIND fails 
#   RAISE recover 
#   EXCEPTION_HANDLED recover 
#   LINE recover 3
#   LINE recover 4
#   LINE recover 5
#   PY_RETURN recover 
#   LINE <module> 97
#   CALL <module> 
# local
#   once half 1
#   once half 2
#   once half 3
# restarted
#   once half 1
#   once half 3
# None
# no None
# {'line'}
# [('my.event', (1, 'two'))]
