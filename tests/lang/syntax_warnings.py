# Warnings of the compiler, on standard error.
x = 1
if x is 1:
    print("is")
print("\d", b"\q")
assert (x, "always true")
f = 1 .real
print((lambda: 0) is not 5)


def g():
    for i in range(2):
        try:
            pass
        finally:
            continue


g()
"text" [0]
1 (2) if False else None
[1] ["a"] if False else None

# === stdout
# is
# \d b'\\q'
# True
# === stderr
# $DIR/lang/syntax_warnings.py:5: SyntaxWarning: "\d" is an invalid escape sequence. Such sequences will not work in the future. Did you mean "\\d"? A raw string is also an option.
#   print("\d", b"\q")
# $DIR/lang/syntax_warnings.py:5: SyntaxWarning: "\q" is an invalid escape sequence. Such sequences will not work in the future. Did you mean "\\q"? A raw string is also an option.
#   print("\d", b"\q")
# $DIR/lang/syntax_warnings.py:16: SyntaxWarning: 'continue' in a 'finally' block
#   continue
# $DIR/lang/syntax_warnings.py:3: SyntaxWarning: "is" with 'int' literal. Did you mean "=="?
#   if x is 1:
# $DIR/lang/syntax_warnings.py:6: SyntaxWarning: assertion is always true, perhaps remove parentheses?
#   assert (x, "always true")
# $DIR/lang/syntax_warnings.py:8: SyntaxWarning: "is not" with 'int' literal. Did you mean "!="?
#   print((lambda: 0) is not 5)
# $DIR/lang/syntax_warnings.py:21: SyntaxWarning: 'int' object is not callable; perhaps you missed a comma?
#   1 (2) if False else None
# $DIR/lang/syntax_warnings.py:22: SyntaxWarning: list indices must be integers or slices, not str; perhaps you missed a comma?
#   [1] ["a"] if False else None
