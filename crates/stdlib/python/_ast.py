"""Node classes of abstract syntax trees, from the grammar of Python 3.14.

Building trees by hand works; compile() with PyCF_ONLY_AST raises NotImplementedError.
"""

PyCF_ONLY_AST = 0x400
PyCF_TYPE_COMMENTS = 0x1000
PyCF_ALLOW_TOP_LEVEL_AWAIT = 0x2000
PyCF_OPTIMIZED_AST = 0x8400


class AST:
    _fields = ()
    _attributes = ()
    _field_types = {}
    __match_args__ = ()

    def __init__(self, *args, **kwargs):
        fields = self._fields
        if len(args) > len(fields):
            plural = "" if len(fields) == 1 else "s"
            raise TypeError(
                f"{type(self).__name__} constructor takes at most {len(fields)} positional argument{plural}"
            )
        for name, value in zip(fields, args):
            if name in kwargs:
                raise TypeError(f"{type(self).__name__} got multiple values for argument {name!r}")
            setattr(self, name, value)
        for name, value in kwargs.items():
            if name not in fields and name not in self._attributes:
                raise TypeError(f"{type(self).__name__}.__init__ got an unexpected keyword argument {name!r}")
            setattr(self, name, value)
        for name in fields[len(args):]:
            if name in kwargs or name in self._optional:
                continue
            if name in self._lists:
                setattr(self, name, [])
            elif name == "ctx":
                self.ctx = Load()

    _optional = frozenset()
    _lists = frozenset()

    def __reduce__(self):
        return type(self), (), self.__dict__.copy()

    def __repr__(self):
        inner = ", ".join(f"{name}={getattr(self, name, None)!r}" for name in self._fields)
        return f"{type(self).__name__}({inner})"

    def __replace__(self, **changes):
        values = {**self.__dict__, **changes}
        return type(self)(**values)


AST.__module__ = "ast"

_POSITION = ("lineno", "col_offset", "end_lineno", "end_col_offset")

# base: node(field field? field*) ...; "?" optional, "*" list. A "+" after the base: nodes have positions.
_GRAMMAR = """
mod : Module(body* type_ignores*) Interactive(body*) Expression(body) FunctionType(argtypes* returns)
stmt + : FunctionDef(name args body* decorator_list* returns? type_comment? type_params*)
 AsyncFunctionDef(name args body* decorator_list* returns? type_comment? type_params*)
 ClassDef(name bases* keywords* body* decorator_list* type_params*) Return(value?) Delete(targets*)
 Assign(targets* value type_comment?) TypeAlias(name type_params* value) AugAssign(target op value)
 AnnAssign(target annotation value? simple) For(target iter body* orelse* type_comment?)
 AsyncFor(target iter body* orelse* type_comment?) While(test body* orelse*) If(test body* orelse*)
 With(items* body* type_comment?) AsyncWith(items* body* type_comment?) Match(subject cases*) Raise(exc? cause?)
 Try(body* handlers* orelse* finalbody*) TryStar(body* handlers* orelse* finalbody*) Assert(test msg?) Import(names*)
 ImportFrom(module? names* level?) Global(names*) Nonlocal(names*) Expr(value) Pass() Break() Continue()
expr + : BoolOp(op values*) NamedExpr(target value) BinOp(left op right) UnaryOp(op operand) Lambda(args body)
 IfExp(test body orelse) Dict(keys* values*) Set(elts*) ListComp(elt generators*) SetComp(elt generators*)
 DictComp(key value generators*) GeneratorExp(elt generators*) Await(value) Yield(value?) YieldFrom(value)
 Compare(left ops* comparators*) Call(func args* keywords*) FormattedValue(value conversion format_spec?)
 Interpolation(value str conversion format_spec?) JoinedStr(values*) TemplateStr(values*) Constant(value kind?)
 Attribute(value attr ctx) Subscript(value slice ctx) Starred(value ctx) Name(id ctx) List(elts* ctx)
 Tuple(elts* ctx) Slice(lower? upper? step?)
expr_context : Load() Store() Del()
boolop : And() Or()
operator : Add() Sub() Mult() MatMult() Div() Mod() Pow() LShift() RShift() BitOr() BitXor() BitAnd() FloorDiv()
unaryop : Invert() Not() UAdd() USub()
cmpop : Eq() NotEq() Lt() LtE() Gt() GtE() Is() IsNot() In() NotIn()
excepthandler + : ExceptHandler(type? name? body*)
pattern + : MatchValue(value) MatchSingleton(value) MatchSequence(patterns*) MatchMapping(keys* patterns* rest?)
 MatchClass(cls patterns* kwd_attrs* kwd_patterns*) MatchStar(name?) MatchAs(pattern? name?) MatchOr(patterns*)
type_ignore : TypeIgnore(lineno tag)
type_param + : TypeVar(name bound? default_value?) ParamSpec(name default_value?) TypeVarTuple(name default_value?)
"""

_SINGLE = """
comprehension(target iter ifs* is_async) arguments(posonlyargs* args* vararg? kwonlyargs* kw_defaults* kwarg? defaults*)
arg+(arg annotation? type_comment?) keyword+(arg? value) alias+(name asname?) withitem(context_expr optional_vars?)
match_case(pattern guard? body*)
"""


def _make(name, base, fields, positions):
    words = fields.split()
    plain = tuple(word.rstrip("?*") for word in words)
    optional = frozenset(word[:-1] for word in words if word[-1] == "?")
    namespace = {
        "_fields": plain,
        "__match_args__": plain,
        "_optional": optional,
        "_lists": frozenset(word[:-1] for word in words if word[-1] == "*"),
        "__module__": "ast",
    }
    namespace.update(dict.fromkeys(optional))
    if positions:
        namespace["_attributes"] = _POSITION
        namespace["end_lineno"] = namespace["end_col_offset"] = None
    return type(name, (base,), namespace)


def _build():
    made = {}
    lines = _GRAMMAR.strip().replace("\n ", " ").split("\n")
    for line in lines:
        head, _, nodes = line.partition(" : ")
        name, _, plus = head.strip().partition(" ")
        base = made[name] = _make(name, AST, "", bool(plus))
        for node in nodes.split(")")[:-1]:
            node, _, fields = node.strip().partition("(")
            made[node] = _make(node, base, fields, False)
    for node in _SINGLE.replace("\n", " ").split(")")[:-1]:
        node, _, fields = node.strip().partition("(")
        made[node.rstrip("+")] = _make(node.rstrip("+"), AST, fields, node.endswith("+"))
    return made


globals().update(_build())
