# An exception of the program's own, with a module in its name, a broken __str__, and an odd one.
class Quiet(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class Outer:
    class Nested(Exception):
        pass


import sys

for error in Quiet(), Outer.Nested("nested"), Outer.Nested(), KeyError("k"), KeyError("a\nb"), ValueError("two\nlines"), AssertionError(), OSError(2, "No such file or directory", "x"), SystemError(None):
    sys.excepthook(type(error), error, None)
raise Outer.Nested("the last")

# === stderr
# Quiet: <exception str() failed>
# Outer.Nested: nested
# Outer.Nested
# KeyError: 'k'
# KeyError: 'a\nb'
# ValueError: two
# lines
# AssertionError
# FileNotFoundError: [Errno 2] No such file or directory: 'x'
# SystemError: None
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_custom.py", line 16, in <module>
#     raise Outer.Nested("the last")
# Outer.Nested: the last
# === exit 1
