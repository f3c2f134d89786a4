# An exception in a thread ends that thread only, and is given to threading.excepthook.
import threading

threading.excepthook = lambda args: print(args.exc_type.__name__, args.exc_value, args.thread.name)


def work():
    {}["missing"]


t = threading.Thread(target=work, name="worker")
t.start()
t.join()
print("the main thread goes on")

# === stdout
# KeyError 'missing' worker
# the main thread goes on
