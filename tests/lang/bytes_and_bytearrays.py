# bytes, bytearray and memoryview.
b = b"hello\x00\xff"
print(b, len(b), b[0], b[-1], b[1:3], b[::-1], list(b[:3]), b"a" + b"b", b"ab" * 2, b"l" in b, 104 in b, b == b"hello\x00\xff", b < b"i")
print(bytes(3), bytes([1, 2]), bytes("é", "utf-8"), bytes.fromhex("0aff 10"), b.hex(), b"\x01\x02".hex(":"), bytes(b"x"), bytes(range(3)), repr(b"it's"), repr(b'"\''))
print(b"a,b".split(b","), b"-".join([b"a", b"b"]), b" x ".strip(), b"abc".replace(b"b", b"X"), b"abc".find(b"c"), b"abc".upper(), b"ABC".lower(), b"abc".startswith(b"ab"), b"a\nb".splitlines(), b"abc".index(98), b"aXbX".count(b"X"), b"ab".center(4), b"7".zfill(3), b"12".isdigit())
print(b"abc".decode(), b"\xc3\xa9".decode("utf-8"), b"\xe9".decode("latin-1"), b"\xff".decode("utf-8", "replace"), b"\xffa".decode("utf-8", "ignore"), b"\xff".decode("utf-8", "surrogateescape") == "\udcff", b"\xff".decode("ascii", "backslashreplace"))
a = bytearray(b"abc")
a.append(100)
a.extend(b"ef")
a[0] = 65
a[1:3] = b"xyz"
del a[-1]
a.insert(1, 33)
print(a, a.pop(), len(a), a.find(b"z"), bytes(a), a + b"!", a * 2, bytearray(2), a == bytes(a), bytearray("é", "latin-1"))
a.reverse()
a += b"tail"
a.remove(33)
a.clear()
print(a, bool(a), bytearray(b"%d %s") % (5, b"x"), b"%05.1f|%x|%c|%a" % (2.5, 255, b"z", "q"))
for bad in ("b'a'[5]", "bytes([256])", "bytes(-1)", "bytes('a')", "b'a' + 'b'", "b'\\xff'.decode()", "bytes.fromhex('0g')", "bytearray(b'a').append(300)", "b'a'.join(['b'])", "b'abc'.index(b'z')", "int(b'x')", "bytes([1.5])", "b'a' < 'a'", "bytes(1, 2)", "b'\\xc3'.decode()", "b'ab\\xe2\\x82'.decode()", "bytearray(b'a')[3]", "b'a'[0] = 1"):
    try:
        print(bad, "=", eval(bad) if "] =" not in bad else exec(bad))
    except Exception as error:
        print(bad, "->", type(error).__name__, error)
data = bytearray(b"0123456789")
m = memoryview(data)
m[0] = 65
m[2:4] = b"XY"
print(data, m[1], m[4:6].tobytes(), len(m), m.readonly, m.format, m.itemsize, m.nbytes, m.shape, m[::-1].tobytes(), m.tolist()[:3], m == data, memoryview(b"x").readonly)
try:
    data.append(1)
except BufferError as error:
    print(error)
m.release()
data.append(1)
try:
    m[0]
except ValueError as error:
    print(error)
try:
    memoryview(b"abc")[0] = 1
except TypeError as error:
    print(error)
w = memoryview(bytearray(8)).cast("I")
w[1] = 7
print(w.tolist(), w.itemsize, bytes(w), hash(memoryview(b"a")) == hash(b"a"), b"abc".translate(bytes.maketrans(b"a", b"z")), b"a\x00b".hex(), b"x".ljust(3, b"."))

# === stdout
# b'hello\x00\xff' 7 104 255 b'el' b'\xff\x00olleh' [104, 101, 108] b'ab' b'abab' True True True True
# b'\x00\x00\x00' b'\x01\x02' b'\xc3\xa9' b'\n\xff\x10' 68656c6c6f00ff 01:02 b'x' b'\x00\x01\x02' b"it's" b'"\''
# [b'a', b'b'] b'a-b' b'x' b'aXc' 2 b'ABC' b'abc' True [b'a', b'b'] 1 2 b' ab ' b'007' True
# abc é é � a True \xff
# bytearray(b'A!xyzd') 101 6 4 b'A!xyzd' bytearray(b'A!xyzd!') bytearray(b'A!xyzdA!xyzd') bytearray(b'\x00\x00') True bytearray(b'\xe9')
# bytearray(b'') False bytearray(b'5 x') b"002.5|ff|z|'q'"
# b'a'[5] -> IndexError index out of range
# bytes([256]) -> ValueError bytes must be in range(0, 256)
# bytes(-1) -> ValueError negative count
# bytes('a') -> TypeError string argument without an encoding
# b'a' + 'b' -> TypeError can't concat str to bytes
# b'\xff'.decode() -> UnicodeDecodeError 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte
# bytes.fromhex('0g') -> ValueError non-hexadecimal number found in fromhex() arg at position 1
# bytearray(b'a').append(300) -> ValueError byte must be in range(0, 256)
# b'a'.join(['b']) -> TypeError sequence item 0: expected a bytes-like object, str found
# b'abc'.index(b'z') -> ValueError subsection not found
# int(b'x') -> ValueError invalid literal for int() with base 10: b'x'
# bytes([1.5]) -> TypeError 'float' object cannot be interpreted as an integer
# b'a' < 'a' -> TypeError '<' not supported between instances of 'bytes' and 'str'
# bytes(1, 2) -> TypeError bytes() argument 'encoding' must be str, not int
# b'\xc3'.decode() -> UnicodeDecodeError 'utf-8' codec can't decode byte 0xc3 in position 0: unexpected end of data
# b'ab\xe2\x82'.decode() -> UnicodeDecodeError 'utf-8' codec can't decode bytes in position 2-3: unexpected end of data
# bytearray(b'a')[3] -> IndexError bytearray index out of range
# b'a'[0] = 1 -> TypeError 'bytes' object does not support item assignment
# bytearray(b'A1XY456789') 49 b'45' 10 False B 1 10 (10,) b'987654YX1A' [65, 49, 88] True True
# Existing exports of data: object cannot be re-sized
# operation forbidden on released memoryview object
# cannot modify read-only memory
# [0, 7] 4 b'\x00\x00\x00\x00\x07\x00\x00\x00' True b'zbc' 610062 b'x..'
