"""select, poll, epoll and mapped memory."""

import mmap
import os
import select
import tempfile
import threading
import time


def attempt(text):
    try:
        print(text, "->", repr(eval(text)))
    except Exception as e:
        print(text, "->", type(e).__name__ + ":", e)


r, w = os.pipe()
p, e = select.poll(), select.epoll()
p.register(r, select.POLLIN)
e.register(r, select.EPOLLIN)
print(select.select([r], [w], [], 0)[1] == [w], p.poll(0), e.poll(0))
threading.Timer(0.05, os.write, (w, b"x")).start()
start = time.monotonic()
print(select.select([r], [], [], 5)[0] == [r], p.poll(5000) == [(r, 1)], e.poll(5) == [(r, 1)], time.monotonic() - start < 4)
for text in (
    "select.select(1, [], [])",
    "select.select([-1], [], [])",
    "select.select(['a'], [], [])",
    "select.select([], [], [], -1)",
    "select.select([], [], [], 'a')",
    "select.select([1025], [], [], 0)",
    "p.register('a')",
    "p.register(r, 70000)",
    "p.modify(999, 1)",
    "p.unregister(999)",
    "p.poll('a')",
    "e.register(r)",
    "e.modify(w, 1)",
    "e.poll(0, -2)",
    "e.close()",
    "e.poll(0)",
    "e.closed",
    "select.epoll(-2)",
):
    attempt(text)

f = tempfile.TemporaryFile()
f.write(b"hello world\nline two\n")
f.flush()
g = mmap.mmap(f.fileno(), 0)
ro = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
private = mmap.mmap(f.fileno(), 5, access=mmap.ACCESS_COPY)
for text in (
    "len(g), g[0], g[-1], g[2:5], g[0:10:2]",
    "g.readline(), g.readline(), g.readline()",
    "g.seek(0), g.read(5), g.tell()",
    "g.__setitem__(slice(0, 5), b'HELLO')",
    "g.__setitem__(0, 300)",
    "g.__setitem__(slice(0, 3), b'xy')",
    "ro[:5], ro.find(b'o'), ro.rfind(b'l'), ro.find(b'zz')",
    "ro.__setitem__(0, 1)",
    "ro.write(b'a')",
    "private.__setitem__(0, 65), private[:], g[:5]",
    "g.size(), memoryview(g).readonly, memoryview(ro).readonly",
    "repr(private)",
    "g.flush(), g.move(0, 6, 5), g[:11]",
    "g[100]",
    "g.seek(99)",
    "mmap.mmap(-1, -1)",
    "mmap.mmap(f.fileno(), 100)",
    "mmap.mmap(-1, 5, access=9)",
):
    attempt(text)
view = memoryview(g)
attempt("g.close()")
view.release()
attempt("g.resize(100), len(g), os.fstat(f.fileno()).st_size")
attempt("g.close(), g.closed")
attempt("g[0]")

# === stdout
# True [] []
# True True True True
# select.select(1, [], []) -> TypeError: arguments 1-3 must be sequences
# select.select([-1], [], []) -> ValueError: file descriptor cannot be a negative integer (-1)
# select.select(['a'], [], []) -> TypeError: argument must be an int, or have a fileno() method.
# select.select([], [], [], -1) -> ValueError: timeout must be non-negative
# select.select([], [], [], 'a') -> TypeError: timeout must be a float or None
# select.select([1025], [], [], 0) -> ValueError: filedescriptor out of range in select()
# p.register('a') -> TypeError: argument must be an int, or have a fileno() method.
# p.register(r, 70000) -> OverflowError: Python int too large for C unsigned short
# p.modify(999, 1) -> FileNotFoundError: [Errno 2] No such file or directory
# p.unregister(999) -> KeyError: 999
# p.poll('a') -> TypeError: timeout must be an integer or None
# e.register(r) -> FileExistsError: [Errno 17] File exists
# e.modify(w, 1) -> FileNotFoundError: [Errno 2] No such file or directory
# e.poll(0, -2) -> ValueError: maxevents must be greater than 0, got -2
# e.close() -> None
# e.poll(0) -> ValueError: I/O operation on closed epoll object
# e.closed -> True
# select.epoll(-2) -> ValueError: negative sizehint
# len(g), g[0], g[-1], g[2:5], g[0:10:2] -> (21, 104, 10, b'llo', b'hlowr')
# g.readline(), g.readline(), g.readline() -> (b'hello world\n', b'line two\n', b'')
# g.seek(0), g.read(5), g.tell() -> (0, b'hello', 5)
# g.__setitem__(slice(0, 5), b'HELLO') -> None
# g.__setitem__(0, 300) -> ValueError: mmap item value must be in range(0, 256)
# g.__setitem__(slice(0, 3), b'xy') -> IndexError: mmap slice assignment is wrong size
# ro[:5], ro.find(b'o'), ro.rfind(b'l'), ro.find(b'zz') -> (b'HELLO', 7, 12, -1)
# ro.__setitem__(0, 1) -> TypeError: mmap can't modify a readonly memory map.
# ro.write(b'a') -> TypeError: mmap can't modify a readonly memory map.
# private.__setitem__(0, 65), private[:], g[:5] -> (None, b'AELLO', b'HELLO')
# g.size(), memoryview(g).readonly, memoryview(ro).readonly -> (21, False, True)
# repr(private) -> '<mmap.mmap closed=False, access=ACCESS_COPY, length=5, pos=0, offset=0>'
# g.flush(), g.move(0, 6, 5), g[:11] -> (None, None, b'world world')
# g[100] -> IndexError: mmap index out of range
# g.seek(99) -> ValueError: seek out of range
# mmap.mmap(-1, -1) -> OverflowError: memory mapped length must be positive
# mmap.mmap(f.fileno(), 100) -> ValueError: mmap length is greater than file size
# mmap.mmap(-1, 5, access=9) -> ValueError: mmap invalid access parameter.
# g.close() -> BufferError: cannot close exported pointers exist
# g.resize(100), len(g), os.fstat(f.fileno()).st_size -> (None, 100, 100)
# g.close(), g.closed -> (None, True)
# g[0] -> ValueError: mmap closed or invalid
