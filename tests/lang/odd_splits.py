# What the split() of a group returns need not be exceptions: that is an error where it is used, not where it is reported.
class G(ExceptionGroup):
    def split(self, types):
        return None, 5
class H(ExceptionGroup):
    def split(self, types):
        return 7, None
for C in (G, H):
    try:
        try:
            raise C("g", [ValueError(1)])
        except* TypeError as e:
            print("caught", e)
    except BaseException as e:
        print(type(e).__name__, e)
    else:
        print("nothing")

# === no-peer CPython takes it for an exception until it is printed
# === stdout
# TypeError G.split must return exception groups or None
# TypeError H.split must return exception groups or None
