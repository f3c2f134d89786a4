# Data goes into another interpreter as source text, by an f-string with !r.
import interpreters

text = 'quotes: " and \' and a line\nfeed'
numbers = [1, 2.5, -3, 10**30]
table = {"a": (True, None), "b": {1, 2}, "c": b"\x00\xff"}

interp = interpreters.create()
interp.run(f"""
def describe(value):
    print(type(value).__name__, value, flush=True)

describe({text!r})
describe({numbers})
describe({table!r})
describe({interp.id})
""")
interp.close()

# === env PYTHONUNBUFFERED=1
# === stdout
# str quotes: " and ' and a line
# feed
# list [1, 2.5, -3, 1000000000000000000000000000000]
# dict {'a': (True, None), 'b': {1, 2}, 'c': b'\x00\xff'}
# int 1
