# Descriptors are plain integers that mean the same in every interpreter of the process.
import os

import interpreters

to_other, to_other_end = os.pipe()
from_other_end, from_other = os.pipe()

interp = interpreters.create()
os.write(to_other_end, b"spam and eggs")
os.close(to_other_end)
interp.run(f"""
import os
with open({to_other}, "rb") as source, open({from_other}, "wb") as sink:
    data = source.read()
    sink.write(data.upper() + b" (" + str(len(data)).encode() + b" bytes)")
""")
with open(from_other_end, "rb") as answers:
    print(answers.read())
interp.close()

# === stdout
# b'SPAM AND EGGS (13 bytes)'
