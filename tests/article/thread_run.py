# An interpreter runs in whichever thread calls run(); a thread of its own lets it run beside this one.
from threading import Thread

import interpreters

script = """
total = 0
for n in range(1000):
    total += n
print("the other interpreter counted to", total, flush=True)
"""

interp = interpreters.create()
thread = Thread(target=interp.run, args=(script,))
thread.start()
thread.join()
print("the thread has ended")
interp.close()

# === env PYTHONUNBUFFERED=1
# === stdout
# the other interpreter counted to 499500
# the thread has ended
