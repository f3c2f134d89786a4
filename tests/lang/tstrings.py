# t-strings: templates, interpolations, their parts.
from string.templatelib import Template, Interpolation

name = "world"
n = 3.14159
t = t"hello {name}! {n:.2f} {name!r} {n + 1 = }"
print(type(t) is Template, t.strings, t.values)
for i in t.interpolations:
    print(type(i) is Interpolation, i.value, i.expression, i.conversion, repr(i.format_spec))
print([part if isinstance(part, str) else ("value", part.value) for part in t])


def render(template):
    out = []
    for part in template:
        if isinstance(part, str):
            out.append(part)
        else:
            out.append(format(part.value, part.format_spec))
    return "".join(out)


print(render(t"{name:>8}|{n:{'.1f'}}|"), t"".strings, (t"a{1}" + t"b{2}").strings)
print(t"{name}")
try:
    t"a" + "b"
except TypeError as error:
    print(error)

# === stdout
# True ('hello ', '! ', ' ', ' n + 1 = ', '') ('world', 3.14159, 'world', 4.14159)
# True world name None ''
# True 3.14159 n None '.2f'
# True world name r ''
# True 4.14159 n + 1  r ''
# ['hello ', ('value', 'world'), '! ', ('value', 3.14159), ' ', ('value', 'world'), ' n + 1 = ', ('value', 4.14159)]
#    world|3.1| ('',) ('a', 'b', '')
# Template(strings=('', ''), interpolations=(Interpolation('world', 'name', None, ''),))
# can only concatenate string.templatelib.Template (not "str") to string.templatelib.Template
