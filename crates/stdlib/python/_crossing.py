"""Pickles that hold functions and classes of scripts as themselves.

A function or class that the other interpreter cannot import (of __main__, of another function, a lambda) is sent whole: its
code, defaults, closure, and the globals that it names. A class that was sent once is the same class in every later message,
also on its way back. Functions of one module that arrive share one namespace, which is not the receiver's __main__.
"""

import io
import marshal
import pickle
import sys
import types
import weakref

import _interpshare

__all__ = ["dumps", "dumps_by_name", "loads"]

# Classes that were sent or have arrived, by the name that all interpreters know them by; and the other way around.
_classes = weakref.WeakValueDictionary()
_names = weakref.WeakKeyDictionary()
# Namespaces of functions that have arrived, by where they came from.
_namespaces = {}
_origins = {}


def _own_id():
    import _interpreters
    return _interpreters.get_current()[0]


def _is_importable(obj):
    module = getattr(obj, "__module__", None)
    if module is None or module == "__main__":
        return False
    found = sys.modules.get(module)
    if found is None or module in ("<fake __main__>",):
        return False
    try:
        for name in obj.__qualname__.split("."):
            found = getattr(found, name)
    except AttributeError:
        return False
    return found is obj


def _global_names(code):
    names = set(code.co_names)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            names |= _global_names(const)
    return names


def _namespace(origin, name):
    namespace = _namespaces.get(origin)
    if namespace is None:
        namespace = _namespaces[origin] = {"__name__": name, "__builtins__": __builtins__}
        _origins[id(namespace)] = origin
    return namespace


def _origin(namespace):
    known = _origins.get(id(namespace))
    return known if known is not None else (_own_id(), id(namespace))


def _new_function(code, origin, module, name):
    code = marshal.loads(code)
    closure = tuple(types.CellType() for _ in code.co_freevars) or None
    if origin[0] == _own_id():
        namespace = _own_namespaces.get(origin[1])
    else:
        namespace = None
    if namespace is None:
        namespace = _namespace(origin, module)
    return types.FunctionType(code, namespace, name, None, closure)


# Namespaces of this interpreter from which functions were sent: they come home to them.
_own_namespaces = {}

_EMPTY = "_crossing: an empty cell"


def _fill_function(function, state):
    namespace, cells, attributes, own = state
    here = function.__globals__
    home = _own_namespaces.get(id(here)) is here
    for name, value in namespace.items():
        if home:
            here.setdefault(name, value)
        else:
            here[name] = value
    for cell, content in zip(function.__closure__ or (), cells):
        if not (isinstance(content, str) and content == _EMPTY):
            cell.cell_contents = content
    for name, value in attributes.items():
        setattr(function, name, value)
    function.__dict__.update(own)


def _new_class(name, meta, qualname, bases, module, slots):
    known = _classes.get(name)
    if known is not None:
        return known
    namespace = {"__module__": module, "__qualname__": qualname}
    if slots is not None:
        namespace["__slots__"] = slots
    made = meta(qualname.rpartition(".")[2], bases, namespace)
    _classes[name] = made
    _names[made] = name
    made_here.add(name)
    return made


# Classes that have arrived and still lack their attributes.
made_here = set()


def _fill_class(cls, attributes):
    name = _names.get(cls)
    if name not in made_here:
        return
    made_here.discard(name)
    for key, value in attributes.items():
        setattr(cls, key, value)


def _class_name(cls):
    name = _names.get(cls)
    if name is None:
        name = _names[cls] = f"{_own_id()}:{id(cls)}:{cls.__qualname__}"
        _classes[name] = cls
    return name


_NOT_SENT = {"__dict__", "__weakref__", "__module__", "__qualname__", "__slots__", "__doc__", "__firstlineno__",
             "__static_attributes__", "__annotate_func__", "__annotations_cache__"}


class _ByName(pickle._Pickler):
    # Frozen objects cross as themselves.
    persistent_id = staticmethod(_interpshare._send_frozen)


class _Pickler(_ByName):

    def reducer_override(self, obj):
        if type(obj) is types.FunctionType:
            return NotImplemented if _is_importable(obj) else self._function(obj)
        if isinstance(obj, type):
            if _is_importable(obj) or obj in _BUILTIN:
                return NotImplemented
            for name, value in vars(types).items():
                if value is obj:
                    return getattr, (types, name)
            return self._class(obj)
        if type(obj) is types.ModuleType:
            return _import, (obj.__name__,)
        if type(obj) is staticmethod or type(obj) is classmethod:
            return type(obj), (obj.__func__,)
        if type(obj) is property:
            return property, (obj.fget, obj.fset, obj.fdel, obj.__doc__)
        if type(obj) is types.MappingProxyType:
            return types.MappingProxyType, (dict(obj),)
        if type(obj).__module__ == "dataclasses":
            # Constants that are told apart by identity.
            for name, value in vars(sys.modules["dataclasses"]).items():
                if value is obj:
                    return name
        return NotImplemented

    def _function(self, f):
        code = f.__code__
        namespace = f.__globals__
        if id(namespace) not in _origins:
            _own_namespaces[id(namespace)] = namespace
        used = {name: namespace[name] for name in _global_names(code) if name in namespace and name != "__builtins__"}
        cells = []
        for cell in f.__closure__ or ():
            try:
                cells.append(cell.cell_contents)
            except ValueError:
                cells.append(_EMPTY)
        attributes = {"__defaults__": f.__defaults__, "__kwdefaults__": f.__kwdefaults__, "__qualname__": f.__qualname__,
                      "__module__": f.__module__, "__doc__": f.__doc__}
        state = (used, cells, attributes, dict(f.__dict__))
        args = (marshal.dumps(code), _origin(namespace), namespace.get("__name__", "__main__"), f.__name__)
        return _new_function, args, state, None, None, _fill_function

    def _class(self, cls):
        attributes = {}
        slots = cls.__dict__.get("__slots__")
        slot_names = {slots} if isinstance(slots, str) else set(slots or ())
        for key, value in cls.__dict__.items():
            if key in _NOT_SENT or key in slot_names or type(value) is types.GetSetDescriptorType:
                continue
            attributes[key] = value
        if cls.__doc__ is not None and "__doc__" in cls.__dict__:
            attributes["__doc__"] = cls.__doc__
        args = (_class_name(cls), type(cls), cls.__qualname__, cls.__bases__, cls.__module__, slots)
        return _new_class, args, attributes, None, None, _fill_class


_BUILTIN = {type(None), type(...), type(NotImplemented)}


def _import(name):
    import importlib
    return importlib.import_module(name)


def dumps_by_name(obj):
    """Return the pickle of an object whose classes and functions can be imported elsewhere."""
    file = io.BytesIO()
    _ByName(file).dump(obj)
    return file.getvalue()


def dumps(obj):
    """Return the pickle of an object; what cannot be imported elsewhere is in it as itself."""
    plain = None
    try:
        plain = dumps_by_name(obj)
    except Exception:
        pass
    if plain is not None and b"__main__" not in plain:
        return plain
    file = io.BytesIO()
    _Pickler(file).dump(obj)
    return file.getvalue()


def loads(data):
    """Return the object of a pickle made by dumps() or dumps_by_name()."""
    return _Unpickler(io.BytesIO(data)).load()


class _Unpickler(pickle._Unpickler):
    persistent_load = staticmethod(_interpshare._receive_frozen)
