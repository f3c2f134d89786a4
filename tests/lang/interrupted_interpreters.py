# Ctrl-C while the main thread runs another interpreter: KeyboardInterrupt is raised in what runs there, and comes out of
# exec() or call(). Each program says that it is ready, is interrupted, and has to end by itself.
import signal
import subprocess
import sys

BEGIN = """
import threading, time
import interpreters as ours
from concurrent import interpreters
ready = "print('ready', flush=True)"
interp = interpreters.create()
"""


def interrupt(name, program):
    command = [sys.executable, "-c", BEGIN + program]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    begin = process.stdout.readline().strip()
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        print(name, "| does not end")
        return
    # Of reports, the lines that are not traceback.
    said = [line.strip() for line in err.splitlines() if line and not line.startswith(" ")]
    said = [line for line in said if not line.startswith(("Traceback", "The above", "Uncaught", "<sys>"))]
    print(name, "|", begin, out.split(), process.returncode, said)


# What runs: Python code, and waits of all kinds.
for what in [
    "while True: pass",
    "import time; time.sleep(100)",
    "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "import threading; threading.Event().wait()",
    "import threading; threading.Condition().__enter__(); c = threading.Condition(); c.acquire(); c.wait()",
    "import queue; queue.SimpleQueue().get()",
    "import queue; queue.Queue().get(timeout=100)",
    "import socket; socket.socketpair()[0].recv(1)",
    "import select; select.select([], [], [], 100)",
    "import os; os.read(os.pipe()[0], 1)",
    "import interpreters; interpreters.Event().wait()",
    "import interpreters; interpreters.create_channel()[0].recv()",
    "from concurrent import interpreters; interpreters.create_queue().get()",
    "import asyncio; asyncio.run(asyncio.sleep(100))",
]:
    program = f"""
try:
    interp.exec(ready + {chr(10) + what!r})
except KeyboardInterrupt as error:
    print(type(error).__name__, type(error.__cause__).__name__)
interp.exec("print('alive')")
interp.close()
"""
    interrupt(what, program)

# Caught where it is raised; not caught at all.
interrupt("caught inside", """
interp.exec('''
try:
    print("ready", flush=True)
    while True: pass
except KeyboardInterrupt:
    print("caught")
''')
print("on")
interp.close()
""")
interrupt("not caught", "interp.exec(ready + '\\nwhile True: pass')")

# A call; one interpreter in another.
interrupt("call", """
def spin():
    print("ready", flush=True)
    while True: pass
try:
    ours.Interpreter(interp.id).call(spin)
except KeyboardInterrupt as error:
    print(type(error.__cause__).__name__)
interp.close()
""")
interrupt("nested", """
interp.prepare_main(ready=ready)
try:
    interp.exec('''
from concurrent import interpreters
inner = interpreters.create()
try:
    inner.exec(ready + "\\\\nwhile True: pass")
except KeyboardInterrupt:
    print("inner")
    raise
finally:
    inner.close()
''')
except KeyboardInterrupt:
    print("outer")
interp.close()
""")

# Handlers of the program run in the main interpreter, at once; what they raise is raised in the one that runs.
interrupt("handler", """
import signal
def handler(number, frame):
    seen.append(number)
    flag.set()
seen, flag = [], ours.Event()
signal.signal(signal.SIGINT, handler)
interp.prepare_main(flag=flag)
interp.exec(ready + "\\nwhile not flag.is_set(): pass\\nprint('went on')")
print(seen)
interp.close()
""")
interrupt("handler that raises", """
import signal
class Alarm(Exception):
    pass
def handler(number, frame):
    raise Alarm("now")
signal.signal(signal.SIGINT, handler)
try:
    interp.exec(ready + "\\nwhile True: pass")
except Alarm as error:
    print(error, type(error.__cause__).__name__)
interp.exec(ready + "\\ntry:\\n    import signal, os; os.kill(os.getpid(), 2)\\n    while True: pass\\nexcept Exception as e: print(type(e).__name__)")
interp.close()
""")
interrupt("ignored", """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
interp.exec(ready + "\\nimport time; time.sleep(0.2); print('undisturbed')")
interp.close()
""")

# The main thread waits for threads that run interpreters, or for one to close.
interrupt("join", """
interp.prepare_main(begin=(begin := ours.Event()))
thread = threading.Thread(target=interp.exec, args=("begin.set()\\nwhile True: pass",), daemon=True)
thread.start()
begin.wait()
try:
    print("ready", flush=True)
    thread.join()
except KeyboardInterrupt:
    print("interrupted")
""")
interrupt("close", """
interp.exec('''
import threading, time
closing = threading.Event()
def last():
    closing.wait()
    time.sleep(0.2)
    print("ready", flush=True)
    time.sleep(100)
threading._register_atexit(closing.set)
threading.Thread(target=last).start()
''')
try:
    interp.close()
except KeyboardInterrupt:
    print("interrupted")
""")
interrupt("exit", """
interp.close()
def last():
    threading.main_thread().join()
    print("ready", flush=True)
    time.sleep(100)
threading.Thread(target=last).start()
""")
# === no-peer CPython delivers signals when the call returns
# === stdout
# while True: pass | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# import time; time.sleep(100) | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# import threading; lock = threading.Lock(); lock.acquire(); lock.acquire() | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# import threading; threading.Event().wait() | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# import threading; threading.Condition().__enter__(); c = threading.Condition(); c.acquire(); c.wait() | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# import queue; queue.SimpleQueue().get() | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# import queue; queue.Queue().get(timeout=100) | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# import socket; socket.socketpair()[0].recv(1) | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# import select; select.select([], [], [], 100) | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# import os; os.read(os.pipe()[0], 1) | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# import interpreters; interpreters.Event().wait() | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# import interpreters; interpreters.create_channel()[0].recv() | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# from concurrent import interpreters; interpreters.create_queue().get() | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# import asyncio; asyncio.run(asyncio.sleep(100)) | ready ['alive', 'KeyboardInterrupt', 'ExecutionFailed'] 0 []
# caught inside | ready ['caught', 'on'] 0 []
# not caught | ready [] -2 ['concurrent.interpreters.ExecutionFailed: KeyboardInterrupt:', 'KeyboardInterrupt', 'KeyboardInterrupt']
# call | ready ['ExecutionFailed'] 0 []
# nested | ready ['inner', 'outer'] 0 []
# handler | ready ['went', 'on', '[2]'] 0 []
# handler that raises | ready ['ready', 'Alarm', 'now', 'ExecutionFailed'] 0 []
# ignored | ready ['undisturbed'] 0 []
# join | ready ['interrupted'] 0 []
# close | ready ['interrupted'] 0 ['Exception ignored while joining a thread in _thread._shutdown():', 'KeyboardInterrupt:']
# exit | ready [] 0 ['Exception ignored while joining a thread in _thread._shutdown():', 'KeyboardInterrupt:']
