"""The compiler's symbol tables, for module symtable."""

import _trees

USE = 16
DEF_GLOBAL = 1
DEF_LOCAL = 2
DEF_PARAM = 4
DEF_NONLOCAL = 8
DEF_FREE_CLASS = 64
DEF_IMPORT = 128
DEF_ANNOT = 256
DEF_COMP_ITER = 512
DEF_TYPE_PARAM = 1024
DEF_COMP_CELL = 2048
DEF_BOUND = DEF_LOCAL | DEF_PARAM | DEF_IMPORT | DEF_TYPE_PARAM
TYPE_FUNCTION = 0
TYPE_CLASS = 1
TYPE_MODULE = 2
TYPE_ANNOTATION = 3
TYPE_TYPE_ALIAS = 4
TYPE_TYPE_PARAMETERS = 5
TYPE_TYPE_VARIABLE = 6
LOCAL = 1
GLOBAL_EXPLICIT = 2
GLOBAL_IMPLICIT = 3
FREE = 4
CELL = 5
SCOPE_OFF = 12
SCOPE_MASK = 15


class _Entry:
    """A scope."""

    def __init__(self, table):
        self.type, self.name, self.lineno, nested, self.varnames, symbols, children = table
        self.nested = int(nested)
        self.symbols = dict(symbols)
        self.children = [_Entry(child) for child in children]
        self.id = id(self)

    def __repr__(self):
        return f"<symtable entry {self.name}({self.id}), line {self.lineno}>"


def symtable(source, filename, startstr, /):
    """Return symbol and scope dictionaries used internally by compiler."""
    import os

    filename = os.fsdecode(filename)
    if startstr not in ("exec", "eval", "single"):
        raise ValueError("symtable() arg 3 must be 'exec' or 'eval' or 'single'")
    if not isinstance(source, str):
        from importlib.util import decode_source

        source = decode_source(bytes(source))
    return _Entry(_trees.symbols(source, filename, startstr))
