# Two machines: a brainfuck compiler to nested closures, and a stack machine with labels.
def compile_bf(source):
    stack = [[]]
    for c in source:
        match c:
            case "+" | "-" | "<" | ">":
                step = 1 if c in "+>" else -1
                kind = "add" if c in "+-" else "move"
                if stack[-1] and stack[-1][-1][0] == kind:
                    stack[-1][-1][1] += step
                else:
                    stack[-1].append([kind, step])
            case ".":
                stack[-1].append(["out", 0])
            case ",":
                stack[-1].append(["in", 0])
            case "[":
                stack.append([])
            case "]":
                if len(stack) == 1:
                    raise SyntaxError("unmatched ]")
                body = stack.pop()
                stack[-1].append(["loop", body])
    if len(stack) > 1:
        raise SyntaxError("unmatched [")
    return stack[0]


def run_bf(program, text=""):
    tape, at, out, source = bytearray(300), 0, [], iter(text.encode() + b"\0" * 9)

    def run(block):
        nonlocal at
        for op, n in block:
            if op == "add":
                tape[at] = (tape[at] + n) % 256
            elif op == "move":
                at += n
            elif op == "out":
                out.append(tape[at])
            elif op == "in":
                tape[at] = next(source)
            else:
                while tape[at]:
                    run(n)

    run(program)
    return bytes(out).decode("latin-1")


HELLO = "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++."
print(run_bf(compile_bf(HELLO)), run_bf(compile_bf(",[.-]"), "\x03").encode(), len(compile_bf(HELLO)))
for bad in "[", "]", "+[[]":
    try:
        compile_bf(bad)
    except SyntaxError as error:
        print(bad, error)

PROGRAM = """
    push 1
    store product
    push 10
    store n
loop:
    load n
    jumpz end
    load product
    load n
    mul
    store product
    load n
    push 1
    sub
    store n
    jump loop
end:
    load product
    print
    push 7
    dup
    mul
    print
    halt
"""


class Machine:
    def __init__(self, text):
        self.code, self.labels = [], {}
        for line in filter(None, map(str.strip, text.splitlines())):
            if line.endswith(":"):
                self.labels[line[:-1]] = len(self.code)
            else:
                self.code.append(line.split())
        self.stack, self.names, self.out, self.steps = [], {}, [], 0

    def op_push(self, n):
        self.stack.append(int(n))

    def op_load(self, name):
        self.stack.append(self.names[name])

    def op_store(self, name):
        self.names[name] = self.stack.pop()

    def op_dup(self):
        self.stack.append(self.stack[-1])

    def op_print(self):
        self.out.append(self.stack.pop())

    def op_jump(self, label):
        self.at = self.labels[label]

    def op_jumpz(self, label):
        if self.stack.pop() == 0:
            self.at = self.labels[label]

    def run(self):
        self.at = 0
        binary = {"mul": int.__mul__, "sub": int.__sub__, "add": int.__add__}
        while True:
            op, *arguments = self.code[self.at]
            self.at += 1
            self.steps += 1
            if op == "halt":
                return self.out
            if op in binary:
                b, a = self.stack.pop(), self.stack.pop()
                self.stack.append(binary[op](a, b))
            else:
                getattr(self, f"op_{op}")(*arguments)


m = Machine(PROGRAM)
print(m.run(), m.steps, m.names, m.labels)
try:
    Machine("nonsense 5").run()
except AttributeError as error:
    print(error)

# === stdout
# Hello World!
#  b'\x03\x02\x01' 31
# [ unmatched [
# ] unmatched ]
# +[[] unmatched [
# [3628800, 49] 123 {'product': 3628800, 'n': 0} {'loop': 4, 'end': 15}
# 'Machine' object has no attribute 'op_nonsense'
