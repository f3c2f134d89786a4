# An exception group that nothing catches.
def fail(n):
    raise ValueError(f"number {n}")


errors = []
for n in range(3):
    try:
        fail(n)
    except ValueError as error:
        errors.append(error)
try:
    raise ExceptionGroup("inner", errors[:2])
except ExceptionGroup as group:
    inner = group
raise ExceptionGroup("outer", [inner, TypeError("naked"), errors[2]])

# === stderr
#   + Exception Group Traceback (most recent call last):
#   |   File "$DIR/lang/uncaught_group.py", line 16, in <module>
#   |     raise ExceptionGroup("outer", [inner, TypeError("naked"), errors[2]])
#   | ExceptionGroup: outer (3 sub-exceptions)
#   +-+---------------- 1 ----------------
#     | Exception Group Traceback (most recent call last):
#     |   File "$DIR/lang/uncaught_group.py", line 13, in <module>
#     |     raise ExceptionGroup("inner", errors[:2])
#     | ExceptionGroup: inner (2 sub-exceptions)
#     +-+---------------- 1 ----------------
#       | Traceback (most recent call last):
#       |   File "$DIR/lang/uncaught_group.py", line 9, in <module>
#       |     fail(n)
#       |     ~~~~^^^
#       |   File "$DIR/lang/uncaught_group.py", line 3, in fail
#       |     raise ValueError(f"number {n}")
#       | ValueError: number 0
#       +---------------- 2 ----------------
#       | Traceback (most recent call last):
#       |   File "$DIR/lang/uncaught_group.py", line 9, in <module>
#       |     fail(n)
#       |     ~~~~^^^
#       |   File "$DIR/lang/uncaught_group.py", line 3, in fail
#       |     raise ValueError(f"number {n}")
#       | ValueError: number 1
#       +------------------------------------
#     +---------------- 2 ----------------
#     | TypeError: naked
#     +---------------- 3 ----------------
#     | Traceback (most recent call last):
#     |   File "$DIR/lang/uncaught_group.py", line 9, in <module>
#     |     fail(n)
#     |     ~~~~^^^
#     |   File "$DIR/lang/uncaught_group.py", line 3, in fail
#     |     raise ValueError(f"number {n}")
#     | ValueError: number 2
#     +------------------------------------
# === exit 1
