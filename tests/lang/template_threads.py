# In an interpreter from a template, the thread that first uses threading is the main one, as in the child of a fork.
import interpreters
import threading

template = interpreters.Template("""
import threading, logging, asyncio
before = threading.main_thread().ident


def names():
    record = logging.LogRecord("a", 1, "b", 1, "c", (), None)
    return record.threadName, threading.main_thread() is threading.current_thread(), threading.active_count()


async def coroutine():
    return threading.current_thread().name
""")
first, second, third = (template.create() for _ in range(3))
first.run("print(names(), threading.enumerate() == [threading.main_thread()])")


def elsewhere():
    second.run("""
print(names())
thread = threading.Thread(target=lambda: print("in", threading.current_thread().name), name="another")
thread.start()
thread.join()
print(names(), threading.main_thread().ident != before)
""")


thread = threading.Thread(target=elsewhere)
thread.start()
thread.join()
third.run("print(asyncio.run(coroutine()))")
for interp in (first, second, third):
    interp.close()

# === no-peer CPython has no templates
# === env PYTHONUNBUFFERED=1
# === stdout
# ('MainThread', True, 1) True
# ('MainThread', True, 1)
# in another
# ('MainThread', True, 1) True
# MainThread
