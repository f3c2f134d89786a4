# A validator for JSON documents: composed rules, paths in errors, references, defaults, decorators and a small query language.
import functools
import json
import operator
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Callable, Iterator

RULES: dict[str, Callable] = {}


def rule(*names, kinds=(object,)):
    def register(function):
        @functools.wraps(function)
        def guarded(schema, value, path, root):
            if isinstance(value, kinds) and not (isinstance(value, bool) and kinds == (int, float)):
                yield from function(schema, value, path, root)
        for name in names or (function.__name__.rstrip("_"),):
            RULES[name] = guarded
        return guarded
    return register


class Problem(Exception):
    def __init__(self, message, path=()):
        super().__init__(message)
        self.path = path

    @property
    def pointer(self):
        return "/" + "/".join(str(p).replace("~", "~0").replace("/", "~1") for p in self.path)

    def __str__(self):
        return f"{self.pointer}: {self.args[0]}"


KINDS = {"object": Mapping, "array": list, "string": str, "number": (int, float), "integer": int, "boolean": bool, "null": type(None)}


@rule("type")
def type_(schema, value, path, root):
    wanted = schema if isinstance(schema, list) else [schema]
    for kind in wanted:
        fits = isinstance(value, KINDS[kind])
        if isinstance(value, bool) and kind in ("number", "integer"):
            fits = False
        if kind == "integer" and isinstance(value, float) and value.is_integer():
            fits = True
        if fits:
            return
    yield Problem(f"{value!r} is not {' or '.join(wanted)}", path)


@rule(kinds=(Mapping,))
def properties(schema, value, path, root):
    for name, inner in schema.items():
        if name in value:
            yield from check(inner, value[name], (*path, name), root)


@rule(kinds=(Mapping,))
def required(schema, value, path, root):
    yield from (Problem(f"{name!r} is missing", path) for name in schema if name not in value)


@rule("additionalProperties", kinds=(Mapping,))
def additional(schema, value, path, root):
    known = root.get("properties", {}).keys() if not path else set()
    for extra in value.keys() - known:
        if schema is False:
            yield Problem(f"{extra!r} is not expected", path)


@rule(kinds=(list,))
def items(schema, value, path, root):
    for i, item in enumerate(value):
        yield from check(schema, item, (*path, i), root)


@rule("uniqueItems", kinds=(list,))
def unique(schema, value, path, root):
    seen = [json.dumps(v, sort_keys=True) for v in value]
    if schema and len(set(seen)) != len(seen):
        yield Problem("items repeat", path)


def compare(name, op, text, of=lambda v: v, kinds=(int, float)):
    @rule(name, kinds=kinds)
    def bound(schema, value, path, root):
        if not op(of(value), schema):
            yield Problem(f"{of(value)} is {text} {schema}", path)


for name, op, text in [("minimum", operator.ge, "less than"), ("maximum", operator.le, "more than"), ("exclusiveMinimum", operator.gt, "not above")]:
    compare(name, op, text)
for kind, noun in [((str,), "Length"), ((list,), "Items"), ((Mapping,), "Properties")]:
    compare(f"min{noun}", operator.ge, "shorter than", len, kind)
    compare(f"max{noun}", operator.le, "longer than", len, kind)


@rule(kinds=(str,))
def pattern(schema, value, path, root):
    if not re.search(schema, value):
        yield Problem(f"{value!r} does not match {schema!r}", path)


@rule("enum", "const")
def enum_(schema, value, path, root):
    if value not in (schema if isinstance(schema, list) else [schema]):
        yield Problem(f"{value!r} is not allowed", path)


@rule("anyOf", "oneOf")
def any_of(schema, value, path, root):
    fits = [not list(check(s, value, path, root)) for s in schema]
    if not any(fits):
        yield Problem(f"{value!r} fits none of {len(schema)} schemas", path)


@rule("not")
def not_(schema, value, path, root):
    if not list(check(schema, value, path, root)):
        yield Problem(f"{value!r} is forbidden", path)


@rule("$ref")
def ref(schema, value, path, root):
    target = functools.reduce(operator.getitem, schema.removeprefix("#/").split("/"), root)
    yield from check(target, value, path, root)


def check(schema, value, path=(), root=None) -> Iterator[Problem]:
    root = schema if root is None else root
    if schema is True or schema is False:
        if not schema:
            yield Problem("nothing is allowed here", path)
        return
    for name, argument in schema.items():
        if handler := RULES.get(name):
            yield from handler(argument, value, path, root)


def with_defaults(schema: Mapping, value: Any) -> Any:
    match schema, value:
        case {"properties": properties}, dict():
            missing = {k: s["default"] for k, s in properties.items() if "default" in s and k not in value}
            return {k: with_defaults(properties.get(k, {}), v) for k, v in {**value, **missing}.items()}
        case {"items": inner}, [*elements]:
            return [with_defaults(inner, v) for v in elements]
    return value


def query(document, expression):
    """`a.b[0].c`, `[*]` for all items, `..name` for any depth, `[?key>value]` for a filter."""
    tokens = re.findall(r"\.\.(\w+)|\.?(\w+)|\[(\d+|\*|\?[^\]]+)\]", expression)
    found = [document]
    for deep, name, index in tokens:
        if deep:
            found = [x for f in found for x in descend(f, deep)]
        elif name:
            found = [f[name] for f in found if isinstance(f, Mapping) and name in f]
        elif index == "*":
            found = [x for f in found for x in (f.values() if isinstance(f, Mapping) else f)]
        elif index.startswith("?"):
            key, op, text = re.match(r"\?(\w+)([<>=])(.+)", index).groups()
            test = {"<": operator.lt, ">": operator.gt, "=": operator.eq}[op]
            found = [x for f in found for x in f if key in x and test(x[key], json.loads(text))]
        else:
            found = [f[int(index)] for f in found if isinstance(f, Sequence) and int(index) < len(f)]
    return found


def descend(node, name):
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == name:
                yield value
            yield from descend(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from descend(value, name)


SCHEMA = json.loads(textwrap.dedent("""
    {"type": "object", "required": ["name", "parts"], "additionalProperties": false,
     "definitions": {"part": {"type": "object", "required": ["id"],
        "properties": {"id": {"type": "integer", "minimum": 1}, "parts": {"items": {"$ref": "#/definitions/part"}},
                       "size": {"default": [1, 1], "minItems": 2, "items": {"type": "number", "exclusiveMinimum": 0}}}}},
     "properties": {
        "name": {"type": "string", "pattern": "^[A-Z]", "maxLength": 8},
        "kind": {"enum": ["a", "b", null], "default": "a"},
        "parts": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"$ref": "#/definitions/part"}},
        "note/s": {"anyOf": [{"type": "null"}, {"type": ["string", "number"], "not": {"const": "secret"}}]}}}
"""))
DOCUMENTS = [
    '{"name": "Engine", "parts": [{"id": 1, "size": [2, 0.5]}, {"id": 2.0, "parts": [{"id": 3}]}], "note/s": "fine"}',
    '{"name": "engine number", "parts": [], "kind": "c", "extra": 1, "note/s": "secret"}',
    '{"parts": [{"id": 0, "size": [1]}, {"size": [0, "x"]}, {"id": true, "parts": [{"id": "deep"}]}, {"id": 0, "size": [1]}]}',
    '[1, {"2": [null]}]',
]
for text in DOCUMENTS:
    document = json.loads(text)
    problems = sorted(check(SCHEMA, document), key=lambda p: (p.pointer, p.args[0]))
    print(len(problems), *problems, sep="\n  ")
good = json.loads(DOCUMENTS[0])
print(json.dumps(with_defaults(SCHEMA, good), sort_keys=True))
for expression in ("name", "parts[0].size[1]", "parts[*].id", "..id", "parts[?id>1]", "parts[9]", "..nope", "[*]"):
    print(f"{expression:18}", json.dumps(query(good, expression)))
print(len(RULES), RULES["type"].__name__, check.__annotations__["return"] == Iterator[Problem], Problem("x", ("a/b", 0)).pointer)
for bad in ('{"a": 1,}', "[1 2]", "", '{"a": nul}', '"\\x"', "[1]]", '{1: 2}', "\ufeff{}"):
    try:
        print(json.loads(bad))
    except json.JSONDecodeError as error:
        print(type(error).__name__, error.msg, error.pos, error.lineno, error.colno)

# === stdout
# 0
# 6
#   /: 'extra' is not expected
#   /kind: 'c' is not allowed
#   /name: 'engine number' does not match '^[A-Z]'
#   /name: 13 is longer than 8
#   /note~1s: 'secret' fits none of 2 schemas
#   /parts: 0 is shorter than 1
# 11
#   /: 'name' is missing
#   /parts: items repeat
#   /parts/0/id: 0 is less than 1
#   /parts/0/size: 1 is shorter than 2
#   /parts/1: 'id' is missing
#   /parts/1/size/0: 0 is not above 0
#   /parts/1/size/1: 'x' is not number
#   /parts/2/id: True is not integer
#   /parts/2/parts/0/id: 'deep' is not integer
#   /parts/3/id: 0 is less than 1
#   /parts/3/size: 1 is shorter than 2
# 1
#   /: [1, {'2': [None]}] is not object
# {"kind": "a", "name": "Engine", "note/s": "fine", "parts": [{"id": 1, "size": [2, 0.5]}, {"id": 2.0, "parts": [{"id": 3}]}]}
# name               ["Engine"]
# parts[0].size[1]   [0.5]
# parts[*].id        [1, 2.0]
# ..id               [1, 2.0, 3]
# parts[?id>1]       [{"id": 2.0, "parts": [{"id": 3}]}]
# parts[9]           []
# ..nope             []
# [*]                ["Engine", [{"id": 1, "size": [2, 0.5]}, {"id": 2.0, "parts": [{"id": 3}]}], "fine"]
# 22 type_ True /a~1b/0
# JSONDecodeError Illegal trailing comma before end of object 7 1 8
# JSONDecodeError Expecting ',' delimiter 3 1 4
# JSONDecodeError Expecting value 0 1 1
# JSONDecodeError Expecting value 6 1 7
# JSONDecodeError Invalid \escape 1 1 2
# JSONDecodeError Extra data 3 1 4
# JSONDecodeError Expecting property name enclosed in double quotes 1 1 2
# JSONDecodeError Unexpected UTF-8 BOM (decode using utf-8-sig) 0 1 1
