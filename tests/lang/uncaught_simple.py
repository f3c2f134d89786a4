# An uncaught exception: the traceback with carets, on standard error, exit code 1.
def inner(items):
    return items[0] + items["key"].value


def outer(n):
    if n:
        return outer(n - 1)
    return inner([1, 2])


print("before")
outer(2)
print("never")

# === stdout
# before
# === stderr
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_simple.py", line 13, in <module>
#     outer(2)
#     ~~~~~^^^
#   File "$DIR/lang/uncaught_simple.py", line 8, in outer
#     return outer(n - 1)
#   File "$DIR/lang/uncaught_simple.py", line 8, in outer
#     return outer(n - 1)
#   File "$DIR/lang/uncaught_simple.py", line 9, in outer
#     return inner([1, 2])
#   File "$DIR/lang/uncaught_simple.py", line 3, in inner
#     return items[0] + items["key"].value
#                       ~~~~~^^^^^^^
# TypeError: list indices must be integers or slices, not str
# === exit 1
