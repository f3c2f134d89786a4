# Syntax trees: parsing, positions, building, validation, compiling trees, unparse, literal_eval.
import ast

SOURCE = '''\
@decorate
def f(a, /, b: int = 1, *args, c, d=2, **kw) -> str:
    "doc"
    global g
    if a < b <= c:
        return f"{a!r:>{b}} {c=}" if d else (a, *args)
    elif not b:
        x = y = lambda z, *, w=0: z ** -w
    else:
        del kw["é"], x.y[1:2, ...]
    for i, (j, k) in enumerate(args):
        with open(j) as h, k: pass
    try:
        raise ValueError from None
    except (A, B) as e:
        assert e, "why"
    finally:
        x += await_ @ 2
class C[T: int, *Ts, **P](Base, metaclass=M):
    y: list[int] = [v for v in w if v async_]
'''.replace(" async_", " and 1")
tree = ast.parse(SOURCE)
print(ast.dump(tree, include_attributes=True))
print(ast.unparse(tree))
print(ast.dump(ast.parse("match x:\n case {'a': [1, *_], **r} | C(b=-1j): pass\n case A.B as n if n: pass"), indent=1))
print(ast.dump(ast.parse("t'{a+1!s:x}' b", mode="eval") if 0 else ast.parse("t'{a + 1!s:x}'", mode="eval")))
print(ast.dump(ast.parse("(int, *str, **dict) -> float", mode="func_type")))
print(ast.dump(ast.parse("a; b", mode="single")))


class Doubler(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant(node.value * 2), node)


made = ast.fix_missing_locations(Doubler().visit(ast.parse("print(1 + 20, 'ab', b'c', 1.5, (3, 4))")))
exec(compile(made, "<made>", "exec"))
fun = ast.FunctionDef("g", ast.parse("lambda n, m=(1, 2): 0", mode="eval").body.args,
                      ast.parse("if n:\n  return [n * k for k in m]\nreturn f'{n=}'").body, [], type_params=[])
module = ast.fix_missing_locations(ast.Module([fun], []))
exec(compile(module, "<made>", "exec"))
print(g(3), g(0))
print(eval(compile(ast.Expression(ast.Constant(("x", frozenset([1]), -7, 1 << 90, "\ud800"), lineno=1, col_offset=0)), "m", "eval")))
try:
    exec(compile(ast.parse("\n\nx = 1 +\\\n undefined_name"), "<made>", "exec"))
except NameError as e:
    print(e, e.__traceback__.tb_next.tb_lineno)

for bad in (
    ast.Module([ast.Expr(ast.Name("x", ast.Store()))], []),
    ast.Module([ast.Pass()], []),
    ast.Module([ast.If(ast.Constant(1), [], [])], []),
    ast.Expression(ast.BoolOp(ast.And(), [ast.Constant(1)])),
    ast.Module([ast.Return(3)], []),
    ast.Module([ast.Expr(ast.Name("None", ast.Load()))], []),
    ast.Module([ast.Expr(ast.Constant([]))], []),
    ast.Module([ast.Expr(ast.Dict([ast.Constant(1)], []))], []),
    ast.Interactive([]),
):
    if not isinstance(bad, ast.Interactive) and not (isinstance(bad, ast.Module) and isinstance(bad.body[0], ast.Pass)):
        ast.fix_missing_locations(bad)
    try:
        compile(bad, "<bad>", "eval" if isinstance(bad, ast.Expression) else "exec")
        print("compiled")
    except (TypeError, ValueError, SyntaxError) as e:
        print(type(e).__name__, str(e).split(", but got")[0])

print(ast.literal_eval("{'a': [1, 2.5, -3j, b'x', (None, True)], 'b': {1, 2} }"))
try:
    ast.literal_eval("f()")
except ValueError as e:
    print(str(e)[:30])
print(repr(ast.parse("a(b, c, d)").body[0]), ast.Return.__doc__, ast.Return._field_types)
print([type(n).__name__ for n in ast.walk(ast.parse("a[b] = -c"))])

# === stdout
# Module(body=[FunctionDef(name='f', args=arguments(posonlyargs=[arg(arg='a', lineno=2, col_offset=6, end_lineno=2, end_col_offset=7)], args=[arg(arg='b', annotation=Name(id='int', ctx=Load(), lineno=2, col_offset=15, end_lineno=2, end_col_offset=18), lineno=2, col_offset=12, end_lineno=2, end_col_offset=18)], vararg=arg(arg='args', lineno=2, col_offset=25, end_lineno=2, end_col_offset=29), kwonlyargs=[arg(arg='c', lineno=2, col_offset=31, end_lineno=2, end_col_offset=32), arg(arg='d', lineno=2, col_offset=34, end_lineno=2, end_col_offset=35)], kw_defaults=[None, Constant(value=2, lineno=2, col_offset=36, end_lineno=2, end_col_offset=37)], kwarg=arg(arg='kw', lineno=2, col_offset=41, end_lineno=2, end_col_offset=43), defaults=[Constant(value=1, lineno=2, col_offset=21, end_lineno=2, end_col_offset=22)]), body=[Expr(value=Constant(value='doc', lineno=3, col_offset=4, end_lineno=3, end_col_offset=9), lineno=3, col_offset=4, end_lineno=3, end_col_offset=9), Global(names=['g'], lineno=4, col_offset=4, end_lineno=4, end_col_offset=12), If(test=Compare(left=Name(id='a', ctx=Load(), lineno=5, col_offset=7, end_lineno=5, end_col_offset=8), ops=[Lt(), LtE()], comparators=[Name(id='b', ctx=Load(), lineno=5, col_offset=11, end_lineno=5, end_col_offset=12), Name(id='c', ctx=Load(), lineno=5, col_offset=16, end_lineno=5, end_col_offset=17)], lineno=5, col_offset=7, end_lineno=5, end_col_offset=17), body=[Return(value=IfExp(test=Name(id='d', ctx=Load(), lineno=6, col_offset=37, end_lineno=6, end_col_offset=38), body=JoinedStr(values=[FormattedValue(value=Name(id='a', ctx=Load(), lineno=6, col_offset=18, end_lineno=6, end_col_offset=19), conversion=114, format_spec=JoinedStr(values=[Constant(value='>', lineno=6, col_offset=22, end_lineno=6, end_col_offset=23), FormattedValue(value=Name(id='b', ctx=Load(), lineno=6, col_offset=24, end_lineno=6, end_col_offset=25), conversion=-1, lineno=6, col_offset=23, end_lineno=6, end_col_offset=26)], lineno=6, col_offset=21, end_lineno=6, end_col_offset=26), lineno=6, col_offset=17, end_lineno=6, end_col_offset=27), Constant(value=' c=', lineno=6, col_offset=27, end_lineno=6, end_col_offset=31), FormattedValue(value=Name(id='c', ctx=Load(), lineno=6, col_offset=29, end_lineno=6, end_col_offset=30), conversion=114, lineno=6, col_offset=28, end_lineno=6, end_col_offset=32)], lineno=6, col_offset=15, end_lineno=6, end_col_offset=33), orelse=Tuple(elts=[Name(id='a', ctx=Load(), lineno=6, col_offset=45, end_lineno=6, end_col_offset=46), Starred(value=Name(id='args', ctx=Load(), lineno=6, col_offset=49, end_lineno=6, end_col_offset=53), ctx=Load(), lineno=6, col_offset=48, end_lineno=6, end_col_offset=53)], ctx=Load(), lineno=6, col_offset=44, end_lineno=6, end_col_offset=54), lineno=6, col_offset=15, end_lineno=6, end_col_offset=54), lineno=6, col_offset=8, end_lineno=6, end_col_offset=54)], orelse=[If(test=UnaryOp(op=Not(), operand=Name(id='b', ctx=Load(), lineno=7, col_offset=13, end_lineno=7, end_col_offset=14), lineno=7, col_offset=9, end_lineno=7, end_col_offset=14), body=[Assign(targets=[Name(id='x', ctx=Store(), lineno=8, col_offset=8, end_lineno=8, end_col_offset=9), Name(id='y', ctx=Store(), lineno=8, col_offset=12, end_lineno=8, end_col_offset=13)], value=Lambda(args=arguments(args=[arg(arg='z', lineno=8, col_offset=23, end_lineno=8, end_col_offset=24)], kwonlyargs=[arg(arg='w', lineno=8, col_offset=29, end_lineno=8, end_col_offset=30)], kw_defaults=[Constant(value=0, lineno=8, col_offset=31, end_lineno=8, end_col_offset=32)]), body=BinOp(left=Name(id='z', ctx=Load(), lineno=8, col_offset=34, end_lineno=8, end_col_offset=35), op=Pow(), right=UnaryOp(op=USub(), operand=Name(id='w', ctx=Load(), lineno=8, col_offset=40, end_lineno=8, end_col_offset=41), lineno=8, col_offset=39, end_lineno=8, end_col_offset=41), lineno=8, col_offset=34, end_lineno=8, end_col_offset=41), lineno=8, col_offset=16, end_lineno=8, end_col_offset=41), lineno=8, col_offset=8, end_lineno=8, end_col_offset=41)], orelse=[Delete(targets=[Subscript(value=Name(id='kw', ctx=Load(), lineno=10, col_offset=12, end_lineno=10, end_col_offset=14), slice=Constant(value='é', lineno=10, col_offset=15, end_lineno=10, end_col_offset=19), ctx=Del(), lineno=10, col_offset=12, end_lineno=10, end_col_offset=20), Subscript(value=Attribute(value=Name(id='x', ctx=Load(), lineno=10, col_offset=22, end_lineno=10, end_col_offset=23), attr='y', ctx=Load(), lineno=10, col_offset=22, end_lineno=10, end_col_offset=25), slice=Tuple(elts=[Slice(lower=Constant(value=1, lineno=10, col_offset=26, end_lineno=10, end_col_offset=27), upper=Constant(value=2, lineno=10, col_offset=28, end_lineno=10, end_col_offset=29), lineno=10, col_offset=26, end_lineno=10, end_col_offset=29), Constant(value=Ellipsis, lineno=10, col_offset=31, end_lineno=10, end_col_offset=34)], ctx=Load(), lineno=10, col_offset=26, end_lineno=10, end_col_offset=34), ctx=Del(), lineno=10, col_offset=22, end_lineno=10, end_col_offset=35)], lineno=10, col_offset=8, end_lineno=10, end_col_offset=35)], lineno=7, col_offset=4, end_lineno=10, end_col_offset=35)], lineno=5, col_offset=4, end_lineno=10, end_col_offset=35), For(target=Tuple(elts=[Name(id='i', ctx=Store(), lineno=11, col_offset=8, end_lineno=11, end_col_offset=9), Tuple(elts=[Name(id='j', ctx=Store(), lineno=11, col_offset=12, end_lineno=11, end_col_offset=13), Name(id='k', ctx=Store(), lineno=11, col_offset=15, end_lineno=11, end_col_offset=16)], ctx=Store(), lineno=11, col_offset=11, end_lineno=11, end_col_offset=17)], ctx=Store(), lineno=11, col_offset=8, end_lineno=11, end_col_offset=17), iter=Call(func=Name(id='enumerate', ctx=Load(), lineno=11, col_offset=21, end_lineno=11, end_col_offset=30), args=[Name(id='args', ctx=Load(), lineno=11, col_offset=31, end_lineno=11, end_col_offset=35)], lineno=11, col_offset=21, end_lineno=11, end_col_offset=36), body=[With(items=[withitem(context_expr=Call(func=Name(id='open', ctx=Load(), lineno=12, col_offset=13, end_lineno=12, end_col_offset=17), args=[Name(id='j', ctx=Load(), lineno=12, col_offset=18, end_lineno=12, end_col_offset=19)], lineno=12, col_offset=13, end_lineno=12, end_col_offset=20), optional_vars=Name(id='h', ctx=Store(), lineno=12, col_offset=24, end_lineno=12, end_col_offset=25)), withitem(context_expr=Name(id='k', ctx=Load(), lineno=12, col_offset=27, end_lineno=12, end_col_offset=28))], body=[Pass(lineno=12, col_offset=30, end_lineno=12, end_col_offset=34)], lineno=12, col_offset=8, end_lineno=12, end_col_offset=34)], lineno=11, col_offset=4, end_lineno=12, end_col_offset=34), Try(body=[Raise(exc=Name(id='ValueError', ctx=Load(), lineno=14, col_offset=14, end_lineno=14, end_col_offset=24), cause=Constant(value=None, lineno=14, col_offset=30, end_lineno=14, end_col_offset=34), lineno=14, col_offset=8, end_lineno=14, end_col_offset=34)], handlers=[ExceptHandler(type=Tuple(elts=[Name(id='A', ctx=Load(), lineno=15, col_offset=12, end_lineno=15, end_col_offset=13), Name(id='B', ctx=Load(), lineno=15, col_offset=15, end_lineno=15, end_col_offset=16)], ctx=Load(), lineno=15, col_offset=11, end_lineno=15, end_col_offset=17), name='e', body=[Assert(test=Name(id='e', ctx=Load(), lineno=16, col_offset=15, end_lineno=16, end_col_offset=16), msg=Constant(value='why', lineno=16, col_offset=18, end_lineno=16, end_col_offset=23), lineno=16, col_offset=8, end_lineno=16, end_col_offset=23)], lineno=15, col_offset=4, end_lineno=16, end_col_offset=23)], finalbody=[AugAssign(target=Name(id='x', ctx=Store(), lineno=18, col_offset=8, end_lineno=18, end_col_offset=9), op=Add(), value=BinOp(left=Name(id='await_', ctx=Load(), lineno=18, col_offset=13, end_lineno=18, end_col_offset=19), op=MatMult(), right=Constant(value=2, lineno=18, col_offset=22, end_lineno=18, end_col_offset=23), lineno=18, col_offset=13, end_lineno=18, end_col_offset=23), lineno=18, col_offset=8, end_lineno=18, end_col_offset=23)], lineno=13, col_offset=4, end_lineno=18, end_col_offset=23)], decorator_list=[Name(id='decorate', ctx=Load(), lineno=1, col_offset=1, end_lineno=1, end_col_offset=9)], returns=Name(id='str', ctx=Load(), lineno=2, col_offset=48, end_lineno=2, end_col_offset=51), lineno=2, col_offset=0, end_lineno=18, end_col_offset=23), ClassDef(name='C', bases=[Name(id='Base', ctx=Load(), lineno=19, col_offset=26, end_lineno=19, end_col_offset=30)], keywords=[keyword(arg='metaclass', value=Name(id='M', ctx=Load(), lineno=19, col_offset=42, end_lineno=19, end_col_offset=43), lineno=19, col_offset=32, end_lineno=19, end_col_offset=43)], body=[AnnAssign(target=Name(id='y', ctx=Store(), lineno=20, col_offset=4, end_lineno=20, end_col_offset=5), annotation=Subscript(value=Name(id='list', ctx=Load(), lineno=20, col_offset=7, end_lineno=20, end_col_offset=11), slice=Name(id='int', ctx=Load(), lineno=20, col_offset=12, end_lineno=20, end_col_offset=15), ctx=Load(), lineno=20, col_offset=7, end_lineno=20, end_col_offset=16), value=ListComp(elt=Name(id='v', ctx=Load(), lineno=20, col_offset=20, end_lineno=20, end_col_offset=21), generators=[comprehension(target=Name(id='v', ctx=Store(), lineno=20, col_offset=26, end_lineno=20, end_col_offset=27), iter=Name(id='w', ctx=Load(), lineno=20, col_offset=31, end_lineno=20, end_col_offset=32), ifs=[BoolOp(op=And(), values=[Name(id='v', ctx=Load(), lineno=20, col_offset=36, end_lineno=20, end_col_offset=37), Constant(value=1, lineno=20, col_offset=42, end_lineno=20, end_col_offset=43)], lineno=20, col_offset=36, end_lineno=20, end_col_offset=43)], is_async=0)], lineno=20, col_offset=19, end_lineno=20, end_col_offset=44), simple=1, lineno=20, col_offset=4, end_lineno=20, end_col_offset=44)], type_params=[TypeVar(name='T', bound=Name(id='int', ctx=Load(), lineno=19, col_offset=11, end_lineno=19, end_col_offset=14), lineno=19, col_offset=8, end_lineno=19, end_col_offset=14), TypeVarTuple(name='Ts', lineno=19, col_offset=16, end_lineno=19, end_col_offset=19), ParamSpec(name='P', lineno=19, col_offset=21, end_lineno=19, end_col_offset=24)], lineno=19, col_offset=0, end_lineno=20, end_col_offset=44)])
# @decorate
# def f(a, /, b: int=1, *args, c, d=2, **kw) -> str:
#     """doc"""
#     global g
#     if a < b <= c:
#         return f'{a!r:>{b}} c={c!r}' if d else (a, *args)
#     elif not b:
#         x = y = lambda z, *, w=0: z ** (-w)
#     else:
#         del kw['é'], x.y[1:2, ...]
#     for i, (j, k) in enumerate(args):
#         with open(j) as h, k:
#             pass
#     try:
#         raise ValueError from None
#     except (A, B) as e:
#         assert e, 'why'
#     finally:
#         x += await_ @ 2
#
# class C[T: int, *Ts, **P](Base, metaclass=M):
#     y: list[int] = [v for v in w if v and 1]
# Module(
#  body=[
#   Match(
#    subject=Name(id='x', ctx=Load()),
#    cases=[
#     match_case(
#      pattern=MatchOr(
#       patterns=[
#        MatchMapping(
#         keys=[
#          Constant(value='a')],
#         patterns=[
#          MatchSequence(
#           patterns=[
#            MatchValue(
#             value=Constant(value=1)),
#            MatchStar()])],
#         rest='r'),
#        MatchClass(
#         cls=Name(id='C', ctx=Load()),
#         kwd_attrs=[
#          'b'],
#         kwd_patterns=[
#          MatchValue(
#           value=UnaryOp(
#            op=USub(),
#            operand=Constant(value=1j)))])]),
#      body=[
#       Pass()]),
#     match_case(
#      pattern=MatchAs(
#       pattern=MatchValue(
#        value=Attribute(
#         value=Name(id='A', ctx=Load()),
#         attr='B',
#         ctx=Load())),
#       name='n'),
#      guard=Name(id='n', ctx=Load()),
#      body=[
#       Pass()])])])
# Expression(body=TemplateStr(values=[Interpolation(value=BinOp(left=Name(id='a', ctx=Load()), op=Add(), right=Constant(value=1)), str='a + 1', conversion=115, format_spec=JoinedStr(values=[Constant(value='x')]))]))
# FunctionType(argtypes=[Name(id='int', ctx=Load()), Name(id='str', ctx=Load()), Name(id='dict', ctx=Load())], returns=Name(id='float', ctx=Load()))
# Interactive(body=[Expr(value=Name(id='a', ctx=Load())), Expr(value=Name(id='b', ctx=Load()))])
# 42 abab b'cc' 3.0 (6, 8)
# [3, 6] n=0
# ('x', frozenset({1}), -7, 1237940039285380274899124224, '\ud800')
# name 'undefined_name' is not defined 4
# ValueError expression must have Load context but has Store instead
# TypeError required field "lineno" missing from stmt
# ValueError empty body on If
# ValueError BoolOp with less than 2 values
# TypeError required field "lineno" missing from expr
# ValueError identifier field can't represent 'None' constant
# TypeError got an invalid type in Constant: list
# ValueError Dict doesn't have the same number of keys as values
# TypeError expected Module node, got Interactive
# {'a': [1, 2.5, (-0-3j), b'x', (None, True)], 'b': {1, 2}}
# malformed node or string on li
# Expr(value=Call(func=Name(id='a', ctx=Load(...)), args=[Name(id='b', ctx=Load(...)), ..., Name(id='d', ctx=Load(...))], keywords=[])) Return(expr? value) {'value': ast.expr | None}
# ['Module', 'Assign', 'Subscript', 'UnaryOp', 'Name', 'Name', 'Store', 'USub', 'Name', 'Load', 'Load', 'Load']
