# An exception that nothing catches in an interpreter ends its run, and is told to the caller; the interpreter lives on.
import interpreters

interp = interpreters.create()
try:
    interp.run("""
def divide(a, b):
    return a / b

divide(1, 0)
""")
except interpreters.ExecutionFailed as error:
    print(type(error).__name__)
    print(error.excinfo.type.__name__, "|", error.excinfo.msg, "|", error.excinfo.formatted)
    print(error)

try:
    interp.run("raise SystemExit(3)")
except interpreters.ExecutionFailed as error:
    print(error.excinfo.formatted)

try:
    interp.run("this is no Python")
except SyntaxError as error:
    print(error)

interp.run("print('still alive:', divide(8, 2), flush=True)")
interp.close()

# === env PYTHONUNBUFFERED=1
# === stdout
# ExecutionFailed
# ZeroDivisionError | division by zero | ZeroDivisionError: division by zero
# ZeroDivisionError: division by zero
#
# Uncaught in the interpreter:
#
# Traceback (most recent call last):
#   File "<script>", line 5, in <module>
#   File "<script>", line 3, in divide
# ZeroDivisionError: division by zero
# SystemExit: 3
# invalid syntax (<script>, line 1)
# still alive: 4.0
