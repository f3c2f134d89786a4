# SystemExit in its forms: through atexit, finally, and with a message.
import atexit
import sys

atexit.register(print, "atexit ran")
try:
    sys.exit(3)
except SystemExit as error:
    print(repr(error.code))
try:
    sys.exit("a message on standard error")
finally:
    print("finally")

# === stdout
# 3
# finally
# atexit ran
# === stderr
# a message on standard error
# === exit 1
