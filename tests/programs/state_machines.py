# A tokeniser and recursive-descent calculator, a vending machine, a regular-expression matcher.
import re
from enum import Enum, auto

TOKEN = re.compile(r"\s*(?:(?P<number>\d+\.?\d*)|(?P<name>[a-z_]\w*)|(?P<op>\*\*|[-+*/^()=,]))")


class Calculator:
    def __init__(self):
        self.names = {"pi": 3.141592653589793, "max": max, "abs": abs}

    def run(self, text):
        self.tokens, at = [], 0
        text = text.rstrip()
        while at < len(text):
            m = TOKEN.match(text, at)
            if not m:
                raise SyntaxError(f"bad character {text[at:].lstrip()[0]!r}")
            self.tokens.append((m.lastgroup, m[m.lastgroup]))
            at = m.end()
        self.at = 0
        value = self.assignment()
        if self.at < len(self.tokens):
            raise SyntaxError(f"unexpected {self.tokens[self.at][1]!r}")
        return value

    def peek(self):
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def take(self, *expected):
        if self.peek() in expected:
            self.at += 1
            return self.tokens[self.at - 1][1]

    def assignment(self):
        if len(self.tokens) > 2 and self.tokens[0][0] == "name" and self.tokens[1][1] == "=":
            self.at = 2
            self.names[self.tokens[0][1]] = value = self.sum()
            return value
        return self.sum()

    def sum(self):
        value = self.product()
        while op := self.take("+", "-"):
            value = value + self.product() if op == "+" else value - self.product()
        return value

    def product(self):
        value = self.power()
        while op := self.take("*", "/"):
            value = value * self.power() if op == "*" else value / self.power()
        return value

    def power(self):
        if self.take("-"):
            return -self.power()
        value = self.atom()
        return value ** self.power() if self.take("**", "^") else value

    def atom(self):
        if self.at >= len(self.tokens):
            raise SyntaxError("unexpected end")
        kind, text = self.tokens[self.at]
        self.at += 1
        match kind, text:
            case "number", _:
                return float(text) if "." in text else int(text)
            case "name", _ if self.take("("):
                arguments = []
                while not self.take(")"):
                    arguments.append(self.sum())
                    self.take(",")
                return self.names[text](*arguments)
            case "name", _:
                return self.names[text]
            case "op", "(":
                value = self.sum()
                if not self.take(")"):
                    raise SyntaxError("missing )")
                return value
        raise SyntaxError(f"unexpected {text!r}")


calculator = Calculator()
for line in ("1 + 2 * 3", "(1 + 2) * 3", "2 ** 3 ** 2", "-2 ^ 2", "x = 10 / 4", "x * x - 1", "max(1, x, abs(-7))", "2 * pi", "1 +", "(1", "1 2", "y", "3 $ 4", "1 / 0"):
    try:
        print(f"{line:<20} = {calculator.run(line)}")
    except Exception as error:
        print(f"{line:<20} ! {type(error).__name__}: {error}")


class State(Enum):
    IDLE = auto()
    PAID = auto()
    BROKEN = auto()


class Vending:
    transitions = {}

    def on(state, event, table=transitions):
        def register(function):
            table[state, event] = function
            return function

        return register

    def __init__(self):
        self.state, self.credit = State.IDLE, 0

    @on(State.IDLE, "coin")
    @on(State.PAID, "coin")
    def coin(self):
        self.credit += 1
        return State.PAID

    @on(State.PAID, "push")
    def push(self):
        self.credit -= 1
        return State.PAID if self.credit else State.IDLE

    @on(State.IDLE, "kick")
    @on(State.PAID, "kick")
    def kick(self):
        return State.BROKEN

    def fire(self, event):
        action = self.transitions.get((self.state, event))
        if action is None:
            return f"{event} does nothing when {self.state.name}"
        self.state = action(self)
        return f"{event} -> {self.state.name} ({self.credit})"


machine = Vending()
for event in "push coin coin push push kick coin".split():
    print(machine.fire(event))


def match(pattern, text):
    def here(p, t):
        if not p:
            yield t
        elif len(p) > 1 and p[1] in "*?+":
            if p[1] != "+":
                yield from here(p[2:], t)
            if t and p[0] in (t[0], "."):
                for rest in [t[1:]]:
                    yield from here(p[2:] if p[1] == "?" else p[0] + "*" + p[2:], rest)
        elif t and p[0] in (t[0], "."):
            yield from here(p[1:], t[1:])

    return any(rest == "" for rest in here(pattern, text))


print([(p, t, match(p, t)) for p, t in (("a*b", "aaab"), ("a+b", "b"), ("a?b", "b"), (".*", "xyz"), ("a.c", "abc"), ("a.c", "ac"), ("", ""), ("x*y*z", "xyyz"))])

# === stdout
# 1 + 2 * 3            = 7
# (1 + 2) * 3          = 9
# 2 ** 3 ** 2          = 512
# -2 ^ 2               = -4
# x = 10 / 4           = 2.5
# x * x - 1            = 5.25
# max(1, x, abs(-7))   = 7
# 2 * pi               = 6.283185307179586
# 1 +                  ! SyntaxError: unexpected end
# (1                   ! SyntaxError: missing )
# 1 2                  ! SyntaxError: unexpected '2'
# y                    ! KeyError: 'y'
# 3 $ 4                ! SyntaxError: bad character '$'
# 1 / 0                ! ZeroDivisionError: division by zero
# push does nothing when IDLE
# coin -> PAID (1)
# coin -> PAID (2)
# push -> PAID (1)
# push -> IDLE (0)
# kick -> BROKEN (0)
# coin does nothing when BROKEN
# [('a*b', 'aaab', True), ('a+b', 'b', False), ('a?b', 'b', True), ('.*', 'xyz', True), ('a.c', 'abc', True), ('a.c', 'ac', False), ('', '', True), ('x*y*z', 'xyyz', True)]
