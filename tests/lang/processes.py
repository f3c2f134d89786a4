"""Children: subprocess, fork with threads around, what is called around a fork, waiting."""

import os
import subprocess
import sys
import threading
import time
import warnings

warnings.simplefilter("ignore")
print(subprocess.run(["echo", "hi"], capture_output=True))
print(subprocess.run("echo $X; exit 3", shell=True, env={"X": "yy"}, capture_output=True, text=True))
for arguments, more in ((["/nonexistent/x"], {}), (["echo"], {"cwd": "/nonexistent"})):
    try:
        subprocess.run(arguments, **more)
    except OSError as e:
        print(type(e).__name__, e)
print(subprocess.check_output(["cat"], input=b"data" * 3))
p = subprocess.Popen(["sleep", "10"])
try:
    p.wait(0.05)
except subprocess.TimeoutExpired as e:
    print(e)
p.kill()
print(p.wait())
try:
    subprocess.run(["true"], preexec_fn=lambda: 1 / 0)
except subprocess.SubprocessError as e:
    print(e)
print(subprocess.run([sys.executable, "-c", "print(2 + 3)"], capture_output=True, text=True).stdout.strip())

stop = False


def idle():
    while not stop:
        time.sleep(0.001)


threads = [threading.Thread(target=idle) for _ in range(3)]
for t in threads:
    t.start()
for _ in range(5):
    pid = os.fork()
    if pid == 0:
        seen = []
        t = threading.Thread(target=lambda: seen.extend(range(1000)))
        t.start()
        t.join()
        os._exit(0 if len(seen) == 1000 and threading.active_count() == 1 else 1)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
stop = True
for t in threads:
    t.join()

r, w = os.pipe()
os.register_at_fork(
    before=lambda: os.write(w, b"before "),
    after_in_child=lambda: os.write(w, b"child "),
    after_in_parent=lambda: None,
)
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    sys.exit(5)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), os.read(r, 100))
for arguments in ({}, {"before": 1}):
    try:
        os.register_at_fork(**arguments)
    except TypeError as e:
        print(e)

# === stdout
# CompletedProcess(args=['echo', 'hi'], returncode=0, stdout=b'hi\n', stderr=b'')
# CompletedProcess(args='echo $X; exit 3', returncode=3, stdout='yy\n', stderr='')
# FileNotFoundError [Errno 2] No such file or directory: '/nonexistent/x'
# FileNotFoundError [Errno 2] No such file or directory: '/nonexistent'
# b'datadatadata'
# Command '['sleep', '10']' timed out after 0.05 seconds
# -9
# Exception occurred in preexec_fn.
# 5
# 0
# 0
# 0
# 0
# 0
# 5 b'before child '
# At least one argument is required.
# 'before' must be callable, not int
