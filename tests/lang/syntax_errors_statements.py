# Messages, lines and columns of syntax errors in statements.
def check(source):
    try:
        compile(source, "<test>", "exec")
    except SyntaxError as e:
        print(repr(source), "->", type(e).__name__, "|", e.msg, "|", e.lineno, e.offset, e.end_lineno, e.end_offset)
    else:
        print(repr(source), "-> compiles")


for source in (
    "if x", "if x:", "if x:\npass", "while True print(1)", "for x in y", "for in x:\n pass", "def f(:\n pass", "def f()\n pass", "def f():", "class C\n pass", "class C:", "def f(a, a): pass", "def f(a=1, b): pass",
    "def f(*): pass", "def f(**a, b): pass", "def f(*a, *b): pass", "def f(a, /, b, /): pass", "def f(*, a, /): pass", "lambda a, a: 0", "lambda a=1, b: 0", "def 1(): pass", "def f(1): pass", "def f((a, b)): pass",
    "return 1", "class C:\n return 1", "yield 1", "await x", "def f():\n await x", "async with a: pass", "def f():\n async for x in y: pass", "[await x for x in y]", "break", "continue", "def f():\n break", "if 1:\n break", "while 1:\n def f():\n  break",
    "try:\n pass", "try:\n pass\nexcept:\n pass\nexcept ValueError:\n pass", "try:\n pass\nexcept ValueError, TypeError as e:\n pass", "try:\n pass\nexcept* :\n pass", "try:\n pass\nexcept A: pass\nexcept* B: pass", "try: pass\nexcept* A:\n return", "try: pass\nfinally", "else: pass", "except: pass",
    "import", "import a.b as", "from x import", "from x import (a", "from . import *x", "import a as b.c", "from x import a,", "def f():\n from x import *", "from __future__ import nothing", "x = 1\nfrom __future__ import annotations", "from __future__ import braces", "import a, from b",
    "global x\nx = 1", "def f():\n x = 1\n global x", "def f():\n print(x)\n global x", "def f(x):\n global x", "nonlocal x", "def f():\n nonlocal x", "def f():\n global x\n nonlocal x", "def f(x):\n nonlocal x", "def f():\n x: int\n global x",
    "del f()", "del 1", "del x + 1", "del (a, b + 1)", "del *x", "pass pass", "x = 1 y = 2", "print 1", "print 'a'", "exec 'a'", "raise", "raise from x", "assert", "assert (1, 'always')", "with: pass", "with a as 1: pass", "with a as f(): pass", "with a, : pass", "@\ndef f(): pass", "@x\ny = 1",
    "match x:\n case 1\n  pass", "match x:\n pass", "match x:\n case a: pass\n case b: pass", "match x:\n case a | b: pass", "match x:\n case 1 | a: pass", "match x:\n case [a, a]: pass", "match x:\n case {**rest, 'a': 1}: pass", "match x:\n case {'a': 1, 'a': 2}: pass", "match x:\n case a.b(): pass", "match x:\n case -a: pass", "match x:\n case C(a=1, a=2): pass", "match x:\n case C(a=1, 2): pass", "match x:\n case [*a, *b]: pass", "match x:\n case 1 + 1: pass",
    "type X", "type X = ", "def f[T](): pass", "def f[T, T](): pass", "class C[]: pass", "def f[T=int, U](): pass", "type X[T: (yield)] = 1", "def f[**P: int](): pass", "x: int: str", "(x, y): int", "[x]: int", "f(): int = 1", "x: int = 1 = 2", "*x: int", "def f(a: *b): pass", "def f() -> : pass",
    "  x = 1", "if 1:\n  x\n y", "if 1:\n\tx\n        y", "x\n  y", "def f():\n  x\n    y\n z", "if True:\n    pass\n  else:\n    pass",
):
    check(source)

# === stdout
# 'if x' -> SyntaxError | expected ':' | 1 5 1 6
# 'if x:' -> IndentationError | expected an indented block after 'if' statement on line 1 | 1 6 1 -1
# 'if x:\npass' -> IndentationError | expected an indented block after 'if' statement on line 1 | 2 1 2 5
# 'while True print(1)' -> SyntaxError | invalid syntax | 1 12 1 17
# 'for x in y' -> SyntaxError | expected ':' | 1 11 1 12
# 'for in x:\n pass' -> SyntaxError | invalid syntax | 1 5 1 7
# 'def f(:\n pass' -> SyntaxError | invalid syntax | 1 7 1 8
# 'def f()\n pass' -> SyntaxError | expected ':' | 1 8 1 9
# 'def f():' -> IndentationError | expected an indented block after function definition on line 1 | 1 9 1 -1
# 'class C\n pass' -> SyntaxError | expected ':' | 1 8 1 9
# 'class C:' -> IndentationError | expected an indented block after class definition on line 1 | 1 9 1 -1
# 'def f(a, a): pass' -> SyntaxError | duplicate argument 'a' in function definition | 1 10 1 11
# 'def f(a=1, b): pass' -> SyntaxError | parameter without a default follows parameter with a default | 1 12 1 13
# 'def f(*): pass' -> SyntaxError | named arguments must follow bare * | 1 7 1 8
# 'def f(**a, b): pass' -> SyntaxError | arguments cannot follow var-keyword argument | 1 12 1 13
# 'def f(*a, *b): pass' -> SyntaxError | * argument may appear only once | 1 11 1 12
# 'def f(a, /, b, /): pass' -> SyntaxError | / may appear only once | 1 16 1 17
# 'def f(*, a, /): pass' -> SyntaxError | / must be ahead of * | 1 13 1 14
# 'lambda a, a: 0' -> SyntaxError | duplicate argument 'a' in function definition | 1 11 1 12
# 'lambda a=1, b: 0' -> SyntaxError | parameter without a default follows parameter with a default | 1 13 1 14
# 'def 1(): pass' -> SyntaxError | invalid syntax | 1 5 1 6
# 'def f(1): pass' -> SyntaxError | invalid syntax | 1 7 1 8
# 'def f((a, b)): pass' -> SyntaxError | Function parameters cannot be parenthesized | 1 7 1 13
# 'return 1' -> SyntaxError | 'return' outside function | 1 1 1 9
# 'class C:\n return 1' -> SyntaxError | 'return' outside function | 2 2 2 10
# 'yield 1' -> SyntaxError | 'yield' outside function | 1 1 1 8
# 'await x' -> SyntaxError | 'await' outside function | 1 1 1 8
# 'def f():\n await x' -> SyntaxError | 'await' outside async function | 2 2 2 9
# 'async with a: pass' -> SyntaxError | 'async with' outside async function | 1 1 1 19
# 'def f():\n async for x in y: pass' -> SyntaxError | 'async for' outside async function | 2 2 2 24
# '[await x for x in y]' -> SyntaxError | asynchronous comprehension outside of an asynchronous function | 1 1 1 21
# 'break' -> SyntaxError | 'break' outside loop | 1 1 1 6
# 'continue' -> SyntaxError | 'continue' not properly in loop | 1 1 1 9
# 'def f():\n break' -> SyntaxError | 'break' outside loop | 2 2 2 7
# 'if 1:\n break' -> SyntaxError | 'break' outside loop | 2 2 2 7
# 'while 1:\n def f():\n  break' -> SyntaxError | 'break' outside loop | 3 3 3 8
# 'try:\n pass' -> SyntaxError | expected 'except' or 'finally' block | 2 6 2 -1
# 'try:\n pass\nexcept:\n pass\nexcept ValueError:\n pass' -> SyntaxError | default 'except:' must be last | 3 1 4 6
# 'try:\n pass\nexcept ValueError, TypeError as e:\n pass' -> SyntaxError | multiple exception types must be parenthesized when using 'as' | 3 8 3 34
# 'try:\n pass\nexcept* :\n pass' -> SyntaxError | expected one or more exception types | 3 9 3 10
# 'try:\n pass\nexcept A: pass\nexcept* B: pass' -> SyntaxError | cannot have both 'except' and 'except*' on the same 'try' | 4 1 4 8
# 'try: pass\nexcept* A:\n return' -> SyntaxError | 'return' outside function | 3 2 3 8
# 'try: pass\nfinally' -> SyntaxError | expected ':' | 2 8 2 9
# 'else: pass' -> SyntaxError | invalid syntax | 1 1 1 5
# 'except: pass' -> SyntaxError | invalid syntax | 1 1 1 7
# 'import' -> SyntaxError | Expected one or more names after 'import' | 1 7 1 7
# 'import a.b as' -> SyntaxError | invalid syntax | 1 14 1 15
# 'from x import' -> SyntaxError | Expected one or more names after 'import' | 1 14 1 14
# 'from x import (a' -> SyntaxError | '(' was never closed | 1 15 1 0
# 'from . import *x' -> SyntaxError | invalid syntax | 1 16 1 17
# 'import a as b.c' -> SyntaxError | cannot use attribute as import target | 1 13 1 16
# 'from x import a,' -> SyntaxError | trailing comma not allowed without surrounding parentheses | 1 17 1 18
# 'def f():\n from x import *' -> SyntaxError | import * only allowed at module level | 2 16 2 17
# 'from __future__ import nothing' -> SyntaxError | future feature nothing is not defined | 1 24 1 31
# 'x = 1\nfrom __future__ import annotations' -> SyntaxError | from __future__ imports must occur at the beginning of the file | 2 1 2 35
# 'from __future__ import braces' -> SyntaxError | not a chance | 1 24 1 30
# 'import a, from b' -> SyntaxError | invalid syntax | 1 11 1 15
# 'global x\nx = 1' -> compiles
# 'def f():\n x = 1\n global x' -> SyntaxError | name 'x' is assigned to before global declaration | 3 2 3 10
# 'def f():\n print(x)\n global x' -> SyntaxError | name 'x' is used prior to global declaration | 3 2 3 10
# 'def f(x):\n global x' -> SyntaxError | name 'x' is parameter and global | 2 2 2 10
# 'nonlocal x' -> SyntaxError | nonlocal declaration not allowed at module level | 1 1 1 11
# 'def f():\n nonlocal x' -> SyntaxError | no binding for nonlocal 'x' found | 2 2 2 12
# 'def f():\n global x\n nonlocal x' -> SyntaxError | name 'x' is nonlocal and global | 2 2 2 10
# 'def f(x):\n nonlocal x' -> SyntaxError | name 'x' is parameter and nonlocal | 2 2 2 12
# 'def f():\n x: int\n global x' -> SyntaxError | annotated name 'x' can't be global | 3 2 3 10
# 'del f()' -> SyntaxError | cannot delete function call | 1 5 1 8
# 'del 1' -> SyntaxError | cannot delete literal | 1 5 1 6
# 'del x + 1' -> SyntaxError | cannot delete expression | 1 5 1 10
# 'del (a, b + 1)' -> SyntaxError | cannot delete expression | 1 9 1 14
# 'del *x' -> SyntaxError | cannot delete starred | 1 5 1 7
# 'pass pass' -> SyntaxError | invalid syntax | 1 6 1 10
# 'x = 1 y = 2' -> SyntaxError | invalid syntax | 1 7 1 8
# 'print 1' -> SyntaxError | Missing parentheses in call to 'print'. Did you mean print(...)? | 1 1 1 8
# "print 'a'" -> SyntaxError | Missing parentheses in call to 'print'. Did you mean print(...)? | 1 1 1 10
# "exec 'a'" -> SyntaxError | Missing parentheses in call to 'exec'. Did you mean exec(...)? | 1 1 1 9
# 'raise' -> compiles
# 'raise from x' -> SyntaxError | invalid syntax | 1 7 1 11
# 'assert' -> SyntaxError | invalid syntax | 1 7 1 8
# "assert (1, 'always')" -> compiles
# 'with: pass' -> SyntaxError | invalid syntax | 1 5 1 6
# 'with a as 1: pass' -> SyntaxError | cannot assign to literal | 1 11 1 12
# 'with a as f(): pass' -> SyntaxError | cannot assign to function call | 1 11 1 14
# 'with a, : pass' -> SyntaxError | invalid syntax | 1 9 1 10
# '@\ndef f(): pass' -> SyntaxError | invalid syntax | 1 2 1 3
# '@x\ny = 1' -> SyntaxError | invalid syntax | 2 1 2 2
# 'match x:\n case 1\n  pass' -> SyntaxError | expected ':' | 2 8 2 9
# 'match x:\n pass' -> SyntaxError | invalid syntax | 2 2 2 6
# 'match x:\n case a: pass\n case b: pass' -> SyntaxError | name capture 'a' makes remaining patterns unreachable | 2 7 2 8
# 'match x:\n case a | b: pass' -> SyntaxError | name capture 'a' makes remaining patterns unreachable | 2 7 2 8
# 'match x:\n case 1 | a: pass' -> SyntaxError | alternative patterns bind different names | 2 7 2 12
# 'match x:\n case [a, a]: pass' -> SyntaxError | multiple assignments to name 'a' in pattern | 2 11 2 12
# "match x:\n case {**rest, 'a': 1}: pass" -> SyntaxError | invalid syntax | 2 16 2 19
# "match x:\n case {'a': 1, 'a': 2}: pass" -> SyntaxError | mapping pattern checks duplicate key ('a') | 2 7 2 23
# 'match x:\n case a.b(): pass' -> compiles
# 'match x:\n case -a: pass' -> SyntaxError | invalid syntax | 2 8 2 9
# 'match x:\n case C(a=1, a=2): pass' -> SyntaxError | attribute name repeated in class pattern: a | 2 16 2 17
# 'match x:\n case C(a=1, 2): pass' -> SyntaxError | positional patterns follow keyword patterns | 2 14 2 15
# 'match x:\n case [*a, *b]: pass' -> SyntaxError | multiple starred names in sequence pattern | 2 7 2 15
# 'match x:\n case 1 + 1: pass' -> SyntaxError | imaginary number required in complex literal | 2 11 2 12
# 'type X' -> SyntaxError | invalid syntax | 1 7 1 8
# 'type X = ' -> SyntaxError | invalid syntax | 1 10 1 11
# 'def f[T](): pass' -> compiles
# 'def f[T, T](): pass' -> SyntaxError | duplicate type parameter 'T' | 1 10 1 11
# 'class C[]: pass' -> SyntaxError | Type parameter list cannot be empty | 1 9 1 9
# 'def f[T=int, U](): pass' -> SyntaxError | non-default type parameter 'U' follows default type parameter | 1 14 1 15
# 'type X[T: (yield)] = 1' -> SyntaxError | yield expression cannot be used within a TypeVar bound | 1 12 1 17
# 'def f[**P: int](): pass' -> SyntaxError | cannot use bound with ParamSpec | 1 10 1 15
# 'x: int: str' -> SyntaxError | invalid syntax | 1 7 1 8
# '(x, y): int' -> SyntaxError | only single target (not tuple) can be annotated | 1 1 1 7
# '[x]: int' -> SyntaxError | only single target (not list) can be annotated | 1 1 1 4
# 'f(): int = 1' -> SyntaxError | illegal target for annotation | 1 1 1 4
# 'x: int = 1 = 2' -> SyntaxError | invalid syntax | 1 12 1 13
# '*x: int' -> SyntaxError | invalid syntax | 1 3 1 4
# 'def f(a: *b): pass' -> SyntaxError | invalid syntax | 1 10 1 11
# 'def f() -> : pass' -> SyntaxError | expected ':' | 1 9 1 11
# '  x = 1' -> IndentationError | unexpected indent | 1 2 1 -1
# 'if 1:\n  x\n y' -> IndentationError | unindent does not match any outer indentation level | 3 3 3 -1
# 'if 1:\n\tx\n        y' -> TabError | inconsistent use of tabs and spaces in indentation | 3 1 3 0
# 'x\n  y' -> IndentationError | unexpected indent | 2 2 2 -1
# 'def f():\n  x\n    y\n z' -> IndentationError | unexpected indent | 3 4 3 -1
# 'if True:\n    pass\n  else:\n    pass' -> IndentationError | unindent does not match any outer indentation level | 3 8 3 -1
# === stderr
# <test>:1: SyntaxWarning: assertion is always true, perhaps remove parentheses?
