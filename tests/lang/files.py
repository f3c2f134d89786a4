# Files: modes, lines, seek, encodings, errors, os calls.
import os
import tempfile

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "file.txt")
    with open(path, "w") as f:
        print(f.write("line 1\nline é2\n"), f.writable(), f.readable(), f.closed, f.mode)
        print("printed", 3, file=f)
        f.writelines(["a\n", "b"])
    print(f.closed, os.path.exists(path), os.path.getsize(path))
    with open(path) as f:
        print(f.readline(), f.readlines(), f.read() == "")
        f.seek(0)
        print([line.rstrip() for line in f], f.tell())
    with open(path, "a+") as f:
        f.write("!")
        f.seek(0)
        print(len(f.read()))
    with open(path, "rb") as f:
        print(f.read(4), f.seek(-2, 2), f.read(), f.tell())
    with open(path, "r+b") as f:
        f.write(b"LINE")
        f.truncate(6)
    print(open(path).read(), os.stat(path).st_size)
    with open(path, "w", newline="") as f:
        f.write("a\r\nb\rc\n")
    print(repr(open(path).read()), repr(open(path, newline="").read()), list(open(path, newline="")))
    with open(path, "wb") as f:
        f.write(b"\xff\xfe")
    try:
        open(path, encoding="utf-8").read()
    except UnicodeDecodeError as error:
        print(error)
    print(repr(open(path, encoding="latin-1").read()), repr(open(path, encoding="utf-8", errors="replace").read()))
    os.mkdir(os.path.join(folder, "sub"))
    os.rename(path, os.path.join(folder, "sub", "moved"))
    print(sorted(os.listdir(folder)), [(sorted(d), f) for _, d, f in os.walk(folder)], os.path.isdir(os.path.join(folder, "sub")))
    for what in (lambda: open(path), lambda: os.remove(path), lambda: os.mkdir(folder), lambda: os.listdir(path), lambda: open(folder), lambda: os.rmdir(folder), lambda: open(path, "zz"), lambda: open(path, "rb", encoding="x")):
        try:
            what()
        except (OSError, ValueError) as error:
            print(type(error).__name__, str(error).replace(folder, "$TMP"))
    f = open(os.path.join(folder, "x"), "w")
    f.close()
    try:
        f.write("y")
    except ValueError as error:
        print(error)
    import pathlib

    p = pathlib.Path(folder) / "p.txt"
    p.write_text("path")
    print(p.read_text(), p.name, p.suffix, p.exists(), [q.name for q in sorted(pathlib.Path(folder).iterdir())])
r, w = os.pipe()
os.write(w, b"through a pipe")
os.close(w)
print(os.read(r, 100), os.read(r, 1))
os.close(r)
print(os.getcwd() == os.path.abspath("."), os.environ.get("NO_SUCH_VARIABLE", "default"), os.sep, os.name, os.getpid() > 0)

# === stdout
# 15 True False False w
# True True 29
# line 1
#  ['line é2\n', 'printed 3\n', 'a\n', 'b'] True
# ['line 1', 'line é2', 'printed 3', 'a', 'b'] 29
# 29
# b'line' 28 b'b!' 30
# LINE 1 6
# 'a\nb\nc\n' 'a\r\nb\rc\n' ['a\r\n', 'b\r', 'c\n']
# 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte
# 'ÿþ' '��'
# ['sub'] [(['sub'], []), ([], ['moved'])] True
# FileNotFoundError [Errno 2] No such file or directory: '$TMP/file.txt'
# FileNotFoundError [Errno 2] No such file or directory: '$TMP/file.txt'
# FileExistsError [Errno 17] File exists: '$TMP'
# FileNotFoundError [Errno 2] No such file or directory: '$TMP/file.txt'
# IsADirectoryError [Errno 21] Is a directory: '$TMP'
# OSError [Errno 39] Directory not empty: '$TMP'
# ValueError invalid mode: 'zz'
# ValueError binary mode doesn't take an encoding argument
# I/O operation on closed file.
# path p.txt .txt True ['p.txt', 'sub', 'x']
# b'through a pipe' b''
# True default / posix True
