"""importlib._bootstrap, under the name that it has in CPython until importlib is imported.

The finders, loaders and specs of imports are native here: they stand in it in place of those in Python.
"""

import _imp
import sys

exec(__loader__.get_code("importlib._bootstrap"), globals())
BuiltinImporter = sys.__loader__
FrozenImporter = type(__loader__)
ModuleSpec = type(__spec__)
_setup(sys, _imp)
