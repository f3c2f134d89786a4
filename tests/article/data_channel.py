# Channels after Go's: one end sends, the other receives, and a receiver waits until there is something.
from threading import Thread

import interpreters

numbers, send_number = interpreters.create_channel()
answers, send_answer = interpreters.create_channel()

interp = interpreters.create()
interp.prepare_main(numbers=numbers, answers=send_answer)


def square():
    interp.run("""
while (n := numbers.recv()) is not None:
    answers.send_nowait(n * n)
answers.send_nowait(("done", b"bytes", "text", 1.5, None, True))
""")


print("nothing yet:", answers.recv_nowait("empty"))
thread = Thread(target=square)
thread.start()
for n in range(5):
    send_number.send(n)
    print(n, "squared is", answers.recv())
send_number.send(None)
print(answers.recv())
thread.join()
send_number.send_nowait("left in the channel")
print(numbers.recv_nowait(), "/", numbers.recv_nowait("empty"))
interp.close()

# === env PYTHONUNBUFFERED=1
# === stdout
# nothing yet: empty
# 0 squared is 0
# 1 squared is 1
# 2 squared is 4
# 3 squared is 9
# 4 squared is 16
# ('done', b'bytes', 'text', 1.5, None, True)
# left in the channel / empty
