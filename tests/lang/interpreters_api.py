# concurrent.interpreters: exec, call, prepare_main, queues, failures, isolation.
import sys
from concurrent import interpreters

interp = interpreters.create()
print(interp.is_running(), interpreters.get_main().whence, interp.whence, interp in interpreters.list_all())
interp.exec("x = 1; import sys; sys.path.append('only here')")
interp.prepare_main(y=2, z=(1, "a", b"b", None, 1.5, True))
interp.exec("assert x + y == 3 and z == (1, 'a', b'b', None, 1.5, True)")
print("only here" in sys.path)


def add(a, b=10):
    return a + b


def stateless(a):
    return [a, a * 2]


print(interp.call(stateless, 4), interp.call(len, "four"), interp.call(divmod, 7, 2), interp.call(pow, 2, 5, mod=7))
queue = interpreters.create_queue()
interp.prepare_main(queue=queue)
interp.exec("queue.put([1, {'k': (2, 3)}]); queue.put('text')")
print(queue.get(), queue.get(), queue.qsize(), queue.empty())
try:
    queue.get_nowait()
except interpreters.QueueEmpty as error:
    print(type(error).__name__)
small = interpreters.create_queue(maxsize=1)
small.put(1)
try:
    small.put_nowait(2)
except interpreters.QueueFull as error:
    print(type(error).__name__, small.maxsize, small.full())
for what in (
    lambda: interp.exec("raise KeyError('k')"),
    lambda: interp.exec("x ="),
    lambda: interp.call(stateless),
    lambda: interp.prepare_main(bad=[1]),
    lambda: interp.prepare_main(),
    lambda: interp.call(3),
    lambda: interp.exec(3),
    lambda: interpreters.Interpreter(10_000),
    lambda: interpreters.Interpreter("x"),
    lambda: interpreters.Interpreter(-1),
    lambda: interpreters.get_main().close(),
):
    try:
        print(what())
    except Exception as error:
        print(type(error).__name__, "|", str(error).split("\n")[0])
thread = interp.call_in_thread(stateless, 1)
thread.join()
interp.close()
for what in (lambda: interp.exec("1"), lambda: interp.close()):
    try:
        what()
    except interpreters.InterpreterError as error:
        print(type(error).__name__)
many = [interpreters.create() for _ in range(20)]
for n, one in enumerate(many):
    one.exec(f"n = {n}")
print(len(interpreters.list_all()))
for one in many:
    one.close()
print(len(interpreters.list_all()))

# === stdout
# False runtime init _interpreters module True
# False
# [4, 8] 4 (3, 1) 4
# [1, {'k': (2, 3)}] text 0 True
# QueueEmpty
# QueueFull 1 True
# ExecutionFailed | KeyError: 'k'
# SyntaxError | invalid syntax (<script>, line 1)
# ExecutionFailed | TypeError: stateless() missing 1 required positional argument: 'a'
# NotShareableError | [1] does not support cross-interpreter data
# ValueError | arg 2 must be a non-empty dict
# TypeError | expected a callable, got 3
# TypeError | unsupported script 3
# InterpreterNotFoundError | unrecognized interpreter ID 10000
# TypeError | id must be an int, got 'x'
# ValueError | interpreter ID must be a non-negative int, got -1
# InterpreterError | cannot destroy unrecognized interpreter 0
# InterpreterNotFoundError
# InterpreterNotFoundError
# 21
# 1
