# A Pratt parser, an optimiser and a stack machine for a small language with functions and bigint arithmetic.
import enum
import operator
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce, singledispatch
from typing import NamedTuple


class Kind(enum.Enum):
    NUMBER = r"\d+(?:\.\d+)?"
    NAME = r"[A-Za-z_]\w*"
    OP = r"\*\*|//|[<>=!]=|[-+*/%(),<>=!^]"
    SPACE = r"\s+"

    @cached_property
    def regex(self):
        return re.compile(self.value)


class Token(NamedTuple):
    kind: Kind
    text: str
    at: int


class LanguageError(Exception):
    def __init__(self, message, at):
        super().__init__(message, at)
        self.message, self.at = message, at

    def __str__(self):
        return f"{self.message} at {self.at}"


def scan(source):
    at = 0
    while at < len(source):
        for kind in Kind:
            if match := kind.regex.match(source, at):
                if kind is not Kind.SPACE:
                    yield Token(kind, match.group(), at)
                at = match.end()
                break
        else:
            raise LanguageError(f"unexpected {source[at]!r}", at)
    yield Token(Kind.OP, "", at)


class Node(ABC):
    @abstractmethod
    def __str__(self): ...


@dataclass(frozen=True, slots=True)
class Number(Node):
    value: Fraction

    def __str__(self):
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str

    def __str__(self):
        return self.name


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: str
    arguments: tuple

    def __str__(self):
        return f"({' '.join([self.function, *map(str, self.arguments)])})"


POWERS = {"==": 10, "<": 20, ">": 20, "+": 30, "-": 30, "*": 40, "/": 40, "//": 40, "%": 40, "**": 60}
FUNCTIONS = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "<": operator.lt, ">": operator.gt, "==": operator.eq,
    "neg": operator.neg, "min": min, "max": max, "if": lambda c, a, b: a if c else b,
    "fact": lambda n: reduce(operator.mul, range(1, int(n) + 1), Fraction(1)),
}


class Parser:
    def __init__(self, source):
        self.tokens = list(scan(source))
        self.position = 0

    @property
    def token(self):
        return self.tokens[self.position]

    def advance(self, expected=None):
        token = self.token
        if expected is not None and token.text != expected:
            raise LanguageError(f"expected {expected!r}, got {token.text or 'the end'!r}", token.at)
        self.position += 1
        return token

    def expression(self, power=0):
        left = self.prefix(self.advance())
        while (binding := POWERS.get(self.token.text, -1)) > power:
            op = self.advance().text
            left = Call(op, (left, self.expression(binding - (op == "**"))))
        return left

    def prefix(self, token):
        match token:
            case Token(Kind.NUMBER, text):
                return Number(Fraction(text))
            case Token(Kind.NAME, name) if self.token.text == "(":
                self.advance()
                arguments = []
                while self.token.text != ")":
                    arguments.append(self.expression())
                    if self.token.text != ")":
                        self.advance(",")
                self.advance(")")
                return Call(name, tuple(arguments))
            case Token(Kind.NAME, name):
                return Name(name)
            case Token(text="-"):
                return Call("neg", (self.expression(50),))
            case Token(text="("):
                inner = self.expression()
                self.advance(")")
                return inner
        raise LanguageError(f"cannot start with {token.text or 'the end'!r}", token.at)

    def parse(self):
        node = self.expression()
        self.advance("")
        return node


@singledispatch
def fold(node):
    return node


@fold.register
def _(node: Call):
    arguments = tuple(map(fold, node.arguments))
    if all(isinstance(a, Number) for a in arguments) and node.function in FUNCTIONS:
        try:
            value = FUNCTIONS[node.function](*(a.value for a in arguments))
        except (ZeroDivisionError, TypeError):
            return Call(node.function, arguments)
        if isinstance(value, Fraction):
            return Number(value)
    match Call(node.function, arguments):
        case Call("*", (Number(1), other) | (other, Number(1))) | Call("+", (Number(0), other) | (other, Number(0))):
            return other
        case simplified:
            return simplified


def compile_(node):
    match node:
        case Number(value):
            yield "push", value
        case Name(name):
            yield "load", name
        case Call(function, arguments):
            for argument in arguments:
                yield from compile_(argument)
            yield "call", (function, len(arguments))


def run(program, **variables):
    stack = []
    for op, operand in program:
        if op == "push":
            stack.append(operand)
        elif op == "load":
            stack.append(variables[operand])
        else:
            function, n = operand
            split = len(stack) - n
            stack[split:] = [FUNCTIONS[function](*stack[split:])]
    (result,) = stack
    return result


for source in ("1 + 2 * 3", "2 ** 3 ** 2", "-2 ** 2", "(1 + 2) * -3", "x * 1 + 0 * y", "fact(25) // fact(20)", "1/3 + 1/6",
               "if(x < 10, x ** 50, 0)", "max(x, y, 7) % 4", "1 +", "1 $ 2", "(1", "f(1, )", "1 / 0", "2 == 2", "nope(1)", ""):
    try:
        tree = Parser(source).parse()
        small = fold(tree)
        result = run(compile_(small), x=Fraction(3), y=Fraction(1, 2))
        print(f"{source:24} {tree!s:38} {small!s:30} {result}")
    except LanguageError as error:
        print(f"{source:24} LanguageError: {error} {error.args}")
    except Exception as error:
        print(f"{source:24} {type(error).__name__}: {error}")
print(Number(Fraction(1, 2)), repr(Call("f", (Name("x"),))), hash(Name("a")) == hash(Name("a")), Kind["NAME"].name)
try:
    Name("x").name = "y"
except AttributeError as error:
    print(type(error).__name__, error)
try:
    Node()
except TypeError as error:
    print(error)

# === stdout
# 1 + 2 * 3                (+ 1 (* 2 3))                          7                              7
# 2 ** 3 ** 2              (** 2 (** 3 2))                        512                            512
# -2 ** 2                  (neg (** 2 2))                         -4                             -4
# (1 + 2) * -3             (* (+ 1 2) (neg 3))                    -9                             -9
# x * 1 + 0 * y            (+ (* x 1) (* 0 y))                    (+ x (* 0 y))                  3
# fact(25) // fact(20)     (// (fact 25) (fact 20))               (// 15511210043330985984000000 2432902008176640000) 6375600
# 1/3 + 1/6                (+ (/ 1 3) (/ 1 6))                    1/2                            1/2
# if(x < 10, x ** 50, 0)   (if (< x 10) (** x 50) 0)              (if (< x 10) (** x 50) 0)      717897987691852588770249
# max(x, y, 7) % 4         (% (max x y 7) 4)                      (% (max x y 7) 4)              3
# 1 +                      LanguageError: cannot start with 'the end' at 3 ("cannot start with 'the end'", 3)
# 1 $ 2                    LanguageError: unexpected '$' at 2 ("unexpected '$'", 2)
# (1                       LanguageError: expected ')', got 'the end' at 2 ("expected ')', got 'the end'", 2)
# f(1, )                   KeyError: 'f'
# 1 / 0                    ZeroDivisionError: Fraction(1, 0)
# 2 == 2                   (== 2 2)                               (== 2 2)                       True
# nope(1)                  KeyError: 'nope'
#                          LanguageError: cannot start with 'the end' at 0 ("cannot start with 'the end'", 0)
# 1/2 Call(function='f', arguments=(Name(name='x'),)) True NAME
# FrozenInstanceError cannot assign to field 'name'
# Can't instantiate abstract class Node without an implementation for abstract method '__str__'
