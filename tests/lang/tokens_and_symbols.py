# Module tokenize, module symtable, inspect.getsource, code's attributes and codeop.
import codeop
import inspect
import io
import symtable
import tokenize

TEXT = '''\
def f(a):  # comment
\tx = f"{a!r:>{10}} é" + rb'\\x'

    
\treturn (x,
          1_000.5j)
'''
for t in tokenize.generate_tokens(io.StringIO(TEXT).readline):
    print(tokenize.tok_name[t.type], repr(t.string), t.start, t.end, repr(t.line))
for bad in ("(", "'''x", "a = 0xg", "if 1:\n  x\n y\n"):
    try:
        print([t.string for t in tokenize.generate_tokens(io.StringIO(bad).readline)])
    except (tokenize.TokenError, SyntaxError) as e:
        print(type(e).__name__, e.args[0])
print(tokenize.untokenize(tokenize.generate_tokens(io.StringIO("x  =  [1,\n2]\n").readline)))
print([t.string for t in tokenize.tokenize(io.BytesIO("# coding: latin-1\né".encode("latin-1")).readline)])


def sample(first, *rest, key=None):
    "A function."
    inner = lambda: (first, key)
    return [inner for item in rest]


class Sample:
    def method(self):
        return __class__


print(inspect.getsource(sample), inspect.getsource(Sample.method), sep="")
table = symtable.symtable("import os\nx = 1\ndef f(a, b=2):\n  global x\n  def g(): return a\n  c = x\nclass C: y = x\n", "?", "exec")
for t in (table, *table.get_children()):
    print(t.get_type(), t.get_name(), t.get_lineno(), t.is_nested(), sorted(t.get_identifiers()))
    for s in sorted(t.get_symbols(), key=lambda s: s.get_name()):
        marks = [n for n in ("referenced", "imported", "parameter", "global", "local", "free", "assigned", "namespace")
                 if getattr(s, "is_" + n)()]
        print("  ", s.get_name(), marks)
code = sample.__code__
print(code.co_varnames, code.co_nlocals, code.co_cellvars, code.co_name, code.co_qualname, code.co_flags & 0xF)
other = code.replace(co_name="renamed", co_filename="elsewhere.py")
print(other.co_name, other.co_filename, compile("a = 1", "x", "exec") == compile("a = 1", "y", "exec"))
for lines in ("if 1:", "if 1:\n  x", "if 1:\n  x\n", "x = (", "x = 1", "'''a", "x = = 1", "@d", "else:", "try:\n  x\nexcept:", "a b"):
    try:
        print(repr(lines), codeop.compile_command(lines) is not None)
    except SyntaxError as e:
        print(repr(lines), e.msg)

# === stdout
# NAME 'def' (1, 0) (1, 3) 'def f(a):  # comment\n'
# NAME 'f' (1, 4) (1, 5) 'def f(a):  # comment\n'
# OP '(' (1, 5) (1, 6) 'def f(a):  # comment\n'
# NAME 'a' (1, 6) (1, 7) 'def f(a):  # comment\n'
# OP ')' (1, 7) (1, 8) 'def f(a):  # comment\n'
# OP ':' (1, 8) (1, 9) 'def f(a):  # comment\n'
# COMMENT '# comment' (1, 11) (1, 20) 'def f(a):  # comment\n'
# NEWLINE '\n' (1, 20) (1, 21) 'def f(a):  # comment\n'
# INDENT '\t' (2, 0) (2, 1) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# NAME 'x' (2, 1) (2, 2) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# OP '=' (2, 3) (2, 4) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# FSTRING_START 'f"' (2, 5) (2, 7) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# OP '{' (2, 7) (2, 8) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# NAME 'a' (2, 8) (2, 9) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# OP '!' (2, 9) (2, 10) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# NAME 'r' (2, 10) (2, 11) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# OP ':' (2, 11) (2, 12) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# FSTRING_MIDDLE '>' (2, 12) (2, 13) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# OP '{' (2, 13) (2, 14) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# NUMBER '10' (2, 14) (2, 16) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# OP '}' (2, 16) (2, 17) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# FSTRING_MIDDLE '' (2, 17) (2, 17) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# OP '}' (2, 17) (2, 18) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# FSTRING_MIDDLE ' é' (2, 18) (2, 20) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# FSTRING_END '"' (2, 20) (2, 21) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# OP '+' (2, 22) (2, 23) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# STRING "rb'\\x'" (2, 24) (2, 30) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# NEWLINE '\n' (2, 30) (2, 31) '\tx = f"{a!r:>{10}} é" + rb\'\\x\'\n'
# NL '\n' (3, 0) (3, 1) '\n'
# NL '\n' (4, 4) (4, 5) '    \n'
# NAME 'return' (5, 1) (5, 7) '\treturn (x,\n'
# OP '(' (5, 8) (5, 9) '\treturn (x,\n'
# NAME 'x' (5, 9) (5, 10) '\treturn (x,\n'
# OP ',' (5, 10) (5, 11) '\treturn (x,\n'
# NL '\n' (5, 11) (5, 12) '\treturn (x,\n'
# NUMBER '1_000.5j' (6, 10) (6, 18) '          1_000.5j)\n'
# OP ')' (6, 18) (6, 19) '          1_000.5j)\n'
# NEWLINE '\n' (6, 19) (6, 20) '          1_000.5j)\n'
# DEDENT '' (7, 0) (7, 0) ''
# ENDMARKER '' (7, 0) (7, 0) ''
# TokenError unexpected EOF in multi-line statement
# TokenError EOF in multi-line string
# TokenError invalid hexadecimal literal
# IndentationError unindent does not match any outer indentation level
# x  =  [1,
# 2]
#
# ['iso-8859-1', '# coding: latin-1', '\n', 'é', '', '']
# def sample(first, *rest, key=None):
#     "A function."
#     inner = lambda: (first, key)
#     return [inner for item in rest]
#     def method(self):
#         return __class__
#
# module top 0 False ['C', 'f', 'os', 'x']
#    C ['global', 'local', 'assigned', 'namespace']
#    f ['global', 'local', 'assigned', 'namespace']
#    os ['imported', 'global', 'local']
#    x ['global', 'local', 'assigned']
# annotation __annotate__ 3 False ['.format']
#    .format ['referenced', 'parameter', 'local']
# function f 3 False ['a', 'b', 'c', 'g', 'x']
#    a ['parameter', 'local']
#    b ['parameter', 'local']
#    c ['local', 'assigned']
#    g ['local', 'assigned', 'namespace']
#    x ['referenced', 'global']
# class C 7 False ['x', 'y']
#    x ['referenced', 'global']
#    y ['local', 'assigned']
# ('first', 'key', 'rest', 'inner', 'item') 5 ('first', 'key') sample sample 7
# renamed elsewhere.py True
# 'if 1:' False
# 'if 1:\n  x' False
# 'if 1:\n  x\n' True
# 'x = (' False
# 'x = 1' True
# "'''a" False
# 'x = = 1' invalid syntax
# '@d' False
# 'else:' invalid syntax
# 'try:\n  x\nexcept:' False
# 'a b' invalid syntax
