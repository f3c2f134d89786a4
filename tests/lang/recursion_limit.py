# The limit of recursion is the interpreter's: all threads have it, those that run already and those to come.
import sys
import threading


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


seen = []
ready, go = threading.Event(), threading.Event()


def early():
    ready.set()
    go.wait()
    seen.append((sys.getrecursionlimit(), depth(3000)))


thread = threading.Thread(target=early)
thread.start()
ready.wait()
sys.setrecursionlimit(5000)
go.set()
thread.join()
thread = threading.Thread(target=lambda: seen.append((sys.getrecursionlimit(), depth(3000))))
thread.start()
thread.join()
print(seen)


def lower():
    sys.setrecursionlimit(200)


thread = threading.Thread(target=lower)
thread.start()
thread.join()
try:
    depth(300)
except RecursionError as error:
    print(sys.getrecursionlimit(), error)

# === stdout
# [(5000, 3000), (5000, 3000)]
# 200 maximum recursion depth exceeded
