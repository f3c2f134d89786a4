"""The classes of syntax trees, from the compiler's own table of them."""

import _trees

PyCF_ONLY_AST = 0x400
PyCF_TYPE_COMMENTS = 0x1000
PyCF_ALLOW_TOP_LEVEL_AWAIT = 0x2000
PyCF_OPTIMIZED_AST = 0x8400


def _plural(items):
    return "" if len(items) == 1 else "s"


def _deprecated(message):
    import warnings

    warnings.warn(message, DeprecationWarning, stacklevel=3)


class AST:
    _fields = ()
    _attributes = ()
    _field_types = {}
    __match_args__ = ()

    def __init__(self, *args, **kwargs):
        cls = type(self)
        name = cls.__name__
        fields = cls._fields
        if len(args) > len(fields):
            raise TypeError(f"{name} constructor takes at most {len(fields)} positional argument{_plural(fields)}")
        missing = list(fields)
        for field, value in zip(fields, args):
            setattr(self, field, value)
            missing.remove(field)
        for field, value in kwargs.items():
            if field in fields:
                if field not in missing:
                    raise TypeError(f"{name} got multiple values for argument {field!r}")
                missing.remove(field)
            elif field not in cls._attributes:
                _deprecated(
                    f"{name}.__init__ got an unexpected keyword argument {field!r}. "
                    "Support for arbitrary keyword arguments is deprecated and will be removed in Python 3.15."
                )
            setattr(self, field, value)
        if missing:
            self._fill(missing)

    def _fill(self, missing):
        cls = type(self)
        for field in missing:
            kind = cls._field_types.get(field)
            if kind is None:
                _deprecated(
                    f"Field {field!r} is missing from {cls.__name__}._field_types. "
                    "This will become an error in Python 3.15."
                )
            elif isinstance(kind, _Union):
                pass
            elif isinstance(kind, _Alias):
                setattr(self, field, [])
            elif kind is expr_context:
                setattr(self, field, Load())
            else:
                _deprecated(
                    f"{cls.__name__}.__init__ missing 1 required positional argument: {field!r}. "
                    "This will become an error in Python 3.15."
                )

    def __reduce_ex__(self, protocol):
        state = dict(self.__dict__)
        args = []
        for field in self._fields:
            if field not in state:
                break
            args.append(state.pop(field))
        return type(self), tuple(args), state

    def __setstate__(self, state):
        if state:
            for name, value in state.items():
                setattr(self, name, value)

    def __repr__(self):
        return _shown(self, 3)

    def __replace__(self, /, **changes):
        cls = type(self)
        known = set(cls._fields) | set(cls._attributes)
        state = dict(self.__dict__)
        for name in changes:
            if name not in known and name not in state:
                raise TypeError(f"{cls.__name__}.__replace__ got an unexpected keyword argument {name!r}.")
        missing = []
        for field in cls._fields:
            if field not in state and field not in changes and not isinstance(cls._field_types.get(field), _Union):
                missing.append(field)
        if missing:
            shown = ", ".join(map(repr, sorted(missing)))
            raise TypeError(
                f"{cls.__name__}.__replace__ missing {len(missing)} keyword argument{_plural(missing)}: {shown}."
            )
        state.update(changes)
        return cls(**state)


AST.__module__ = "ast"
_Union = type(int | None)
_Alias = type(list[int])


def _shown(value, depth):
    if isinstance(value, AST):
        name = type(value).__name__
        if depth <= 0:
            return f"{name}(...)"
        parts = [f"{field}={_shown_field(getattr(value, field, None), depth)}" for field in value._fields]
        return f"{name}({', '.join(parts)})"
    return repr(value)


def _shown_field(value, depth):
    if isinstance(value, AST):
        return _shown(value, depth - 1)
    if isinstance(value, (list, tuple)):
        items = list(value)
        ends = items if len(items) <= 2 else [items[0], items[-1]]
        parts = [_shown(item, depth - 1) for item in ends]
        if len(items) > 2:
            parts.insert(1, "...")
        opening, closing = "[]" if isinstance(value, list) else "()"
        return opening + ", ".join(parts) + closing
    return repr(value)


_PLACE = ("lineno", "col_offset", "end_lineno", "end_col_offset")
_PLAIN = {"identifier": str, "string": str, "int": int, "constant": object}


def _type(kind, made):
    stem = kind.rstrip("?*")
    cls = _PLAIN.get(stem) or made[stem]
    if kind.endswith("*"):
        return list[cls]
    return cls | None if kind.endswith("?") else cls


def _build():
    made, kinds_of, types = {}, {}, {}
    for name, base, names, missing, kinds, doc, mark in _trees.CLASSES:
        namespace = {"_fields": names, "__match_args__": names, "__module__": "ast", "__doc__": doc}
        for field in missing:
            namespace[field] = None
        if mark:
            # Nodes of a class have positions; whether the ends are known always is what its mark says.
            namespace["_attributes"] = _PLACE
            if mark == "@":
                namespace["end_lineno"] = namespace["end_col_offset"] = None
        made[name] = type(name, (made[base] if base else AST,), namespace)
        kinds_of[name] = names, kinds
    for name, (names, kinds) in kinds_of.items():
        for kind in kinds:
            if kind not in types:
                types[kind] = _type(kind, made)
        made[name]._field_types = {field: types[kind] for field, kind in zip(names, kinds)}
    return made


globals().update(_build())
