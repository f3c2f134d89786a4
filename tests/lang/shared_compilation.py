# What one interpreter compiled serves the next one, and nobody can tell but by the clock.
import re
import warnings
from concurrent import interpreters

SOURCE = """
import re
namespace = {}
exec("def f(x): return x + 1\\nclass C: attribute = []", namespace)
namespace["C"].attribute.append(1)
print(namespace["f"](1), namespace["C"].attribute, eval("[i for i in range(3)]"))
pattern = re.compile(r"(?P<word>[a-z]+)(\\d)?", re.I)
found = pattern.fullmatch("Abc7")
print(found["word"], found[2], pattern.groups, dict(pattern.groupindex), pattern.flags)
assert re.compile(rb"a|b").pattern == b"a|b"
for bad in ("(", "a{2,1}", "(?P<1>x)"):
    try:
        re.compile(bad)
    except re.error as error:
        print(type(error).__name__, error)
"""
for _ in range(3):
    interp = interpreters.create()
    interp.exec(SOURCE)
    interp.close()
exec(SOURCE)

# Warnings are given each time.
for _ in range(2):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        re.purge()
        re.compile("[[a]")
        compile("1 is 1", "name", "eval")
    print([w.category.__name__ for w in seen])

# The same text under another name, in another mode, with other flags is other code.
codes = [compile("x", name, mode) for name in ("a", "b") for mode in ("exec", "eval", "single")]
print(len({(c.co_filename, c.co_code) for c in codes}))
print(eval(compile("assert_ok", "a", "eval", optimize=2), {"assert_ok": 1}))
print(compile("assert 0", "a", "exec", optimize=0).co_code != compile("assert 0", "a", "exec", optimize=1).co_code)
# A subclass of str keeps its own object.


class Text(str):
    pass


text = Text("ab+")
print(type(re.compile(text).pattern).__name__, type(re.compile("ab+").pattern).__name__)
# === stdout
# 2 [1] [0, 1, 2]
# Abc 7 2 {'word': 1} 34
# PatternError missing ), unterminated subpattern at position 0
# PatternError min repeat greater than max repeat at position 2
# PatternError bad character in group name '1' at position 4
# 2 [1] [0, 1, 2]
# Abc 7 2 {'word': 1} 34
# PatternError missing ), unterminated subpattern at position 0
# PatternError min repeat greater than max repeat at position 2
# PatternError bad character in group name '1' at position 4
# 2 [1] [0, 1, 2]
# Abc 7 2 {'word': 1} 34
# PatternError missing ), unterminated subpattern at position 0
# PatternError min repeat greater than max repeat at position 2
# PatternError bad character in group name '1' at position 4
# 2 [1] [0, 1, 2]
# Abc 7 2 {'word': 1} 34
# PatternError missing ), unterminated subpattern at position 0
# PatternError min repeat greater than max repeat at position 2
# PatternError bad character in group name '1' at position 4
# ['FutureWarning', 'SyntaxWarning']
# ['FutureWarning', 'SyntaxWarning']
# 6
# 1
# True
# Text str
