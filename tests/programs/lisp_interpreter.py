# A small Lisp: tokeniser, parser, environments, tail calls by a loop, macros as special forms.
import operator


class Symbol(str):
    pass


class Env(dict):
    def __init__(self, names=(), values=(), outer=None):
        self.update(zip(names, values))
        self.outer = outer

    def find(self, name):
        env = self
        while env is not None:
            if name in env:
                return env
            env = env.outer
        raise NameError(f"unbound: {name}")


class Lambda:
    def __init__(self, names, body, env):
        self.names, self.body, self.env = names, body, env


def tokens(text):
    return text.replace("(", " ( ").replace(")", " ) ").replace("'", " ' ").split()


def parse(items):
    token = items.pop(0)
    if token == "(":
        out = []
        while items[0] != ")":
            out.append(parse(items))
        items.pop(0)
        return out
    if token == "'":
        return [Symbol("quote"), parse(items)]
    if token == ")":
        raise SyntaxError("unexpected )")
    for kind in int, float:
        try:
            return kind(token)
        except ValueError:
            pass
    return Symbol(token)


def evaluate(x, env):
    while True:
        match x:
            case Symbol():
                return env.find(x)[x]
            case int() | float() | None:
                return x
            case ["quote", value]:
                return value
            case ["if", test, then, *rest]:
                x = then if evaluate(test, env) is not False else (rest[0] if rest else None)
            case ["define", Symbol() as name, value]:
                env[name] = evaluate(value, env)
                return None
            case ["define", [name, *names], body]:
                env[name] = Lambda(names, body, env)
                return None
            case ["lambda", names, body]:
                return Lambda(names, body, env)
            case ["let", bindings, body]:
                env = Env([n for n, _ in bindings], [evaluate(v, env) for _, v in bindings], env)
                x = body
            case ["begin", *parts, last]:
                for part in parts:
                    evaluate(part, env)
                x = last
            case [function, *arguments]:
                f = evaluate(function, env)
                values = [evaluate(a, env) for a in arguments]
                if not isinstance(f, Lambda):
                    return f(*values)
                x, env = f.body, Env(f.names, values, f.env)
            case _:
                raise SyntaxError(f"cannot evaluate {x!r}")


def show(x):
    if isinstance(x, list):
        return "(" + " ".join(map(show, x)) + ")"
    if isinstance(x, bool):
        return "#t" if x else "#f"
    if isinstance(x, Lambda):
        return f"<lambda {show(list(x.names))}>"
    return str(x)


top = Env()
top.update({"+": lambda *a: sum(a), "*": operator.mul, "-": operator.sub, "/": operator.truediv, "<": operator.lt, "=": operator.eq, "car": lambda l: l[0], "cdr": lambda l: l[1:], "cons": lambda a, l: [a] + l, "null?": lambda l: l == [], "list": lambda *a: list(a)})
for line in """
(define (fact n) (if (< n 2) 1 (* n (fact (- n 1)))))
(fact 30)
(define (loop n acc) (if (= n 0) acc (loop (- n 1) (+ acc n))))
(loop 20000 0)
(define (map f l) (if (null? l) '() (cons (f (car l)) (map f (cdr l)))))
(map (lambda (x) (* x x)) '(1 2 3 4))
(let ((x 2) (y 3)) (let ((x 10)) (list x y (/ x y))))
(define compose (lambda (f g) (lambda (x) (f (g x)))))
((compose (lambda (x) (+ x 1)) (lambda (x) (* x 2))) 20)
compose
(< 1 2)
(begin (define a 5) (+ a 1.5))
(undefined 1)
(car '())
)
""".strip().splitlines():
    try:
        result = evaluate(parse(tokens(line)), top)
        if result is not None:
            print(line, "=>", show(result))
    except Exception as error:
        print(line, "!!", type(error).__name__, error)

# === stdout
# (fact 30) => 265252859812191058636308480000000
# (loop 20000 0) => 200010000
# (map (lambda (x) (* x x)) '(1 2 3 4)) => (1 4 9 16)
# (let ((x 2) (y 3)) (let ((x 10)) (list x y (/ x y)))) => (10 3 3.3333333333333335)
# ((compose (lambda (x) (+ x 1)) (lambda (x) (* x 2))) 20) => 41
# compose => <lambda (f g)>
# (< 1 2) => #t
# (begin (define a 5) (+ a 1.5)) => 6.5
# (undefined 1) !! NameError unbound: undefined
# (car '()) !! IndexError list index out of range
# ) !! SyntaxError unexpected )
