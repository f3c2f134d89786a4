# A JSON encoder and decoder written out: strings by the character, dispatch by type, recursion.
import sys
import time

ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def encode_string(text):
    out = ['"']
    for c in text:
        if c in ESCAPES:
            out.append(ESCAPES[c])
        elif c < " ":
            out.append(f"\\u{ord(c):04x}")
        else:
            out.append(c)
    out.append('"')
    return "".join(out)


def encode(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return encode_string(value)
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join([encode(item) for item in value]) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{encode_string(k)}: {encode(v)}" for k, v in value.items()) + "}"
    raise TypeError(type(value).__name__)


class Decoder:
    def __init__(self, text):
        self.text = text
        self.at = 0

    def skip(self):
        while self.at < len(self.text) and self.text[self.at] in " \n\t":
            self.at += 1

    def value(self):
        self.skip()
        c = self.text[self.at]
        if c == "{":
            return self.members()
        if c == "[":
            return self.items()
        if c == '"':
            return self.string()
        for word, value in ("null", None), ("true", True), ("false", False):
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        return self.number()

    def number(self):
        begin = self.at
        while self.at < len(self.text) and self.text[self.at] in "+-.0123456789e":
            self.at += 1
        digits = self.text[begin:self.at]
        return float(digits) if "." in digits or "e" in digits else int(digits)

    def string(self):
        self.at += 1
        out = []
        while (c := self.text[self.at]) != '"':
            if c == "\\":
                self.at += 1
                c = {"n": "\n", "t": "\t"}.get(self.text[self.at], self.text[self.at])
            out.append(c)
            self.at += 1
        self.at += 1
        return "".join(out)

    def items(self):
        out = []
        self.at += 1
        self.skip()
        while self.text[self.at] != "]":
            out.append(self.value())
            self.skip()
            if self.text[self.at] == ",":
                self.at += 1
                self.skip()
        self.at += 1
        return out

    def members(self):
        out = {}
        self.at += 1
        self.skip()
        while self.text[self.at] != "}":
            key = self.string()
            self.skip()
            self.at += 1
            out[key] = self.value()
            self.skip()
            if self.text[self.at] == ",":
                self.at += 1
                self.skip()
        self.at += 1
        return out


def document(n):
    return {
        "id": n,
        "name": f"item \"{n}\"",
        "tags": ["red", "green\n", None, True, False],
        "size": {"width": n * 1.5, "height": n / 4},
        "parts": [{"n": i, "ok": i % 2 == 0} for i in range(8)],
    }


def main():
    total = 0
    for i in range(550):
        value = document(i)
        text = encode(value)
        total += len(text)
        if Decoder(text).value() != value:
            return "differs", text
    return total


begin = time.perf_counter()
for _ in range(10):
    result = main()
print("TIME", time.perf_counter() - begin, file=sys.stderr)
print(result)
