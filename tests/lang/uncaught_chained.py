# Chained exceptions: direct cause, context, and notes, printed one after the other.
def parse(text):
    try:
        return int(text)
    except ValueError as error:
        raise RuntimeError(f"cannot parse {text!r}") from error


def load():
    try:
        parse("x1")
    except RuntimeError:
        missing = {}
        missing["key"]


try:
    load()
except KeyError as error:
    error.add_note("a note")
    error.add_note("a note\nof two lines")
    raise

# === stderr
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_chained.py", line 4, in parse
#     return int(text)
# ValueError: invalid literal for int() with base 10: 'x1'
#
# The above exception was the direct cause of the following exception:
#
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_chained.py", line 11, in load
#     parse("x1")
#     ~~~~~^^^^^^
#   File "$DIR/lang/uncaught_chained.py", line 6, in parse
#     raise RuntimeError(f"cannot parse {text!r}") from error
# RuntimeError: cannot parse 'x1'
#
# During handling of the above exception, another exception occurred:
#
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_chained.py", line 18, in <module>
#     load()
#     ~~~~^^
#   File "$DIR/lang/uncaught_chained.py", line 14, in load
#     missing["key"]
#     ~~~~~~~^^^^^^^
# KeyError: 'key'
# a note
# a note
# of two lines
# === exit 1
