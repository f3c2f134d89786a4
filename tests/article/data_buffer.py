# A large array crosses as a memoryview: both sides see the same bytes, at the same address, and nothing is copied.
import interpreters

SIZE = 64 << 20


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096


array = bytearray(SIZE)
array[-4:] = b"tail"
interp = interpreters.create()
interp.run("pass")
before = resident()
interp.prepare_main(view=memoryview(array), frozen=memoryview(bytes(array)).toreadonly())
interp.run("""
print(len(view), view.readonly, bytes(view[-4:]), flush=True)
print(len(frozen), frozen.readonly, bytes(frozen[-4:]), flush=True)
view[0:5] = b"hello"
try:
    frozen[0] = 1
except TypeError as error:
    print(error, flush=True)
""")
print("written there, read here:", bytes(array[:5]))
array[5:10] = b" back"
interp.run("print('written here, read there:', bytes(view[:10]), flush=True)")
# One copy was made on purpose, by bytes(array) above.
print("copied while crossing:", resident() - before > SIZE + (SIZE >> 1))
interp.close()

# === env PYTHONUNBUFFERED=1
# === stdout
# 67108864 False b'tail'
# 67108864 True b'tail'
# cannot modify read-only memory
# written there, read here: b'hello'
# written here, read there: b'hello back'
# copied while crossing: False
