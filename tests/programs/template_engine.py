# A template engine: regular expressions, compilation to Python source, exec, closures, errors with line numbers.
import re


class TemplateError(Exception):
    def __init__(self, message, line):
        super().__init__(f"line {line}: {message}")


class Template:
    TOKEN = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.S)
    FILTERS = {"upper": str.upper, "join": lambda x, by=", ": by.join(map(str, x)), "default": lambda x, d="?": x or d, "length": len}

    def __init__(self, text):
        lines = ["def render(context, filters):", " out = []"]
        depth, stack, line = 1, [], 1
        for token in self.TOKEN.split(text):
            pad = " " * depth
            if token.startswith("{{"):
                lines.append(f"{pad}out.append(str({self.expression(token[2:-2].strip(), line)}))")
            elif token.startswith("{%"):
                words = token[2:-2].split()
                match words:
                    case ["if", *test]:
                        lines.append(f"{pad}if {self.expression(' '.join(test), line)}:")
                        stack.append("if")
                        depth += 1
                    case ["else"]:
                        lines.append(" " * (depth - 1) + "else:")
                    case ["for", name, "in", *source]:
                        lines.append(f"{pad}for context[{name!r}] in {self.expression(' '.join(source), line)}:")
                        stack.append("for")
                        depth += 1
                    case [end] if end.startswith("end"):
                        if not stack or stack.pop() != end[3:]:
                            raise TemplateError(f"{end} out of place", line)
                        lines.append(f"{pad}pass")
                        depth -= 1
                    case _:
                        raise TemplateError(f"unknown tag {token}", line)
            elif not token.startswith("{#") and token:
                lines.append(f"{pad}out.append({token!r})")
            line += token.count("\n")
        if stack:
            raise TemplateError(f"{stack[-1]} is not closed", line)
        lines.append(" return ''.join(out)")
        self.source = "\n".join(lines)
        scope = {}
        exec(compile(self.source, "<template>", "exec"), scope)
        self.function = scope["render"]

    def expression(self, text, line):
        value, *filters = (part.strip() for part in text.split("|"))
        parts = value.split(".")
        if not re.fullmatch(r"[a-z_]\w*|\d+|'[^']*'", parts[0]):
            raise TemplateError(f"bad expression {text!r}", line)
        code = parts[0] if parts[0][0] in "'0123456789" else f"context.get({parts[0]!r}, '')"
        for part in parts[1:]:
            code = f"(lambda o: o[{part!r}] if isinstance(o, dict) else getattr(o, {part!r}))({code})"
        for f in filters:
            name, _, argument = f.partition(":")
            code = f"filters[{name!r}]({code}{', ' + argument if argument else ''})"
        return code

    def render(self, **context):
        return self.function(context, self.FILTERS)


class User:
    def __init__(self, name, admin=False):
        self.name, self.admin = name, admin


page = Template("""\
Hello {{ user.name | upper }}{# a comment #}!
{% for item in items %}  * {{ item.title }}{% if item.tags %} [{{ item.tags | join:'/' }}]{% else %} (no tags){% endif %}
{% endfor %}{% if user.admin %}admin{% else %}{{ nothing | default:'guest' }}{% endif %}, {{ items | length }} items
""")
print(page.render(user=User("ann"), items=[{"title": "one", "tags": ["a", "b"]}, {"title": "two", "tags": []}]))
print(page.render(user=User("bob", True), items=[]))
print(page.source.count("\n"), "lines")
for bad in "{% if x %}", "a\nb{% endfor %}", "{{ 1 + 1 }}", "{% what %}", "\n\n{% for x in y %}{% endif %}":
    try:
        Template(bad)
    except TemplateError as error:
        print(error)
try:
    Template("{{ x.missing }}").render(x=User("n"))
except AttributeError as error:
    print(error, error.__traceback__.tb_next.tb_next.tb_frame.f_code.co_filename)
try:
    Template("{{ x | nope }}").render(x=1)
except KeyError as error:
    print("no filter", error)

# === stdout
# Hello ANN!
#   * one [a/b]
#   * two (no tags)
# guest, 2 items
#
# Hello BOB!
# admin, 0 items
#
# 25 lines
# line 1: if is not closed
# line 2: endfor out of place
# line 1: bad expression '1 + 1'
# line 1: unknown tag {% what %}
# line 3: endif out of place
# 'User' object has no attribute 'missing' <template>
# no filter 'nope'
