# The methods of str.
s = "Hello, World"
print(s.upper(), s.lower(), s.swapcase(), s.title(), s.capitalize(), s.casefold(), "ß".upper(), "ﬁ".title(), "İ".lower().__len__())
print(s.find("o"), s.find("o", 5), s.rfind("o"), s.find("z"), s.index("W"), s.count("l"), s.count(""), "aaa".count("aa"), s.find("", 20), s.rindex("l"))
print(s.startswith("Hell"), s.startswith(("x", "He")), s.endswith("ld"), s.startswith("W", 7), s.endswith("o", 0, 5), s.removeprefix("Hello"), s.removesuffix("ld"))
print(s.replace("l", "L"), s.replace("l", "L", 1), s.replace("", "-"), "aaa".replace("a", "bb", 2), s.translate({72: "J", 101: None, 111: 48}), s.translate(str.maketrans("lo", "01", "W")))
print("a,b,,c".split(","), "a,b,,c".split(",", 1), " a  b ".split(), "a b c".split(None, 1), "a,b,c".rsplit(",", 1), "".split(), "".split(","), "a\nb\r\nc\x0bd".splitlines(), "a\nb".splitlines(True), " x ".split(" "))
print("a=b=c".partition("="), "a=b=c".rpartition("="), "abc".partition("x"), "abc".rpartition("x"))
print(",".join(["a", "b"]), "".join("xyz"), "-".join([]), ", ".join(str(i) for i in range(3)))
print("  x ".strip() + "|", "  x ".lstrip() + "|", "  x ".rstrip() + "|", "xxaxx".strip("x"), "abcba".strip("ab"), "www.example.com".lstrip("w."))
print("x".center(5) + "|", "x".ljust(3, "-"), "x".rjust(3, "-"), "42".zfill(5), "-42".zfill(5), "ab".center(5, "*"), "a\tb\tc".expandtabs(4))
print("abc".isalpha(), "ab1".isalnum(), "12".isdigit(), "½".isnumeric(), "²".isdigit(), "²".isdecimal(), "ab".islower(), "AB".isupper(), "Ab C".istitle(), " \t".isspace(), "a b".isidentifier(), "a_1".isidentifier(), "".isalpha(), "é".isascii(), "\n".isprintable())
print("a" * 3, "ab"[::-1], "hello"[1:4], "hello"[-3:], "hello"[::2], "hello"[10:], "hello"[-1], len("héllo"), "héllo"[1], "日本語"[::-1], "😀a"[1], len("😀"))
print("abc" < "abd", "Z" < "a", "é" > "z", "" < "a", "a" in "cat", "" in "x", "日" in "日本", max("hello"), min("hello"), sorted("hello"))
print(ord("a"), chr(128512), ascii("é😀"), repr("it's"), repr('say "hi"'), repr("both ' and \""), repr("\t\n\\\x00\x7f\x80\u200b😀"), "\x41\u0041\U00000041\101\N{LATIN SMALL LETTER A}")
print("é".encode(), "é".encode("latin-1"), "é".encode("utf-16-le"), "é😀".encode("ascii", "replace"), "é".encode("ascii", "ignore"), "é".encode("ascii", "xmlcharrefreplace"), "é😀".encode("ascii", "backslashreplace"), "\udc80".encode("utf-8", "surrogateescape"))
print("%s and %s" % ("a", "b"), "{}{}".format(1, 2), "{:>4}".format("r"), "a".__add__("b"), "abc".__contains__("b"), "a".__mul__(2), "abc".__getitem__(1))
for bad in ("'a'.index('z')", "'a'.join([1])", "'a'.split('')", "'é'.encode('ascii')", "'a'.encode('nope')", "'abc'[5]", "'a' + 1", "'a'.replace(1, 2)", "'a'.center()", "'a'.zfill('x')", "chr(0x110000)", "ord('')", "'\\ud800'.encode()", "'a'.strip(1)", "'a'.startswith(1)", "'a'.partition('')", "str(b'x', 'nope')", "str(1, 'utf-8')", "'x'.ljust(3, 'ab')", "'a' % 1", "'%z' % 1", "'%(x)s' % 1"):
    try:
        print(bad, "=", eval(bad))
    except Exception as error:
        print(bad, "->", type(error).__name__, error)
t = ""
for c in "añb😀c":
    t = c + t
print(t, list("añ😀"), [*enumerate("ab")], "añ😀z".find("z"), "añ😀z".rfind("ñ"), "ññ".replace("ñ", "n"), "añ😀z"[1:3], "añ".center(6, "😀"))
print(str(5), str(None), str([1, "a"]), str(b"x", "ascii"), str(), str("s"), str(1.5), str({"a": (1,)}), str(print), str(int))
print("a\u0301" == "á", "ǆ".title(), "ὈΔΥΣΣΕΎΣ".lower(), "Straße".casefold() == "STRASSE".casefold(), "ŉ".upper())

# === stdout
# HELLO, WORLD hello, world hELLO, wORLD Hello, World Hello, world hello, world SS Fi 2
# 4 8 8 -1 7 3 13 1 -1 10
# True True True True True , World Hello, Wor
# HeLLo, WorLd HeLlo, World -H-e-l-l-o-,- -W-o-r-l-d- bbbba Jll0, W0rld He001, 1r0d
# ['a', 'b', '', 'c'] ['a', 'b,,c'] ['a', 'b'] ['a', 'b c'] ['a,b', 'c'] [] [''] ['a', 'b', 'c', 'd'] ['a\n', 'b'] ['', 'x', '']
# ('a', '=', 'b=c') ('a=b', '=', 'c') ('abc', '', '') ('', '', 'abc')
# a,b xyz  0, 1, 2
# x| x |   x| a c example.com
#   x  | x-- --x 00042 -0042 **ab* a   b   c
# True True True True True False True True True True False True False False False
# aaa ba ell llo hlo  o 5 é 語本日 a 1
# True True True True True True True o e ['e', 'h', 'l', 'l', 'o']
# 97 😀 '\xe9\U0001f600' "it's" 'say "hi"' 'both \' and "' '\t\n\\\x00\x7f\x80\u200b😀' AAAAa
# b'\xc3\xa9' b'\xe9' b'\xe9\x00' b'??' b'' b'&#233;' b'\\xe9\\U0001f600' b'\x80'
# a and b 12    r ab True aa b
# 'a'.index('z') -> ValueError substring not found
# 'a'.join([1]) -> TypeError sequence item 0: expected str instance, int found
# 'a'.split('') -> ValueError empty separator
# 'é'.encode('ascii') -> UnicodeEncodeError 'ascii' codec can't encode character '\xe9' in position 0: ordinal not in range(128)
# 'a'.encode('nope') -> LookupError unknown encoding: nope
# 'abc'[5] -> IndexError string index out of range
# 'a' + 1 -> TypeError can only concatenate str (not "int") to str
# 'a'.replace(1, 2) -> TypeError replace() argument 1 must be str, not int
# 'a'.center() -> TypeError center expected at least 1 argument, got 0
# 'a'.zfill('x') -> TypeError 'str' object cannot be interpreted as an integer
# chr(0x110000) -> ValueError chr() arg not in range(0x110000)
# ord('') -> TypeError ord() expected a character, but string of length 0 found
# '\ud800'.encode() -> UnicodeEncodeError 'utf-8' codec can't encode character '\ud800' in position 0: surrogates not allowed
# 'a'.strip(1) -> TypeError strip arg must be None or str
# 'a'.startswith(1) -> TypeError startswith first arg must be str or a tuple of str, not int
# 'a'.partition('') -> ValueError empty separator
# str(b'x', 'nope') -> LookupError unknown encoding: nope
# str(1, 'utf-8') -> TypeError decoding to str: need a bytes-like object, int found
# 'x'.ljust(3, 'ab') -> TypeError The fill character must be exactly one character long
# 'a' % 1 -> TypeError not all arguments converted during string formatting
# '%z' % 1 -> ValueError unsupported format character 'z' (0x7a) at index 1
# '%(x)s' % 1 -> TypeError format requires a mapping
# c😀bña ['a', 'ñ', '😀'] [(0, 'a'), (1, 'b')] 3 1 nn ñ😀 😀😀añ😀😀
# 5 None [1, 'a'] x  s 1.5 {'a': (1,)} <built-in function print> <class 'int'>
# False ǅ ὀδυσσεύς True ʼN
