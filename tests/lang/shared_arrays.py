# SharedArray and SharedBuffer: shapes, parts, read-only handles, files; and what takes them through the buffer protocol.
import array
import hashlib
import os
import socket
import struct
import tempfile
import threading

import interpreters
from interpreters import SharedArray, SharedBuffer


def attempt(what):
    try:
        print(f"{what}:", eval(what))
    except Exception as error:
        print(f"{what}:", f"{type(error).__name__}: {error}".rstrip(": "))


print("-- indices and slices")
table = SharedArray("q", [[1, 2, 3], [4, 5, 6]])
print(table, table.ndim, len(table), table[1, 2], table[-1, -1], [row.tolist() for row in table])
for part in table[1], table[:, 1], table[1:, ::2], table[..., 0], table[::-1, ::-1], table[2:], table[:, 3:], table[...]:
    print(part.shape, part.tolist(), memoryview(part).tolist())
table[1][0] = 40
print(table[1, 0], table.add((1, 0), 2), table.swap((1, 0), 4), table.compare_and_set((1, 0), 4, 5), table.tolist())
cube = SharedArray("b", (2, 2, 2))
cube[1, ..., 0] = 7
print(cube.tolist(), SharedArray("d", ()).tolist(), SharedArray("i", (0, 5)).tolist(), bool(SharedArray("i", 0)), SharedArray("i", 0)[::-1].tolist())

print("-- as lists are sliced")
import random

random.seed(5)
lists = [[row * 10 + column for column in range(6)] for row in range(5)]
whole = SharedArray("i", lists)


def some_slice():
    some = lambda: random.choice([None, *range(-8, 9)])
    return slice(some(), some(), random.choice([None, -3, -2, -1, 1, 2, 3]))


same = 0
for _ in range(500):
    rows, columns = some_slice(), some_slice()
    part = whole[rows, columns]
    expected = [row[columns] for row in lists[rows]]
    same += part.tolist() == expected == memoryview(part).tolist() and whole[rows].tolist() == lists[rows]
print(same)

print("-- assignment of parts")
table[0] = 0
table[:, 1] = [7, 8]
print(table.tolist())
table[...] = [[1, 1, 1], (2, 2, 2)]
table[:] = table[::-1]
print(table.tolist())
table[1:, :2] = SharedArray("h", [[8, 9]])
print(table.tolist())

print("-- refused")
read_only = table.toreadonly()
print(read_only.readonly, table.readonly, read_only[0].readonly)
for what in ("read_only.__setitem__((0, 0), 1)", "read_only.fill(1)", "read_only.add((0, 0), 1)", "memoryview(read_only).__setitem__((0, 0), 1)",
             "table.__setitem__(0, [1, 2])", "table[5]", "table[0, 0, 0]", "table[..., ...]", "table['x']", "table[0.5]", "table[0][3]",
             "table.__setitem__((0, 0), 2**70)", "table.__setitem__(0, 'abc')", "table.__delitem__(0)", "SharedArray('q', [[1], [2, 3]])",
             "SharedArray('q', [[1], 2])", "SharedArray('q', -1)", "len(SharedArray('q', ()))"):
    attempt(what)
endless = []
endless.append(endless)
attempt("SharedArray('q', endless)")

print("-- under a lock")
pair = SharedArray("q", 2)


def move(lock):
    # What is taken from one is given to the other; nobody who takes the lock sees it on its way.
    for _ in range(200):
        with pair.lock:
            pair[0] -= 1
            pair[1] += 1


interps = [interpreters.create() for _ in range(2)]
for interp in interps:
    interp.prepare_main(pair=pair)
script = """
for _ in range(200):
    with pair[1:].lock:
        pair[0] -= 1
        pair[1] += 1
        assert sum(pair) == 0
"""
threads = [threading.Thread(target=interp.run, args=(script,)) for interp in interps]
for thread in threads:
    thread.start()
move(pair.lock)
for thread in threads:
    thread.join()
print(pair.tolist(), pair.lock == pair[:1].lock, pair.lock.locked())

print("-- files")
handle, path = tempfile.mkstemp()
os.write(handle, b"hello")
os.close(handle)
whole = SharedBuffer.from_file(path)
print(bytes(whole), whole.readonly)
longer = SharedBuffer.from_file(path, 16, writable=True)
longer[0:1] = b"J"
longer.flush()
with open(path, "rb") as file:
    print(file.read(), bytes(whole), bytes(longer.toreadonly()[:5]))
numbers = SharedArray.from_buffer("i", (2, 1), longer, 8)
interps[0].prepare_main(numbers=numbers)
interps[0].run("numbers[1, 0] = -1")
print(numbers.tolist(), bytes(longer[12:]))
for what in ("SharedBuffer.from_file('/nowhere')", "SharedBuffer.from_file(path, 100)", "SharedBuffer.from_file('/dev/null')", "whole.__setitem__(0, 1)",
             "SharedArray.from_buffer('q', 3, longer)", "SharedArray.from_buffer('q', 1, longer, 4)", "SharedArray.from_buffer('q', 1, bytearray(8))",
             "SharedArray.from_buffer('i', 1, whole).fill(1)", "SharedArray.from_buffer('i', 1, longer.toreadonly()).fill(1)",
             "SharedArray.from_buffer('i', 1, longer, -1)"):
    attempt(what)
os.remove(path)

print("-- the buffer protocol")
ints = SharedArray("i", [1, 2, 3, 4])
struct.pack_into("i", ints, 4, 77)
print(struct.unpack_from("2i", ints, 4), array.array("i", bytes(ints)), bytes(memoryview(ints)[::2]))
taken = array.array("i")
taken.frombytes(ints)
print(taken, hashlib.sha256(ints).hexdigest() == hashlib.sha256(bytes(ints)).hexdigest(), b"".join([ints, b"!"])[-1:])
left, right = socket.socketpair()
buffer = SharedBuffer(16)
left.sendall(ints)
print(right.recv_into(buffer), bytes(buffer) == bytes(ints), memoryview(buffer).cast("i")[1])
read, write = os.pipe()
os.write(write, buffer)
print(os.readv(read, [ints]), ints.tolist())
for end in left, right:
    end.close()
os.close(read)
os.close(write)
for interp in interps:
    interp.close()

# === no-peer memory of the module interpreters
# === stdout
# -- indices and slices
# <interpreters.SharedArray 'q' of shape (2, 3)> 2 2 6 6 [[1, 2, 3], [4, 5, 6]]
# (3,) [4, 5, 6] [4, 5, 6]
# (2,) [2, 5] [2, 5]
# (1, 2) [[4, 6]] [[4, 6]]
# (2,) [1, 4] [1, 4]
# (2, 3) [[6, 5, 4], [3, 2, 1]] [[6, 5, 4], [3, 2, 1]]
# (0, 3) [] []
# (2, 0) [[], []] [[], []]
# (2, 3) [[1, 2, 3], [4, 5, 6]] [[1, 2, 3], [4, 5, 6]]
# 40 40 42 True [[1, 2, 3], [5, 5, 6]]
# [[[0, 0], [0, 0]], [[7, 0], [7, 0]]] 0.0 [] False []
# -- as lists are sliced
# 500
# -- assignment of parts
# [[0, 7, 0], [5, 8, 6]]
# [[2, 2, 2], [1, 1, 1]]
# [[2, 2, 2], [8, 9, 1]]
# -- refused
# True False True
# read_only.__setitem__((0, 0), 1): TypeError: cannot modify read-only memory
# read_only.fill(1): TypeError: cannot modify read-only memory
# read_only.add((0, 0), 1): TypeError: cannot modify read-only memory
# memoryview(read_only).__setitem__((0, 0), 1): TypeError: cannot modify read-only memory
# table.__setitem__(0, [1, 2]): ValueError: cannot assign 2 items to 3 places
# table[5]: IndexError: array index out of range
# table[0, 0, 0]: IndexError: too many indices: the array has 2 dimensions
# table[..., ...]: IndexError: an index can only have a single ellipsis ('...')
# table['x']: TypeError: 'str' object cannot be interpreted as an integer
# table[0.5]: TypeError: 'float' object cannot be interpreted as an integer
# table[0][3]: IndexError: array index out of range
# table.__setitem__((0, 0), 2**70): OverflowError: Python int too large to convert to C long
# table.__setitem__(0, 'abc'): TypeError: 'str' object cannot be interpreted as an integer
# table.__delitem__(0): TypeError: cannot delete elements of an array
# SharedArray('q', [[1], [2, 3]]): ValueError: cannot assign 2 items to 1 places
# SharedArray('q', [[1], 2]): TypeError: 'int' object is not iterable
# SharedArray('q', -1): ValueError: negative dimensions are not allowed
# len(SharedArray('q', ())): TypeError: an array of 0 dimensions has no length
# SharedArray('q', endless): ValueError: number of dimensions must not exceed 64
# -- under a lock
# [-600, 600] True False
# -- files
# b'hello' True
# b'Jello\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00' b'Jello' b'Jello'
# [[0], [-1]] b'\xff\xff\xff\xff'
# SharedBuffer.from_file('/nowhere'): FileNotFoundError: [Errno 2] No such file or directory: '/nowhere'
# SharedBuffer.from_file(path, 100): ValueError: the file is shorter than the size
# SharedBuffer.from_file('/dev/null'): ValueError: cannot map an empty file
# whole.__setitem__(0, 1): TypeError: cannot modify read-only memory
# SharedArray.from_buffer('q', 3, longer): ValueError: the layout does not fit the buffer
# SharedArray.from_buffer('q', 1, longer, 4): ValueError: the elements are not aligned
# SharedArray.from_buffer('q', 1, bytearray(8)): TypeError: a SharedBuffer is required, not 'bytearray'
# SharedArray.from_buffer('i', 1, whole).fill(1): TypeError: cannot modify read-only memory
# SharedArray.from_buffer('i', 1, longer.toreadonly()).fill(1): TypeError: cannot modify read-only memory
# SharedArray.from_buffer('i', 1, longer, -1): ValueError: negative offset
# -- the buffer protocol
# (77, 3) array('i', [1, 77, 3, 4]) b'\x01\x00\x00\x00\x03\x00\x00\x00'
# array('i', [1, 77, 3, 4]) True b'!'
# 16 True 77
# 16 [1, 77, 3, 4]
