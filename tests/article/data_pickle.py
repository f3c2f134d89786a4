# Objects cross as bytes, by pickle; each side has its own.
import os
import pickle

import interpreters

order = {"id": 7, "lines": [("spam", 2), ("eggs", 12)], "total": 14.5, "tags": {"new"}}

interp = interpreters.create()
interp.run("import os, pickle")
reader, writer = os.pipe()
interp.run(f"""
order = pickle.loads({pickle.dumps(order)!r})
order["lines"].append(("ham", 1))
order["total"] += 3
os.write({writer}, pickle.dumps(order))
os.close({writer})
""")
with open(reader, "rb") as answers:
    changed = pickle.load(answers)
print(changed)
print(order)
interp.close()

# === stdout
# {'id': 7, 'lines': [('spam', 2), ('eggs', 12), ('ham', 1)], 'total': 17.5, 'tags': {'new'}}
# {'id': 7, 'lines': [('spam', 2), ('eggs', 12)], 'total': 14.5, 'tags': {'new'}}
