# Memory that crosses without a copy: long texts and bytes, memoryviews. What an interpreter has lent outlives it, no more.
import gc
import threading

import interpreters

BIG = 1 << 20

print("-- there and back")
interp = interpreters.create()
data, text, wide = b"ab" * BIG, "cd" * BIG, "\u20ac\ud800" * BIG
for value in data, text, wide:
    back = interp.call(lambda x: x, value)
    print(type(back).__name__, back == value, back is value, len(back), hash(back) == hash(value), back[-2:] == value[-2:])
    print(type(back[1:]).__name__, (back + back[:2])[-2:] == value[:2], value in {back: 1}, back[::-1][:1] == value[-1:])
back = interp.call(lambda x: x, text)
back += "!"
print(back[-3:], len(text), text.encode()[:4], text.upper()[:4], ("%s" % text)[:2], int(("1" * 5) + text[:0]))

print("-- it outlives its interpreter")
recv, send = interpreters.create_channel()
interp.prepare_main(send=send)
interp.run("""
import array
size = 1 << 20
send.send_nowait(b"xyz" * size)
send.send_nowait("h\\u00e9" * size)
whole = bytearray(b"0123456789" * size)
send.send_nowait(memoryview(whole)[5:25])
send.send_nowait(memoryview(bytearray(b"small")))
send.send_nowait(memoryview(array.array("i", range(1000))))
""")
got = [recv.recv() for _ in range(5)]
interp.close()
del interp
gc.collect()
other = interpreters.create()
other.run("x = [bytearray(1 << 20) for _ in range(8)]; y = [b'junk' * 100 for _ in range(10000)]")
print(got[0][:4], got[0].count(b"x"), got[1][:3], got[1].count("h"), bytes(got[2]), bytes(got[3]), list(got[4][:4]))
got[2][0:3] = b"abc"
print(bytes(got[2][:5]), got[2].readonly, type(got[2].obj).__name__)
copy = other.call(lambda view, data: (bytes(view[:4]), data[:3], data), got[2], got[0])
print(copy[0], copy[1], copy[2] == got[0])
del got, copy, back
gc.collect()
other.close()

print("-- views end")
interp = interpreters.create()
owner = bytearray(b"data" * 20000)
view = memoryview(owner)
interp.prepare_main(view=view)
interp.run("copy = bytes(view[:4]); del view")
for _ in range(3):
    gc.collect()
view.release()
owner.clear()
print("released", len(owner))
interp.close()

print("-- from many threads")
totals = interpreters.AtomicInt()
recv, send = interpreters.create_channel()


def work(n):
    interp = interpreters.create()
    interp.prepare_main(recv=recv, totals=totals)
    interp.run("""
for data in recv:
    totals.add(len(data) + data.count("q"))
""")
    interp.close()


threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
for thread in threads:
    thread.start()
for i in range(60):
    send.send_nowait("q" * (100_000 + i))
send.close()
for thread in threads:
    thread.join()
print(totals)

# === no-peer channels and lambdas of the module interpreters
# === stdout
# -- there and back
# bytes True False 2097152 True True
# bytes True True True
# str True False 2097152 True True
# str True True True
# str True False 2097152 True True
# str True True True
# cd! 2097152 b'cdcd' CDCD cd 11111
# -- it outlives its interpreter
# b'xyzx' 1048576 héh 1048576 b'56789012345678901234' b'small' [0, 1, 2, 3]
# b'abc89' False CrossInterpreterBufferView
# b'abc8' b'xyz' True
# -- views end
# released 0
# -- from many threads
# AtomicInt(12003540)
