# What is too large is MemoryError or OverflowError, and the program goes on.
for source in (
    "'a' * 10**18", "[0] * 10**18", "(0,) * 10**17", "bytes(10**18)", "bytearray(10**18)", "'a' * 10**30", "[0] * 10**30", "b'x' * 10**18", "'%1000000000000000000d' % 1", "range(10**30)[10**29]", "len(range(10**30))",
    "'x'.center(10**18)", "'x'.ljust(10**18)", "list(range(10**18))", "10**10**10**10 if False else 'skipped'", "1 << 10**18", "'a'.zfill(10**18)", "'\\t'.expandtabs(10**18)", "bytes([0]) * 10**18", "' ' * 10**17 + 'x'",
    "open('/dev/zero', 'rb').read(10**18)", "open('/dev/zero', 'rb').read1(10**18)", "open('/dev/zero', 'rb', 0).read(10**18)", "__import__('array').array('i').fromfile(open('/dev/zero', 'rb'), 10**18)",
):
    try:
        print(source, "=", eval(source))
    except (MemoryError, OverflowError) as error:
        print(source, "->", type(error).__name__)
    except Exception as error:
        print(source, "->", type(error).__name__, error)
print("alive")

# === stdout
# 'a' * 10**18 -> MemoryError
# [0] * 10**18 -> MemoryError
# (0,) * 10**17 -> MemoryError
# bytes(10**18) -> MemoryError
# bytearray(10**18) -> MemoryError
# 'a' * 10**30 -> OverflowError
# [0] * 10**30 -> OverflowError
# b'x' * 10**18 -> MemoryError
# '%1000000000000000000d' % 1 -> MemoryError
# range(10**30)[10**29] = 100000000000000000000000000000
# len(range(10**30)) -> OverflowError
# 'x'.center(10**18) -> MemoryError
# 'x'.ljust(10**18) -> MemoryError
# list(range(10**18)) -> MemoryError
# 10**10**10**10 if False else 'skipped' = skipped
# 1 << 10**18 -> MemoryError
# 'a'.zfill(10**18) -> MemoryError
# '\t'.expandtabs(10**18) -> OverflowError
# bytes([0]) * 10**18 -> MemoryError
# ' ' * 10**17 + 'x' -> MemoryError
# open('/dev/zero', 'rb').read(10**18) -> MemoryError
# open('/dev/zero', 'rb').read1(10**18) -> MemoryError
# open('/dev/zero', 'rb', 0).read(10**18) -> MemoryError
# __import__('array').array('i').fromfile(open('/dev/zero', 'rb'), 10**18) -> MemoryError
# alive
