# Messages, lines and columns of syntax errors in expressions, targets and tokens.
def check(source):
    try:
        compile(source, "<test>", "exec")
    except SyntaxError as e:
        print(repr(source), "->", type(e).__name__, "|", e.msg, "|", e.lineno, e.offset, e.end_lineno, e.end_offset)
    else:
        print(repr(source), "-> compiles")


for source in (
    "(", "[1, 2", "{1: 2", ")", "(]", "[1, 2)", "{'a': 1", "f(1, 2", "f(\nx\n", "(1,\n2", "x = (1 + \n", "((((", "a[1", "x = [1, 2\ny = 3", "f(a b)", "f(a, b c)", "[a b]", "{a b}", "{a: b c}", "(a b)", "f(a for b in c, d)", "f(d, a for b in c)", "f(**a, *b)", "f(**a, b)", "f(a=1, b)", "f(a=1, a=2)", "f(1=2)", "f(a.b=1)", "f(True=1)", "f(a + 1=2)", "f(a=)", "f(*)", "f(**)", "f(,)",
    "1 = x", "'a' = 1", "f() = 1", "a + b = c", "None = 1", "True = 1", "x = None = 1", "(a, 1) = x", "[a, f()] = x", "a, b + 1 = x", "{a} = 1", "{a: b} = 1", "lambda: 0 = 1", "a if b else c = 1", "a < b = c", "-a = 1", "not a = 1", "... = 1", "f'{x}' = 1", "`a`", "x = yield = 1", "(yield) = 1", "await x = 1", "[x for x in y] = 1", "(x for x in y) = 1", "a and b = 1", "*a = 1", "*a, *b = c", "*a", "x = *a", "(*a)", "a += b += c", "1 += x", "a, b += 1", "f() += 1", "(a, b) += 1", "[a] += 1", "None += 1", "a + 1 += 1",
    "for 1 in x: pass", "for f() in x: pass", "for a + b in x: pass", "for x in *a: pass", "[1 for 1 in x]", "[x for x in]", "[for x in y]", "[x for]", "[x if y for z in w]", "[*x for x in y]", "{**x for x in y}", "{*x: 1}", "(*x for x in y)", "[x := 1]", "x := 1", "(x := 1, y)", "f(x := 1)", "(1 := x)", "(a.b := 1)", "(a[0] := 1)", "[x := 1 for x in y]", "[i for i in (i := y)]", "class C: [x := 1 for y in z]", "lambda: (yield)", "lambda: x := 1", "(lambda: 0",
    "a if b", "a if b else", "a b", "a 1", "1 a", "1a", "1_", "1__0", "0x", "0xg", "0b2", "0o8", "012", "1e", "1.e", "1.5j2", "0_7", "1..2", "a..b", "a.1", "a.", ".a", "a..", "not", "a not b", "a is is b", "a in in b", "a <> b", "a === b", "a =! b", "a ! b", "a && b", "a || b", "a++", "++a", "a? b : c", "$a", "a$", "a ?", "x = ", "= 1", "x = = 1", "a = b = ", "1 +", "* 2", "a * / b", "a, , b", "[,]", "(,)", "{,}", "{:}", "{a:}", "{:b}", "{a: b, c}", "{a, b: c}", "{**a: 1}", "a[", "a[]", "a[1 2]", "a[1:2:3:4]", "a[:", "{1: *a}", "{1: **a}",
    "'abc", '"abc', "'''abc", '"""abc\n', "'a\nb'", "b'é'", "'\\x1'", "'\\u12'", "'\\N{nope}'", "'\\U12345678'", "b'\\x1'", "f'{'", "f'{a'", "f'}'", "f'{}'", "f'{a b}'", "f'{!r}'", "f'{a!x}'", "f'{a!}'", "f'{a:{'", "f'{a:{b}'", "f'{lambda x: 1}'", "f'{a = !z}'", "f'{*a}'", "f'{**a}'", "f'{a $ b}'", "f'{1 +}'", "f'''{\n", "f'{a!r:}'", "t'{'", "t'{}'", "'a' b'b'", "f'a' b'b'", "t'a' 'b'", "u'a' b'c'", "rb'a' 'b'", "'a' 1", "bu'a'", "fb'a'",
    "a\\b", "a \\\n", "\\", "x = 1 \\ \n", "é = 1; ñ = é +", "x = “a”", "x\u00a0= 1", "a → b", "x = 5€", "\x00", "x = '\x00'", "print(1", "print(1))", "def f(:", "if x = 1: pass", "while x = 1: pass", "if (x = 1): pass", "f(a.b = 1)", "x = a = b c", "print(a, b", "return = 1", "class = 1", "def = 1", "import = 1", "True.x = 1", "None.x", "a.None", "f(None=1)", "lambda None: 1", "for None in x: pass", "with a as None: pass", "import None", "def None(): pass", "class None: pass", "x.True = 1", "__debug__ = 1", "def f(__debug__): pass", "del __debug__", "a = 1 if 2 else", "else", "elif x:", "in x", "is", "and", "async x", "await", "async def", "lambda", "lambda x", "yield from", "def f():\n yield from", "def f():\n return yield", "async def f():\n yield from x", "async def f():\n return 1; yield",
):
    check(source)

# === stdout
# '(' -> SyntaxError | '(' was never closed | 1 1 1 0
# '[1, 2' -> SyntaxError | '[' was never closed | 1 1 1 0
# '{1: 2' -> SyntaxError | '{' was never closed | 1 1 1 0
# ')' -> SyntaxError | unmatched ')' | 1 1 1 1
# '(]' -> SyntaxError | closing parenthesis ']' does not match opening parenthesis '(' | 1 2 1 2
# '[1, 2)' -> SyntaxError | closing parenthesis ')' does not match opening parenthesis '[' | 1 6 1 6
# "{'a': 1" -> SyntaxError | '{' was never closed | 1 1 1 0
# 'f(1, 2' -> SyntaxError | '(' was never closed | 1 2 1 0
# 'f(\nx\n' -> SyntaxError | '(' was never closed | 1 2 1 0
# '(1,\n2' -> SyntaxError | '(' was never closed | 1 1 1 0
# 'x = (1 + \n' -> SyntaxError | '(' was never closed | 1 5 1 0
# '((((' -> SyntaxError | '(' was never closed | 1 4 1 0
# 'a[1' -> SyntaxError | '[' was never closed | 1 2 1 0
# 'x = [1, 2\ny = 3' -> SyntaxError | '[' was never closed | 1 5 1 0
# 'f(a b)' -> SyntaxError | invalid syntax. Perhaps you forgot a comma? | 1 3 1 6
# 'f(a, b c)' -> SyntaxError | invalid syntax. Perhaps you forgot a comma? | 1 6 1 9
# '[a b]' -> SyntaxError | invalid syntax. Perhaps you forgot a comma? | 1 2 1 5
# '{a b}' -> SyntaxError | invalid syntax. Perhaps you forgot a comma? | 1 2 1 5
# '{a: b c}' -> SyntaxError | invalid syntax. Perhaps you forgot a comma? | 1 5 1 8
# '(a b)' -> SyntaxError | invalid syntax. Perhaps you forgot a comma? | 1 2 1 5
# 'f(a for b in c, d)' -> SyntaxError | Generator expression must be parenthesized | 1 3 1 15
# 'f(d, a for b in c)' -> SyntaxError | Generator expression must be parenthesized | 1 6 1 18
# 'f(**a, *b)' -> SyntaxError | iterable argument unpacking follows keyword argument unpacking | 1 6 1 10
# 'f(**a, b)' -> SyntaxError | positional argument follows keyword argument unpacking | 1 9 1 10
# 'f(a=1, b)' -> SyntaxError | positional argument follows keyword argument | 1 9 1 10
# 'f(a=1, a=2)' -> SyntaxError | keyword argument repeated: a | 1 8 1 11
# 'f(1=2)' -> SyntaxError | expression cannot contain assignment, perhaps you meant "=="? | 1 3 1 5
# 'f(a.b=1)' -> SyntaxError | expression cannot contain assignment, perhaps you meant "=="? | 1 3 1 7
# 'f(True=1)' -> SyntaxError | cannot assign to True | 1 3 1 8
# 'f(a + 1=2)' -> SyntaxError | expression cannot contain assignment, perhaps you meant "=="? | 1 3 1 9
# 'f(a=)' -> SyntaxError | expected argument value expression | 1 3 1 5
# 'f(*)' -> SyntaxError | Invalid star expression | 1 4 1 5
# 'f(**)' -> SyntaxError | invalid syntax | 1 5 1 6
# 'f(,)' -> SyntaxError | invalid syntax | 1 3 1 4
# '1 = x' -> SyntaxError | cannot assign to literal here. Maybe you meant '==' instead of '='? | 1 1 1 2
# "'a' = 1" -> SyntaxError | cannot assign to literal here. Maybe you meant '==' instead of '='? | 1 1 1 4
# 'f() = 1' -> SyntaxError | cannot assign to function call here. Maybe you meant '==' instead of '='? | 1 1 1 4
# 'a + b = c' -> SyntaxError | cannot assign to expression here. Maybe you meant '==' instead of '='? | 1 1 1 6
# 'None = 1' -> SyntaxError | cannot assign to None | 1 1 1 5
# 'True = 1' -> SyntaxError | cannot assign to True | 1 1 1 5
# 'x = None = 1' -> SyntaxError | cannot assign to None | 1 5 1 9
# '(a, 1) = x' -> SyntaxError | cannot assign to literal | 1 5 1 6
# '[a, f()] = x' -> SyntaxError | cannot assign to function call | 1 5 1 8
# 'a, b + 1 = x' -> SyntaxError | cannot assign to expression here. Maybe you meant '==' instead of '='? | 1 4 1 9
# '{a} = 1' -> SyntaxError | cannot assign to set display here. Maybe you meant '==' instead of '='? | 1 1 1 4
# '{a: b} = 1' -> SyntaxError | cannot assign to dict literal here. Maybe you meant '==' instead of '='? | 1 1 1 7
# 'lambda: 0 = 1' -> SyntaxError | cannot assign to lambda | 1 1 1 10
# 'a if b else c = 1' -> SyntaxError | cannot assign to conditional expression | 1 1 1 14
# 'a < b = c' -> SyntaxError | cannot assign to comparison | 1 1 1 6
# '-a = 1' -> SyntaxError | cannot assign to expression here. Maybe you meant '==' instead of '='? | 1 1 1 3
# 'not a = 1' -> SyntaxError | cannot assign to expression | 1 1 1 6
# '... = 1' -> SyntaxError | cannot assign to ellipsis here. Maybe you meant '==' instead of '='? | 1 1 1 4
# "f'{x}' = 1" -> SyntaxError | cannot assign to f-string expression here. Maybe you meant '==' instead of '='? | 1 1 1 7
# '`a`' -> SyntaxError | invalid syntax | 1 1 1 2
# 'x = yield = 1' -> SyntaxError | assignment to yield expression not possible | 1 5 1 10
# '(yield) = 1' -> SyntaxError | cannot assign to yield expression here. Maybe you meant '==' instead of '='? | 1 2 1 7
# 'await x = 1' -> SyntaxError | cannot assign to await expression here. Maybe you meant '==' instead of '='? | 1 1 1 8
# '[x for x in y] = 1' -> SyntaxError | cannot assign to list comprehension here. Maybe you meant '==' instead of '='? | 1 1 1 15
# '(x for x in y) = 1' -> SyntaxError | cannot assign to generator expression | 1 1 1 15
# 'a and b = 1' -> SyntaxError | cannot assign to expression | 1 1 1 8
# '*a = 1' -> SyntaxError | starred assignment target must be in a list or tuple | 1 1 1 3
# '*a, *b = c' -> SyntaxError | multiple starred expressions in assignment | 1 1 1 7
# '*a' -> SyntaxError | can't use starred expression here | 1 1 1 3
# 'x = *a' -> SyntaxError | can't use starred expression here | 1 5 1 7
# '(*a)' -> SyntaxError | cannot use starred expression here | 1 2 1 4
# 'a += b += c' -> SyntaxError | invalid syntax | 1 8 1 10
# '1 += x' -> SyntaxError | 'literal' is an illegal expression for augmented assignment | 1 1 1 2
# 'a, b += 1' -> SyntaxError | 'tuple' is an illegal expression for augmented assignment | 1 1 1 5
# 'f() += 1' -> SyntaxError | 'function call' is an illegal expression for augmented assignment | 1 1 1 4
# '(a, b) += 1' -> SyntaxError | 'tuple' is an illegal expression for augmented assignment | 1 1 1 7
# '[a] += 1' -> SyntaxError | 'list' is an illegal expression for augmented assignment | 1 1 1 4
# 'None += 1' -> SyntaxError | 'None' is an illegal expression for augmented assignment | 1 1 1 5
# 'a + 1 += 1' -> SyntaxError | 'expression' is an illegal expression for augmented assignment | 1 1 1 6
# 'for 1 in x: pass' -> SyntaxError | cannot assign to literal | 1 5 1 6
# 'for f() in x: pass' -> SyntaxError | cannot assign to function call | 1 5 1 8
# 'for a + b in x: pass' -> SyntaxError | cannot assign to expression | 1 5 1 10
# 'for x in *a: pass' -> SyntaxError | can't use starred expression here | 1 10 1 12
# '[1 for 1 in x]' -> SyntaxError | cannot assign to literal | 1 8 1 9
# '[x for x in]' -> SyntaxError | invalid syntax | 1 12 1 13
# '[for x in y]' -> SyntaxError | invalid syntax | 1 2 1 5
# '[x for]' -> SyntaxError | invalid syntax | 1 7 1 8
# '[x if y for z in w]' -> SyntaxError | expected 'else' after 'if' expression | 1 2 1 8
# '[*x for x in y]' -> SyntaxError | iterable unpacking cannot be used in comprehension | 1 2 1 4
# '{**x for x in y}' -> SyntaxError | dict unpacking cannot be used in dict comprehension | 1 2 1 4
# '{*x: 1}' -> SyntaxError | invalid syntax | 1 4 1 5
# '(*x for x in y)' -> SyntaxError | iterable unpacking cannot be used in comprehension | 1 2 1 4
# '[x := 1]' -> compiles
# 'x := 1' -> SyntaxError | invalid syntax | 1 3 1 5
# '(x := 1, y)' -> compiles
# 'f(x := 1)' -> compiles
# '(1 := x)' -> SyntaxError | cannot use assignment expressions with literal | 1 2 1 3
# '(a.b := 1)' -> SyntaxError | cannot use assignment expressions with attribute | 1 2 1 5
# '(a[0] := 1)' -> SyntaxError | cannot use assignment expressions with subscript | 1 2 1 6
# '[x := 1 for x in y]' -> SyntaxError | assignment expression cannot rebind comprehension iteration variable 'x' | 1 2 1 3
# '[i for i in (i := y)]' -> SyntaxError | assignment expression cannot be used in a comprehension iterable expression | 1 14 1 20
# 'class C: [x := 1 for y in z]' -> SyntaxError | assignment expression within a comprehension cannot be used in a class body | 1 11 1 12
# 'lambda: (yield)' -> compiles
# 'lambda: x := 1' -> SyntaxError | cannot use assignment expressions with lambda | 1 1 1 10
# '(lambda: 0' -> SyntaxError | '(' was never closed | 1 1 1 0
# 'a if b' -> SyntaxError | expected 'else' after 'if' expression | 1 1 1 7
# 'a if b else' -> SyntaxError | expected expression after 'else', but statement is given | 1 12 1 13
# 'a b' -> SyntaxError | invalid syntax | 1 3 1 4
# 'a 1' -> SyntaxError | invalid syntax | 1 3 1 4
# '1 a' -> SyntaxError | invalid syntax | 1 3 1 4
# '1a' -> SyntaxError | invalid decimal literal | 1 1 1 1
# '1_' -> SyntaxError | invalid decimal literal | 1 2 1 2
# '1__0' -> SyntaxError | invalid decimal literal | 1 2 1 2
# '0x' -> SyntaxError | invalid hexadecimal literal | 1 2 1 2
# '0xg' -> SyntaxError | invalid hexadecimal literal | 1 2 1 2
# '0b2' -> SyntaxError | invalid digit '2' in binary literal | 1 3 1 3
# '0o8' -> SyntaxError | invalid digit '8' in octal literal | 1 3 1 3
# '012' -> SyntaxError | leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers | 1 1 1 2
# '1e' -> SyntaxError | invalid decimal literal | 1 1 1 1
# '1.e' -> SyntaxError | invalid decimal literal | 1 2 1 2
# '1.5j2' -> SyntaxError | invalid imaginary literal | 1 4 1 4
# '0_7' -> SyntaxError | leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers | 1 1 1 3
# '1..2' -> SyntaxError | invalid syntax | 1 3 1 5
# 'a..b' -> SyntaxError | invalid syntax | 1 3 1 4
# 'a.1' -> SyntaxError | invalid syntax | 1 2 1 4
# 'a.' -> SyntaxError | invalid syntax | 1 3 1 4
# '.a' -> SyntaxError | invalid syntax | 1 1 1 2
# 'a..' -> SyntaxError | invalid syntax | 1 3 1 4
# 'not' -> SyntaxError | invalid syntax | 1 4 1 5
# 'a not b' -> SyntaxError | invalid syntax | 1 7 1 8
# 'a is is b' -> SyntaxError | invalid syntax | 1 6 1 8
# 'a in in b' -> SyntaxError | invalid syntax | 1 6 1 8
# 'a <> b' -> SyntaxError | invalid syntax.  Maybe you meant '!=' instead of '<>'? | 1 3 1 5
# 'a === b' -> SyntaxError | invalid syntax | 1 5 1 6
# 'a =! b' -> SyntaxError | invalid syntax | 1 4 1 5
# 'a ! b' -> SyntaxError | invalid syntax | 1 3 1 4
# 'a && b' -> SyntaxError | invalid syntax | 1 4 1 5
# 'a || b' -> SyntaxError | invalid syntax | 1 4 1 5
# 'a++' -> SyntaxError | invalid syntax | 1 4 1 5
# '++a' -> compiles
# 'a? b : c' -> SyntaxError | invalid syntax | 1 2 1 3
# '$a' -> SyntaxError | invalid syntax | 1 1 1 2
# 'a$' -> SyntaxError | invalid syntax | 1 2 1 3
# 'a ?' -> SyntaxError | invalid syntax | 1 3 1 4
# 'x = ' -> SyntaxError | invalid syntax | 1 5 1 6
# '= 1' -> SyntaxError | invalid syntax | 1 1 1 2
# 'x = = 1' -> SyntaxError | invalid syntax | 1 5 1 6
# 'a = b = ' -> SyntaxError | invalid syntax | 1 9 1 10
# '1 +' -> SyntaxError | invalid syntax | 1 4 1 5
# '* 2' -> SyntaxError | can't use starred expression here | 1 1 1 4
# 'a * / b' -> SyntaxError | invalid syntax | 1 5 1 6
# 'a, , b' -> SyntaxError | invalid syntax | 1 4 1 5
# '[,]' -> SyntaxError | invalid syntax | 1 2 1 3
# '(,)' -> SyntaxError | invalid syntax | 1 2 1 3
# '{,}' -> SyntaxError | invalid syntax | 1 2 1 3
# '{:}' -> SyntaxError | invalid syntax | 1 2 1 3
# '{a:}' -> SyntaxError | expression expected after dictionary key and ':' | 1 3 1 4
# '{:b}' -> SyntaxError | invalid syntax | 1 2 1 3
# '{a: b, c}' -> SyntaxError | ':' expected after dictionary key | 1 8 1 0
# '{a, b: c}' -> SyntaxError | invalid syntax | 1 6 1 7
# '{**a: 1}' -> SyntaxError | invalid syntax | 1 5 1 6
# 'a[' -> SyntaxError | '[' was never closed | 1 2 1 0
# 'a[]' -> SyntaxError | invalid syntax | 1 3 1 4
# 'a[1 2]' -> SyntaxError | invalid syntax. Perhaps you forgot a comma? | 1 3 1 6
# 'a[1:2:3:4]' -> SyntaxError | invalid syntax | 1 8 1 9
# 'a[:' -> SyntaxError | '[' was never closed | 1 2 1 0
# '{1: *a}' -> SyntaxError | cannot use a starred expression in a dictionary value | 1 5 1 7
# '{1: **a}' -> SyntaxError | invalid syntax | 1 5 1 7
# "'abc" -> SyntaxError | unterminated string literal (detected at line 1) | 1 1 1 1
# '"abc' -> SyntaxError | unterminated string literal (detected at line 1) | 1 1 1 1
# "'''abc" -> SyntaxError | unterminated triple-quoted string literal (detected at line 1) | 1 1 1 1
# '"""abc\n' -> SyntaxError | unterminated triple-quoted string literal (detected at line 1) | 1 1 1 1
# "'a\nb'" -> SyntaxError | unterminated string literal (detected at line 1) | 1 1 1 1
# "b'é'" -> SyntaxError | bytes can only contain ASCII literal characters | 1 1 1 5
# "'\\x1'" -> SyntaxError | (unicode error) 'unicodeescape' codec can't decode bytes in position 0-2: truncated \xXX escape | 1 1 1 6
# "'\\u12'" -> SyntaxError | (unicode error) 'unicodeescape' codec can't decode bytes in position 0-3: truncated \uXXXX escape | 1 1 1 7
# "'\\N{nope}'" -> SyntaxError | (unicode error) 'unicodeescape' codec can't decode bytes in position 0-7: unknown Unicode character name | 1 1 1 11
# "'\\U12345678'" -> SyntaxError | (unicode error) 'unicodeescape' codec can't decode bytes in position 0-9: illegal Unicode character | 1 1 1 13
# "b'\\x1'" -> SyntaxError | (value error) invalid \x escape at position 0 | 1 1 1 7
# "f'{'" -> SyntaxError | f-string: expecting '}' | 1 4 1 4
# "f'{a'" -> SyntaxError | f-string: expecting '}' | 1 5 1 5
# "f'}'" -> SyntaxError | f-string: single '}' is not allowed | 1 3 1 3
# "f'{}'" -> SyntaxError | f-string: valid expression required before '}' | 1 4 1 5
# "f'{a b}'" -> SyntaxError | invalid syntax. Perhaps you forgot a comma? | 1 4 1 7
# "f'{!r}'" -> SyntaxError | f-string: valid expression required before '!' | 1 4 1 5
# "f'{a!x}'" -> SyntaxError | f-string: invalid conversion character 'x': expected 's', 'r', or 'a' | 1 6 1 7
# "f'{a!}'" -> SyntaxError | f-string: missing conversion character | 1 6 1 7
# "f'{a:{'" -> SyntaxError | f-string: expecting '}' | 1 7 1 7
# "f'{a:{b}'" -> SyntaxError | f-string: expecting '}', or format specs | 1 9 1 10
# "f'{lambda x: 1}'" -> SyntaxError | f-string: lambda expressions are not allowed without parentheses | 1 4 1 13
# "f'{a = !z}'" -> SyntaxError | f-string: invalid conversion character 'z': expected 's', 'r', or 'a' | 1 9 1 10
# "f'{*a}'" -> SyntaxError | can't use starred expression here | 1 4 1 6
# "f'{**a}'" -> SyntaxError | f-string: expecting a valid expression after '{' | 1 4 1 6
# "f'{a $ b}'" -> SyntaxError | f-string: expecting '=', or '!', or ':', or '}' | 1 6 1 7
# "f'{1 +}'" -> SyntaxError | f-string: expecting '=', or '!', or ':', or '}' | 1 6 1 7
# "f'''{\n" -> SyntaxError | '{' was never closed | 1 5 1 0
# "f'{a!r:}'" -> compiles
# "t'{'" -> SyntaxError | t-string: expecting '}' | 1 4 1 4
# "t'{}'" -> SyntaxError | t-string: valid expression required before '}' | 1 4 1 5
# "'a' b'b'" -> SyntaxError | cannot mix bytes and nonbytes literals | 1 9 1 10
# "f'a' b'b'" -> SyntaxError | cannot mix bytes and nonbytes literals | 1 10 1 11
# "t'a' 'b'" -> SyntaxError | cannot mix t-string literals with string or bytes literals | 1 1 1 9
# "u'a' b'c'" -> SyntaxError | cannot mix bytes and nonbytes literals | 1 10 1 11
# "rb'a' 'b'" -> SyntaxError | cannot mix bytes and nonbytes literals | 1 10 1 11
# "'a' 1" -> SyntaxError | invalid syntax | 1 5 1 6
# "bu'a'" -> SyntaxError | 'u' and 'b' prefixes are incompatible | 1 1 1 3
# "fb'a'" -> SyntaxError | 'b' and 'f' prefixes are incompatible | 1 1 1 3
# 'a\\b' -> SyntaxError | unexpected character after line continuation character | 1 3 1 0
# 'a \\\n' -> SyntaxError | unexpected EOF while parsing | 1 4 1 -1
# '\\' -> SyntaxError | unexpected EOF while parsing | 1 2 1 -1
# 'x = 1 \\ \n' -> SyntaxError | unexpected character after line continuation character | 1 8 1 0
# 'é = 1; ñ = é +' -> SyntaxError | invalid syntax | 1 15 1 16
# 'x = “a”' -> SyntaxError | invalid character '“' (U+201C) | 1 5 1 5
# 'x\xa0= 1' -> SyntaxError | invalid non-printable character U+00A0 | 1 2 1 2
# 'a → b' -> SyntaxError | invalid character '→' (U+2192) | 1 3 1 3
# 'x = 5€' -> SyntaxError | invalid character '€' (U+20AC) | 1 6 1 6
# '\x00' -> SyntaxError | source code string cannot contain null bytes | None None None None
# "x = '\x00'" -> SyntaxError | source code string cannot contain null bytes | None None None None
# 'print(1' -> SyntaxError | '(' was never closed | 1 6 1 0
# 'print(1))' -> SyntaxError | unmatched ')' | 1 9 1 9
# 'def f(:' -> SyntaxError | invalid syntax | 1 7 1 8
# 'if x = 1: pass' -> SyntaxError | invalid syntax. Maybe you meant '==' or ':=' instead of '='? | 1 4 1 9
# 'while x = 1: pass' -> SyntaxError | invalid syntax. Maybe you meant '==' or ':=' instead of '='? | 1 7 1 12
# 'if (x = 1): pass' -> SyntaxError | invalid syntax. Maybe you meant '==' or ':=' instead of '='? | 1 5 1 10
# 'f(a.b = 1)' -> SyntaxError | expression cannot contain assignment, perhaps you meant "=="? | 1 3 1 8
# 'x = a = b c' -> SyntaxError | invalid syntax | 1 11 1 12
# 'print(a, b' -> SyntaxError | '(' was never closed | 1 6 1 0
# 'return = 1' -> SyntaxError | invalid syntax | 1 8 1 9
# 'class = 1' -> SyntaxError | invalid syntax | 1 7 1 8
# 'def = 1' -> SyntaxError | invalid syntax | 1 5 1 6
# 'import = 1' -> SyntaxError | invalid syntax | 1 8 1 9
# 'True.x = 1' -> compiles
# 'None.x' -> compiles
# 'a.None' -> SyntaxError | invalid syntax | 1 3 1 7
# 'f(None=1)' -> SyntaxError | cannot assign to None | 1 3 1 8
# 'lambda None: 1' -> SyntaxError | invalid syntax | 1 8 1 12
# 'for None in x: pass' -> SyntaxError | cannot assign to None | 1 5 1 9
# 'with a as None: pass' -> SyntaxError | cannot assign to None | 1 11 1 15
# 'import None' -> SyntaxError | invalid syntax | 1 8 1 12
# 'def None(): pass' -> SyntaxError | invalid syntax | 1 5 1 9
# 'class None: pass' -> SyntaxError | invalid syntax | 1 7 1 11
# 'x.True = 1' -> SyntaxError | invalid syntax | 1 3 1 7
# '__debug__ = 1' -> SyntaxError | cannot assign to __debug__ | 1 1 1 10
# 'def f(__debug__): pass' -> SyntaxError | cannot assign to __debug__ | 1 7 1 16
# 'del __debug__' -> SyntaxError | cannot delete __debug__ | 1 5 1 14
# 'a = 1 if 2 else' -> SyntaxError | expected expression after 'else', but statement is given | 1 16 1 17
# 'else' -> SyntaxError | invalid syntax | 1 1 1 5
# 'elif x:' -> SyntaxError | invalid syntax | 1 1 1 5
# 'in x' -> SyntaxError | invalid syntax | 1 1 1 3
# 'is' -> SyntaxError | invalid syntax | 1 1 1 3
# 'and' -> SyntaxError | invalid syntax | 1 1 1 4
# 'async x' -> SyntaxError | invalid syntax | 1 7 1 8
# 'await' -> SyntaxError | invalid syntax | 1 6 1 7
# 'async def' -> SyntaxError | invalid syntax | 1 10 1 11
# 'lambda' -> SyntaxError | invalid syntax | 1 7 1 8
# 'lambda x' -> SyntaxError | invalid syntax | 1 9 1 10
# 'yield from' -> SyntaxError | invalid syntax | 1 11 1 12
# 'def f():\n yield from' -> SyntaxError | invalid syntax | 2 12 2 13
# 'def f():\n return yield' -> SyntaxError | invalid syntax | 2 9 2 14
# 'async def f():\n yield from x' -> SyntaxError | 'yield from' inside async function | 2 2 2 14
# 'async def f():\n return 1; yield' -> SyntaxError | 'return' with value in async generator | 2 2 2 10
