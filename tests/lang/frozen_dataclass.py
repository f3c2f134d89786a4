# A frozen dataclass has its fields in every interpreter.
import copy
import dataclasses
import pickle

import interpreters


@dataclasses.dataclass
class Point:
    x: int
    y: int = 2
    names: list = dataclasses.field(default_factory=list)


field = dataclasses.fields(Point)[0]
print(field._field_type, field._field_type.name, type(field._field_type).__name__)
print(copy.deepcopy(field._field_type) is field._field_type, pickle.loads(pickle.dumps(field._field_type)) is field._field_type)
point = interpreters.freeze(Point(1, names=["a"]))
interp = interpreters.create()
interp.prepare_main(point=point)
interp.run("""
import dataclasses
print([f.name for f in dataclasses.fields(point)], dataclasses.asdict(point), dataclasses.astuple(point))
other = dataclasses.replace(point, x=5)
print(other, other == point, type(other) is type(point))
""")
interp.close()

# === no-peer frozen graphs are Serpens' own
# === env PYTHONUNBUFFERED=1
# === stdout
# _FIELD _FIELD _FIELD_BASE
# True True
# ['x', 'y', 'names'] {'x': 1, 'y': 2, 'names': ['a']} (1, 2, ['a'])
# Point(x=5, y=2, names=['a']) False True
