# Exceptions that cannot be raised are reported and the program goes on.
import sys


class D:
    def __del__(self):
        raise ValueError("in __del__")


d = D()
del d
print("after", flush=True)
sys.unraisablehook = lambda args: print("hook:", args.exc_type.__name__, args.exc_value)
D()
print("end")

# === stdout
# after
# hook: ValueError in __del__
# end
# === stderr
# Exception ignored while calling deallocator <function D.__del__ at 0x...>:
# Traceback (most recent call last):
#   File "$DIR/lang/uncaught_in_del.py", line 7, in __del__
#     raise ValueError("in __del__")
# ValueError: in __del__
