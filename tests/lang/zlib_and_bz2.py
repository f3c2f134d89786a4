"""zlib, gzip, bz2: whole and in pieces, dictionaries, limits, what follows the end, errors."""

import bz2
import gzip
import io
import zipfile
import zlib


def attempt(text):
    try:
        print(text, "->", repr(eval(text)))
    except Exception as e:
        print(text, "->", type(e).__name__ + ":", e)


data = b"".join(b"line %d of some text\n" % i for i in range(5000))
print(zlib.crc32(data), zlib.adler32(data), zlib.crc32(b"b", zlib.crc32(b"a")) == zlib.crc32(b"ab"))
for wbits in (15, -15, 31, 9):
    for level in (0, 1, 6, 9):
        packed = zlib.compress(data, level, wbits=wbits)
        assert zlib.decompress(packed, wbits=wbits) == data
print(gzip.decompress(gzip.compress(data)) == data)

c = zlib.compressobj()
packed = b"".join(c.compress(data[i : i + 1000]) for i in range(0, len(data), 1000))
early = c.copy()
packed += c.flush()
print(zlib.decompress(packed) == data, len(early.flush()) > 0)
d = zlib.decompressobj()
out = b""
rest = packed + b"after the end"
while rest and not d.eof:
    out += d.decompress(rest, 1000)
    rest = d.unconsumed_tail
print(out == data, d.eof, d.unused_data)
c = zlib.compressobj(zdict=b"line some text")
packed = c.compress(data) + c.flush()
attempt("zlib.decompress(packed)")
d = zlib.decompressobj(zdict=b"line some text")
print(d.decompress(packed) == data)

for text in (
    "zlib.decompress(b'abc')",
    "zlib.decompress(zlib.compress(b'abc')[:-1])",
    "zlib.decompress(b'')",
    "zlib.compress('abc')",
    "zlib.compress(b'a', 42)",
    "zlib.compressobj(wbits=99)",
    "zlib.decompressobj(wbits=99)",
    "zlib.decompressobj().decompress(b'abc')",
    "zlib.decompressobj().decompress(b'a', -1)",
    "zlib.decompressobj().flush(0)",
    "zlib.compressobj().flush(zlib.Z_NO_FLUSH)",
    "zlib._ZlibDecompressor().decompress(zlib.compress(b'abc') + b'x')",
    "zlib.crc32(b'abc', -1), zlib.adler32(b'abc', 2**40)",
    "bz2.decompress(b'abc')",
    "bz2.compress(b'a', 10)",
    "bz2.BZ2Compressor(0)",
):
    attempt(text)

packed = bz2.compress(data)
print(len(packed) < len(data) / 10, bz2.decompress(packed + packed) == data + data)
d = bz2.BZ2Decompressor()
out = d.decompress(packed + b"tail", 100)
while not d.eof:
    out += d.decompress(b"", 10000)
print(out == data, d.unused_data, d.needs_input)
attempt("d.decompress(b'')")

store = io.BytesIO()
with zipfile.ZipFile(store, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("a.txt", data)
    z.writestr("b.txt", b"small", zipfile.ZIP_BZIP2)
with zipfile.ZipFile(store) as z:
    print(z.namelist(), z.read("a.txt") == data, z.read("b.txt"), z.testzip())

# === stdout
# 3225177559 41025775 True
# True
# True True
# True True b'after the end'
# zlib.decompress(packed) -> error: Error 2 while decompressing data
# True
# zlib.decompress(b'abc') -> error: Error -3 while decompressing data: incorrect header check
# zlib.decompress(zlib.compress(b'abc')[:-1]) -> error: Error -5 while decompressing data: incomplete or truncated stream
# zlib.decompress(b'') -> error: Error -5 while decompressing data: incomplete or truncated stream
# zlib.compress('abc') -> TypeError: a bytes-like object is required, not 'str'
# zlib.compress(b'a', 42) -> error: Bad compression level
# zlib.compressobj(wbits=99) -> ValueError: Invalid initialization option
# zlib.decompressobj(wbits=99) -> ValueError: Invalid initialization option
# zlib.decompressobj().decompress(b'abc') -> error: Error -3 while decompressing data: incorrect header check
# zlib.decompressobj().decompress(b'a', -1) -> ValueError: max_length must be non-negative
# zlib.decompressobj().flush(0) -> ValueError: length must be greater than zero
# zlib.compressobj().flush(zlib.Z_NO_FLUSH) -> b''
# zlib._ZlibDecompressor().decompress(zlib.compress(b'abc') + b'x') -> b'abc'
# zlib.crc32(b'abc', -1), zlib.adler32(b'abc', 2**40) -> (899311407, 38404390)
# bz2.decompress(b'abc') -> OSError: Invalid data stream
# bz2.compress(b'a', 10) -> ValueError: compresslevel must be between 1 and 9
# bz2.BZ2Compressor(0) -> ValueError: compresslevel must be between 1 and 9
# True True
# True b'tail' False
# d.decompress(b'') -> EOFError: End of stream already reached
# ['a.txt', 'b.txt'] True b'small' None
