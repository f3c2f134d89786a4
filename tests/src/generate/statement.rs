//! Random nests of statements: loops, branches, exceptions, context managers, functions, generators, closures, classes, matches.
//!
//! Every step is noted; a budget of steps ends what would run for long.

use super::Random;

/// A program that prints the trail of what ran.
pub fn statements(seed: u64) -> String {
    let mut writer =
        Writer { random: Random::new(seed), text: String::from(PREAMBLE), indent: 0, next: 0, functions: Vec::new() };
    for _ in 0..4 {
        writer.function();
    }
    for name in std::mem::take(&mut writer.functions) {
        writer.line(&format!("drive({name})"));
    }
    writer.text
}

const PREAMBLE: &str = "\
trail = []
budget = 0


class Tired(Exception):
    pass


def step(n, value=None):
    global budget
    budget -= 1
    if budget < 0:
        raise Tired
    trail.append(n)
    return n if value is None else value


class M:
    def __init__(self, n, swallow):
        self.n, self.swallow = n, swallow

    def __enter__(self):
        step(('enter', self.n))
        return self.n

    def __exit__(self, kind, value, traceback):
        trail.append(('exit', self.n, kind and kind.__name__))
        return self.swallow and kind is not Tired


def drive(f):
    global budget
    for a in 0, 1, 2:
        trail.clear()
        budget = 120
        try:
            result = f(a)
            if hasattr(result, '__next__'):
                items = []
                for item in result:
                    items.append(item)
                    if len(items) > 20:
                        result.close()
                        break
                result = items
            outcome = repr(result)
        except Exception as e:
            context, depth = e, []
            while context is not None and len(depth) < 6:
                depth.append(type(context).__name__)
                context = context.__context__
            lines = []
            tb = e.__traceback__
            while tb is not None:
                lines.append(tb.tb_lineno)
                tb = tb.tb_next
            outcome = f'raised {depth} at {lines}'
        print(f.__name__, a, outcome, trail)


";

/// What a statement may be inside of.
#[derive(Clone, Copy, Default)]
struct Place {
    depth: usize,
    in_loop: bool,
    generator: bool,
}

struct Writer {
    random: Random,
    text: String,
    indent: usize,
    next: usize,
    functions: Vec<String>,
}

impl Writer {
    fn line(&mut self, line: &str) {
        for _ in 0..self.indent {
            self.text.push_str("    ");
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn number(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    fn function(&mut self) {
        let name = format!("f{}", self.number());
        let generator = self.random.one_in(3);
        self.line(&format!("def {name}(a):"));
        self.indent += 1;
        self.line("b = c = 1");
        self.block(Place { depth: 4, in_loop: false, generator });
        if generator {
            self.line("yield ('end', a, b, c)");
        } else {
            self.line("return ('end', a, b, c)");
        }
        self.indent -= 1;
        self.line("");
        self.line("");
        self.functions.push(name);
    }

    fn block(&mut self, place: Place) {
        for _ in 0..1 + self.random.below(3) {
            self.statement(place);
        }
    }

    fn nested(&mut self, header: &str, place: Place) {
        self.line(header);
        self.indent += 1;
        self.block(place);
        self.indent -= 1;
    }

    fn condition(&mut self) -> String {
        let n = self.number();
        let tests = [
            "a > 1",
            "a == b",
            "b % 2",
            "not c",
            "a < b < 3",
            "a and b",
            "b or c",
            "(d := a) == 2",
            "a in (0, c)",
            "c is not None",
        ];
        let test = self.random.pick(&tests);
        if self.random.one_in(4) { format!("step({n}, {test})") } else { test.into() }
    }

    fn simple(&mut self, place: Place) {
        let n = self.number();
        let line = match self.random.below(16) {
            0 | 1 => format!("step({n})"),
            2 => format!("b = step({n}, a)"),
            3 => "b += 1".into(),
            4 => "b, c = c, b".into(),
            5 => format!("c = [step(({n}, i)) for i in range(a)]"),
            6 => format!("b = (lambda x: step({n}, x + 1))(a)"),
            7 => "a = a if b else c".into(),
            8 if place.in_loop => "break".into(),
            9 if place.in_loop => "continue".into(),
            10 => format!("raise {}({n})", self.random.pick(&["ValueError", "KeyError", "TypeError"])),
            11 if place.generator => format!("c = yield step({n})"),
            12 if place.generator => format!("yield from (step(({n}, i)) for i in range(2))"),
            13 if place.generator => "return".into(),
            13 => format!("return step({n}, b)"),
            14 => "b = 1 // a".into(),
            15 => "*c, b = c, a, b".into(),
            _ => format!("b = step({n})"),
        };
        self.line(&line);
    }

    fn statement(&mut self, place: Place) {
        if place.depth == 0 {
            return self.simple(place);
        }
        let inner = Place { depth: place.depth - 1, ..place };
        match self.random.below(14) {
            0 | 1 => {
                let test = self.condition();
                self.nested(&format!("if {test}:"), inner);
                if self.random.one_in(2) {
                    let test = self.condition();
                    self.nested(&format!("elif {test}:"), inner);
                }
                if self.random.one_in(2) {
                    self.nested("else:", inner);
                }
            }
            2 => {
                let n = self.number();
                self.nested(&format!("for i in range(step({n}, 2)):"), Place { in_loop: true, ..inner });
                if self.random.one_in(3) {
                    self.nested("else:", inner);
                }
            }
            3 => {
                let n = self.number();
                self.line(&format!("n{n} = 0"));
                self.line(&format!("while (n{n} := n{n} + 1) < 4:"));
                self.indent += 1;
                self.line(&format!("step({n})"));
                self.block(Place { in_loop: true, ..inner });
                self.indent -= 1;
                if self.random.one_in(3) {
                    self.nested("else:", inner);
                }
            }
            4..=6 => self.protected(inner),
            7 => {
                let (n, swallow) = (self.number(), self.random.one_in(2));
                let flag = if swallow { "True" } else { "False" };
                let second = if self.random.one_in(3) { format!(", M('second {n}', False)") } else { String::new() };
                self.nested(&format!("with M({n}, {flag}) as d{second}:"), inner);
            }
            8 => {
                let n = self.number();
                self.line(&format!("def inner{n}(x=b):"));
                self.indent += 1;
                self.line("nonlocal c");
                self.line(&format!("c = step({n}, x)"));
                self.block(Place { depth: inner.depth.min(1), in_loop: false, generator: false });
                self.line("return c");
                self.indent -= 1;
                self.line(&format!("b = inner{n}()"));
            }
            9 => {
                self.line("match b:");
                self.indent += 1;
                for pattern in ["1", "[x, *_]", "int(x) if x > a", "_"] {
                    self.nested(&format!("case {pattern}:"), inner);
                }
                self.indent -= 1;
            }
            10 => {
                let n = self.number();
                self.line(&format!("class K{n}:"));
                self.indent += 1;
                self.line(&format!("k = step({n}, a)"));
                self.line("def get(self): return self.k, b");
                self.indent -= 1;
                self.line(&format!("c = K{n}().get()"));
            }
            _ => self.simple(place),
        }
    }

    /// A `try` in one of its forms.
    fn protected(&mut self, inner: Place) {
        self.nested("try:", inner);
        let handlers = self.random.below(3);
        let group = handlers > 0 && self.random.one_in(6);
        // break, continue and return may not leave an `except*` block.
        let handler_place = if group { Place { depth: 0, in_loop: false, ..inner } } else { inner };
        for kind in ["ValueError", "(KeyError, ZeroDivisionError)"].into_iter().take(handlers) {
            let star = if group { "*" } else { "" };
            self.line(&format!("except{star} {kind} as e:"));
            self.indent += 1;
            let n = self.number();
            self.line(&format!("step(({n}, type(e).__name__))"));
            if !group {
                self.block(handler_place);
                if self.random.one_in(5) {
                    self.line("raise");
                }
            }
            self.indent -= 1;
        }
        if handlers > 0 && self.random.one_in(3) {
            self.nested("else:", inner);
        }
        if handlers == 0 || self.random.one_in(3) {
            // Leaving a `finally` by break, continue or return is a warning of the compiler.
            self.line("finally:");
            self.indent += 1;
            let n = self.number();
            self.line(&format!("step(('finally', {n}))"));
            if self.random.one_in(3) {
                self.line("b = c");
            }
            self.indent -= 1;
        }
    }
}
