# The end of a process whose threads and interpreters still run or wait: in order, in time, and silent when all went well.
import subprocess
import sys

BEGIN = """
import queue, socket, sys, threading, time
from concurrent import interpreters
def daemon(f, *args):
    threading.Thread(target=f, args=args, daemon=True).start()
def later(f, *args):
    threading.Thread(target=lambda: (time.sleep(0.1), f(*args))).start()
def spin():
    while True: pass
"""


def run(program):
    command = [sys.executable, "-c", BEGIN + program]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except subprocess.TimeoutExpired:
        print(program, "| does not end")
    else:
        said = [line for line in done.stderr.splitlines() if not line.startswith((" ", "Traceback"))]
        print(program, "|", done.stdout.split(), said, done.returncode)


# Daemon threads are left where they are.
for what in [
    "spin", "time.sleep, 100", "threading.Event().wait", "queue.Queue().get", "queue.SimpleQueue().get",
    "socket.socketpair()[0].recv, 1", "interpreters.create_queue().get",
]:
    run(f"daemon({what})")
run("lock = threading.Lock(); lock.acquire(); daemon(lock.acquire)")
run("lock = threading.RLock(); lock.acquire(); daemon(lock.acquire)")

# Others are waited for, whatever ends the program.
run("later(print, 'later')")
run("later(print, 'later'); sys.exit(3)")
run("later(print, 'later'); 1 / 0")
run("lock = threading.Lock(); lock.acquire(); threading.Thread(target=lock.acquire).start(); later(lock.release)")
run("threading.Thread(target=sys.exit, args=(5,)).start()")
run("import atexit; atexit.register(print, 'bye'); later(print, 'later')")
run("import atexit; atexit.register(sys.exit, 4)")

# Interpreters: closed, forgotten, running in a thread that is waited for, with threads of their own.
run("interp = interpreters.create(); interp.exec('x = 1'); interp.close()")
run("interp = interpreters.create(); interp.exec('x = 1')")
run("interp = interpreters.create(); interp.exec('import atexit; atexit.register(print, \"bye\")')")
run("interp = interpreters.create(); later(interp.exec, 'print(\"later\")')")
for close in ("", "; interp.close()"):
    thread = "import threading, time; threading.Thread(target=lambda: (time.sleep(0.1), print(1, flush=True))).start()"
    run(f"interp = interpreters.create(); interp.exec({thread!r}){close}")
run("from concurrent.futures import InterpreterPoolExecutor as Pool; print(Pool(2).submit(pow, 2, 3).result())")
# === stdout
# daemon(spin) | [] [] 0
# daemon(time.sleep, 100) | [] [] 0
# daemon(threading.Event().wait) | [] [] 0
# daemon(queue.Queue().get) | [] [] 0
# daemon(queue.SimpleQueue().get) | [] [] 0
# daemon(socket.socketpair()[0].recv, 1) | [] [] 0
# daemon(interpreters.create_queue().get) | [] [] 0
# lock = threading.Lock(); lock.acquire(); daemon(lock.acquire) | [] [] 0
# lock = threading.RLock(); lock.acquire(); daemon(lock.acquire) | [] [] 0
# later(print, 'later') | ['later'] [] 0
# later(print, 'later'); sys.exit(3) | ['later'] [] 3
# later(print, 'later'); 1 / 0 | ['later'] ['ZeroDivisionError: division by zero'] 1
# lock = threading.Lock(); lock.acquire(); threading.Thread(target=lock.acquire).start(); later(lock.release) | [] [] 0
# threading.Thread(target=sys.exit, args=(5,)).start() | [] [] 0
# import atexit; atexit.register(print, 'bye'); later(print, 'later') | ['later', 'bye'] [] 0
# import atexit; atexit.register(sys.exit, 4) | [] ['Exception ignored in atexit callback <built-in function exit>:', 'SystemExit: 4'] 0
# interp = interpreters.create(); interp.exec('x = 1'); interp.close() | [] [] 0
# interp = interpreters.create(); interp.exec('x = 1') | [] ['<sys>:0: RuntimeWarning: remaining subinterpreters; close them with Interpreter.close()'] 0
# interp = interpreters.create(); interp.exec('import atexit; atexit.register(print, "bye")') | ['bye'] ['<sys>:0: RuntimeWarning: remaining subinterpreters; close them with Interpreter.close()'] 0
# interp = interpreters.create(); later(interp.exec, 'print("later")') | ['later'] ['<sys>:0: RuntimeWarning: remaining subinterpreters; close them with Interpreter.close()'] 0
# interp = interpreters.create(); interp.exec('import threading, time; threading.Thread(target=lambda: (time.sleep(0.1), print(1, flush=True))).start()') | ['1'] ['<sys>:0: RuntimeWarning: remaining subinterpreters; close them with Interpreter.close()'] 0
# interp = interpreters.create(); interp.exec('import threading, time; threading.Thread(target=lambda: (time.sleep(0.1), print(1, flush=True))).start()'); interp.close() | ['1'] [] 0
# from concurrent.futures import InterpreterPoolExecutor as Pool; print(Pool(2).submit(pow, 2, 3).result()) | ['8'] [] 0
