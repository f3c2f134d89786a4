# re of the library over the native engine.
import re

print(re.findall(r"\d+", "a1b22c333"), re.sub(r"(\w)(\d)", r"\2\1", "a1 b2"), re.split(r"[,;]\s*", "a, b;c"), re.match(r"(?P<x>a+)(b)?", "aac").groupdict(), re.fullmatch(r"[a-z]+", "abc1"))
m = re.search(r"(?i)(WORLD)!", "hello world!")
print(m.group(), m.group(1), m.span(), m.start(1), m.groups(), m, re.compile("a|b").sub(lambda m: m.group().upper(), "cab"), [x.span() for x in re.finditer("", "ab")])
print(re.sub(r"(?<=a)b(?!c)", "X", "abc abd"), re.findall(r"(a)(b)?", "abaa"), re.escape("a.b*"), re.match(r"^\s*#.*$", "  # x", re.M) is not None, re.findall(r"\b\w", "été à"), re.compile(r"x*?y+", re.X).pattern)
try:
    re.compile("(")
except re.error as error:
    print(error)

# === stdout
# ['1', '22', '333'] 1a 2b ['a', 'b', 'c'] {'x': 'aa'} None
# world! world (6, 12) 6 ('world',) <re.Match object; span=(6, 12), match='world!'> cAB [(0, 0), (1, 1), (2, 2)]
# abc aXd [('a', 'b'), ('a', ''), ('a', '')] a\.b\* True ['é', 'à'] x*?y+
# missing ), unterminated subpattern at position 0
