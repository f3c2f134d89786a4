# Each thread makes the interpreter that it uses, and lets go of it at the end.
import os
from threading import Thread

import interpreters

reader, writer = os.pipe()


def task(n):
    interp = interpreters.create()
    interp.run(f"""
import os
squares = [i * i for i in range({n})]
os.write({writer}, f"task {n}: {{sum(squares)}}\\n".encode())
""")
    interp.close()


threads = [Thread(target=task, args=(n,)) for n in range(5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
os.close(writer)

with open(reader) as results:
    for line in sorted(results):
        print(line, end="")
print(len(interpreters.list_all()), "interpreter is left")

# === stdout
# task 0: 0
# task 1: 0
# task 2: 1
# task 3: 5
# task 4: 14
# 1 interpreter is left
