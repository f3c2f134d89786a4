# f-strings: expressions, conversions, formats, nesting, debugging form, quotes, escapes.
name = "serpens"
n = 42
pi = 3.14159265
print(f"{name} {n} {pi:.2f} {name!r} {name!s:>10} {name!a}|")
print(f"{n:5}|{n:<5}|{n:^5}|{n:>5}|{n:05}|{n:+}|{n:,}|{n:x}|{n:#x}|{n:b}|{n:#o}|{n:e}|{n:%}")
print(f"{name:*^20}|{name:.3}|{name:>{n // 4}}|{pi:{5}.{2}}|")
print(f"{n = } {n=} {n = :>6} {name = !s} {n + 1 = }")
print(f"{'nested ' + f'{n} ' + f"{name} {f'{pi:.1f}'}"}")
print(f"{{literal}} {{{n}}} {'{'}{'}'}")
print(f"{[x for x in range(3)]} {(lambda x: x * 2)(4)} {({'a': 1})['a']} { {1: 2}[1] }")
print(f"{n if n > 3 else 0} {n!r:>5} {(m := 3)} {m}")
print(f"a\tb\n{n}\x41\N{GREEK SMALL LETTER PI}", rf"\n{n}", f'{"quotes"}', f"{'\n'.join(['a', 'b'])}")
print(f"""multi
{n
  + 1}
line""")
print(f"one " "two " f"{n} " "three")
print(f"{None} {True} {1.0} {[1, 'a']} {b'x'} {...}")


class F:
    def __format__(self, spec):
        return f"<{spec!r}>"

    def __repr__(self):
        return "F()"

    def __str__(self):
        return "str F"


f = F()
print(f"{f} {f:abc} {f!r} {f!s:>8} {f!r:.2} {f:{n}{name}}")
for bad in ("f'{n:d}'.x", "f'{name:d}'", "f'{pi:d}'", "f'{n:q}'", "f'{None:5}'", "f'{[]:5}'", "f'{undefined}'", "f'{1/0}'"):
    try:
        print(eval(bad))
    except Exception as error:
        print(bad, "->", type(error).__name__, error)
print(f"{1e10} {1e16} {1e-5} {123456789.123456789} {0.1 + 0.2} {1e22} {-0.0} {float('inf')} {float('nan')}")
print(f"{1234567.891:,.2f} {1234567:_} {0.000123:g} {1e20:g} {255:08b} {3 + 4j:.1f} {True:d} {65:c}")
print(f"{'x':a>3}{'y':<3}|{'z':^3}|{-5:=+6}|{5:=+6}|{-5: }|{5: }|")
x = 5
print(f"{x:{'>' if x > 3 else '<'}{x}}|", f"{x!r:^{x}}|", f'{x:{""}}')
print(f"{'a' 'b'}", f"{1,}", f"{1, 2}", f"{*[1, 2],}", f"{yield_ if (yield_ := 1) else 2}")

# === stdout
# serpens 42 3.14 'serpens'    serpens 'serpens'|
#    42|42   | 42  |   42|00042|+42|42|2a|0x2a|101010|0o52|4.200000e+01|4200.000000%
# ******serpens*******|ser|   serpens|  3.1|
# n = 42 n=42 n =     42 name = serpens n + 1 = 43
# nested 42 serpens 3.1
# {literal} {42} {}
# [0, 1, 2] 8 1 2
# 42    42 3 3
# a	b
# 42Aπ \n42 quotes a
# b
# multi
# 43
# line
# one two 42 three
# None True 1.0 [1, 'a'] b'x' Ellipsis
# <''> <'abc'> F()    str F F( <'42serpens'>
# f'{n:d}'.x -> AttributeError 'str' object has no attribute 'x'
# f'{name:d}' -> ValueError Unknown format code 'd' for object of type 'str'
# f'{pi:d}' -> ValueError Unknown format code 'd' for object of type 'float'
# f'{n:q}' -> ValueError Unknown format code 'q' for object of type 'int'
# f'{None:5}' -> TypeError unsupported format string passed to NoneType.__format__
# f'{[]:5}' -> TypeError unsupported format string passed to list.__format__
# f'{undefined}' -> NameError name 'undefined' is not defined
# f'{1/0}' -> ZeroDivisionError division by zero
# 10000000000.0 1e+16 1e-05 123456789.12345679 0.30000000000000004 1e+22 -0.0 inf nan
# 1,234,567.89 1_234_567 0.000123 1e+20 11111111 3.0+4.0j 1 A
# aaxy  | z |-    5|+    5|-5| 5|
#     5|   5  | 5
# ab (1,) (1, 2) (1, 2) 1
