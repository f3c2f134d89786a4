# Runaway recursion ends in RecursionError, and the traceback folds the repeated lines.
def f(n):
    return f(n + 1)


f(0)

# === stderr
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_recursion.py", line 6, in <module>
#     f(0)
#     ~^^^
#   File "$DIR/lang/uncaught_recursion.py", line 3, in f
#     return f(n + 1)
#   File "$DIR/lang/uncaught_recursion.py", line 3, in f
#     return f(n + 1)
#   File "$DIR/lang/uncaught_recursion.py", line 3, in f
#     return f(n + 1)
#   [Previous line repeated 996 more times]
# RecursionError: maximum recursion depth exceeded
# === exit 1
