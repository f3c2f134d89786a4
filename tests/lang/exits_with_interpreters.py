# The end of a process while daemon threads run other interpreters, and while threads of interpreters that nobody has closed
# wait for what nobody can bring.
import subprocess
import sys
import time

BEGIN = """
import threading, time
import interpreters
def daemon(source, **names):
    interp = interpreters.create()
    begun = interpreters.Event()
    interp.prepare_main(begun=begun, **names)
    threading.Thread(target=interp.run, args=("begun.set()\\\\n" + source,), daemon=True).start()
    begun.wait()
def thread(source, **names):
    interp = interpreters.create()
    if names:
        interp.prepare_main(**names)
    interp.run("import threading, time, queue\\\\ndef f(): " + source + "\\\\nthreading.Thread(target=f).start()")
    kept.append(interp)
kept = []
recv, send = interpreters.create_channel()
""".replace("\\\\", "\\")


def run(program):
    begin = time.monotonic()
    try:
        done = subprocess.run([sys.executable, "-c", BEGIN + program], capture_output=True, text=True, timeout=30)
    except subprocess.TimeoutExpired:
        print(program, "| does not end")
    else:
        said = [line for line in done.stderr.splitlines() if not line.startswith((" ", "Traceback", "<sys>"))]
        print(program, "|", done.stdout.split(), sorted(set(said)), done.returncode, time.monotonic() - begin < 20)


# Programs that daemon threads run are left where they are.
run("daemon('while True: pass')")
run("for _ in range(10): daemon('while True: [dict() for _ in range(100)]')")
run("daemon('import time; time.sleep(100)')")
run("daemon('recv.recv()', recv=recv)")
run("daemon('queue.get()', queue=interpreters.create_queue())")
run("daemon('lock.acquire(); lock.acquire()', lock=interpreters.Lock())")
run("daemon('import threading; threading.Event().wait()')")
run("daemon('import socket; socket.socketpair()[0].recv(1)')")

# Threads of interpreters are waited for while somebody can wake them.
run("thread('print(recv.recv())', recv=recv); thread('(time.sleep(0.4), send.send(5))', send=send)")
run("thread('(time.sleep(0.4), print(1))')")

# Where nobody can, the wait ends.
run("thread('recv.recv()', recv=recv)")
run("thread('queue.SimpleQueue().get()')")
run("thread('threading.Event().wait()')")
run("thread('lock.acquire(); lock.acquire()', lock=interpreters.Lock())")
run("for _ in range(3): thread('threading.Lock().__enter__(); threading.Barrier(2).wait()')")

# Even for a thread that does not want to know.
run('''thread("""
    while True:
        try: recv.recv()
        except BaseException as error: print(error, flush=True)
""", recv=recv)''')
# === no-peer the module interpreters; CPython hangs or crashes
# === stdout
# daemon('while True: pass') | [] [] 0 True
# for _ in range(10): daemon('while True: [dict() for _ in range(100)]') | [] [] 0 True
# daemon('import time; time.sleep(100)') | [] [] 0 True
# daemon('recv.recv()', recv=recv) | [] [] 0 True
# daemon('queue.get()', queue=interpreters.create_queue()) | [] [] 0 True
# daemon('lock.acquire(); lock.acquire()', lock=interpreters.Lock()) | [] [] 0 True
# daemon('import threading; threading.Event().wait()') | [] [] 0 True
# daemon('import socket; socket.socketpair()[0].recv(1)') | [] [] 0 True
# thread('print(recv.recv())', recv=recv); thread('(time.sleep(0.4), send.send(5))', send=send) | ['5'] [] 0 True
# thread('(time.sleep(0.4), print(1))') | ['1'] [] 0 True
# thread('recv.recv()', recv=recv) | [] ['Exception in thread Thread-1 (f):', 'concurrent.interpreters.Stopped: the process ends, and nobody is left to end this wait'] 0 True
# thread('queue.SimpleQueue().get()') | [] ['Exception in thread Thread-1 (f):', 'concurrent.interpreters.Stopped: the process ends, and nobody is left to end this wait'] 0 True
# thread('threading.Event().wait()') | [] ['Exception in thread Thread-1 (f):', 'concurrent.interpreters.Stopped: the process ends, and nobody is left to end this wait'] 0 True
# thread('lock.acquire(); lock.acquire()', lock=interpreters.Lock()) | [] ['Exception in thread Thread-1 (f):', 'concurrent.interpreters.Stopped: the process ends, and nobody is left to end this wait'] 0 True
# for _ in range(3): thread('threading.Lock().__enter__(); threading.Barrier(2).wait()') | [] ['Exception in thread Thread-1 (f):', 'concurrent.interpreters.Stopped: the process ends, and nobody is left to end this wait'] 0 True
# thread("""
#     while True:
#         try: recv.recv()
#         except BaseException as error: print(error, flush=True)
# """, recv=recv) | ['the', 'process', 'ends,', 'and', 'nobody', 'is', 'left', 'to', 'end', 'this', 'wait', 'the', 'process', 'ends,', 'and', 'nobody', 'is', 'left', 'to', 'end', 'this', 'wait'] ['Exception ignored while joining a thread in _thread._shutdown():', 'concurrent.interpreters.Stopped: the process ends, and nobody is left to end this wait'] 0 True
