# An interpreter is made ahead of time and imports what it will need; later runs find it there.
import interpreters

interp = interpreters.create()
interp.run("import collections, json; ready = True")

document = '{"words": ["spam", "eggs", "spam"]}'
interp.run(f"""
assert ready
words = json.loads({document!r})["words"]
print(collections.Counter(words).most_common(), flush=True)
""")

import sys

print("imported here too:", "json" in sys.modules)
interp.close()

# === env PYTHONUNBUFFERED=1
# === stdout
# [('spam', 2), ('eggs', 1)]
# imported here too: False
