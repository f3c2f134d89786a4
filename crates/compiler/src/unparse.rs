//! Expressions back to source, for annotations that are kept as text: as CPython writes them, whatever the source looked like.

use crate::fold;
use crate::source::Source;
use ruff_python_ast::*;
use serpens_bytecode::constant::Const;
use std::fmt::Write as _;

/// How tightly what is around an expression binds, loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Tuple,
    Test,
    Or,
    And,
    Not,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Term,
    Factor,
    Power,
    Await,
    Atom,
}

/// The source of an expression.
pub fn unparse(e: &Expr, source: &Source) -> String {
    let mut u = Unparser { out: String::new(), source };
    u.expr(e, Level::Test);
    u.out
}

struct Unparser<'a> {
    out: String,
    source: &'a Source<'a>,
}

fn binary(op: Operator) -> (&'static str, Level) {
    match op {
        Operator::Add => (" + ", Level::Sum),
        Operator::Sub => (" - ", Level::Sum),
        Operator::Mult => (" * ", Level::Term),
        Operator::MatMult => (" @ ", Level::Term),
        Operator::Div => (" / ", Level::Term),
        Operator::Mod => (" % ", Level::Term),
        Operator::FloorDiv => (" // ", Level::Term),
        Operator::LShift => (" << ", Level::Shift),
        Operator::RShift => (" >> ", Level::Shift),
        Operator::BitOr => (" | ", Level::BitOr),
        Operator::BitXor => (" ^ ", Level::BitXor),
        Operator::BitAnd => (" & ", Level::BitAnd),
        Operator::Pow => (" ** ", Level::Power),
    }
}

/// The next tighter level.
fn tighter(level: Level) -> Level {
    const ALL: [Level; 16] = [
        Level::Tuple,
        Level::Test,
        Level::Or,
        Level::And,
        Level::Not,
        Level::Compare,
        Level::BitOr,
        Level::BitXor,
        Level::BitAnd,
        Level::Shift,
        Level::Sum,
        Level::Term,
        Level::Factor,
        Level::Power,
        Level::Await,
        Level::Atom,
    ];
    ALL.get(level as usize + 1).copied().unwrap_or(Level::Atom)
}

impl Unparser<'_> {
    fn expr(&mut self, e: &Expr, level: Level) {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.expression(e, level));
    }

    /// What `write` writes, in parentheses if what is around binds more tightly than `own`.
    fn around(&mut self, level: Level, own: Level, write: impl FnOnce(&mut Self)) {
        let needed = level > own;
        if needed {
            self.out.push('(');
        }
        write(self);
        if needed {
            self.out.push(')');
        }
    }

    fn list<'e>(&mut self, items: impl IntoIterator<Item = &'e Expr>) {
        for (i, e) in items.into_iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            self.expr(e, Level::Test);
        }
    }

    fn joined(&mut self, items: &[Expr], separator: &str, level: Level) {
        for (i, e) in items.iter().enumerate() {
            if i > 0 {
                self.out.push_str(separator);
            }
            self.expr(e, level);
        }
    }

    fn bracketed<'e>(&mut self, open: char, items: impl IntoIterator<Item = &'e Expr>, close: char) {
        self.out.push(open);
        self.list(items);
        self.out.push(close);
    }

    fn expression(&mut self, e: &Expr, level: Level) {
        match e {
            Expr::BoolOp(x) => {
                let (separator, own) = if x.op == BoolOp::And { (" and ", Level::And) } else { (" or ", Level::Or) };
                self.around(level, own, |u| u.joined(&x.values, separator, tighter(own)));
            }
            Expr::BinOp(x) => {
                let (operator, own) = binary(x.op);
                let right_first = x.op == Operator::Pow;
                let left = if right_first { tighter(own) } else { own };
                let right = if right_first { own } else { tighter(own) };
                self.around(level, own, |u| {
                    u.expr(&x.left, left);
                    u.out.push_str(operator);
                    u.expr(&x.right, right);
                });
            }
            Expr::UnaryOp(x) => {
                let (operator, own) = match x.op {
                    UnaryOp::Not => ("not ", Level::Not),
                    UnaryOp::Invert => ("~", Level::Factor),
                    UnaryOp::UAdd => ("+", Level::Factor),
                    UnaryOp::USub => ("-", Level::Factor),
                };
                self.around(level, own, |u| {
                    u.out.push_str(operator);
                    u.expr(&x.operand, own);
                });
            }
            Expr::Compare(x) => self.around(level, Level::Compare, |u| {
                u.expr(&x.left, tighter(Level::Compare));
                for (op, right) in x.ops.iter().zip(&*x.comparators) {
                    let _ = write!(u.out, " {} ", op.as_str());
                    u.expr(right, tighter(Level::Compare));
                }
            }),
            Expr::Lambda(x) => self.around(level, Level::Test, |u| {
                u.out.push_str("lambda");
                if let Some(p) = x.parameters.as_deref().filter(|p| !p.is_empty()) {
                    u.out.push(' ');
                    u.parameters(p);
                }
                u.out.push_str(": ");
                u.expr(&x.body, Level::Test);
            }),
            Expr::If(x) => self.around(level, Level::Test, |u| {
                u.expr(&x.body, tighter(Level::Test));
                u.out.push_str(" if ");
                u.expr(&x.test, tighter(Level::Test));
                u.out.push_str(" else ");
                u.expr(&x.orelse, Level::Test);
            }),
            Expr::Named(x) => self.around(level, Level::Tuple, |u| {
                u.expr(&x.target, Level::Atom);
                u.out.push_str(" := ");
                u.expr(&x.value, Level::Atom);
            }),
            Expr::Await(x) => self.around(level, Level::Await, |u| {
                u.out.push_str("await ");
                u.expr(&x.value, Level::Atom);
            }),
            Expr::Yield(x) => {
                self.out.push_str(if x.value.is_some() { "(yield " } else { "(yield" });
                if let Some(value) = &x.value {
                    self.expr(value, Level::Test);
                }
                self.out.push(')');
            }
            Expr::YieldFrom(x) => {
                self.out.push_str("(yield from ");
                self.expr(&x.value, Level::Test);
                self.out.push(')');
            }
            Expr::Starred(x) => {
                self.out.push('*');
                self.expr(&x.value, Level::BitOr);
            }
            Expr::Dict(x) => {
                self.out.push('{');
                for (i, item) in x.items.iter().enumerate() {
                    if i > 0 {
                        self.out.push_str(", ");
                    }
                    match &item.key {
                        Some(key) => {
                            self.expr(key, Level::Test);
                            self.out.push_str(": ");
                            self.expr(&item.value, Level::Test);
                        }
                        None => {
                            self.out.push_str("**");
                            self.expr(&item.value, Level::BitOr);
                        }
                    }
                }
                self.out.push('}');
            }
            Expr::List(x) => self.bracketed('[', &x.elts, ']'),
            Expr::Set(x) => self.bracketed('{', &x.elts, '}'),
            Expr::Tuple(x) if x.elts.is_empty() => self.out.push_str("()"),
            Expr::Tuple(x) => self.around(level, Level::Tuple, |u| {
                u.list(&x.elts);
                if x.elts.len() == 1 {
                    u.out.push(',');
                }
            }),
            Expr::ListComp(x) => self.comprehension('[', &x.elt, None, &x.generators, ']'),
            Expr::SetComp(x) => self.comprehension('{', &x.elt, None, &x.generators, '}'),
            Expr::Generator(x) => self.comprehension('(', &x.elt, None, &x.generators, ')'),
            Expr::DictComp(x) => {
                let key = x.key.as_deref().unwrap_or(&x.value);
                self.comprehension('{', key, Some(&x.value), &x.generators, '}');
            }
            Expr::Call(x) => self.call(x),
            Expr::Attribute(x) => {
                self.expr(&x.value, Level::Atom);
                // `1.real` would be a number that is spelt wrongly.
                if matches!(&*x.value, Expr::NumberLiteral(ExprNumberLiteral { value: Number::Int(_), .. })) {
                    self.out.push(' ');
                }
                let _ = write!(self.out, ".{}", x.attr);
            }
            Expr::Subscript(x) => {
                self.expr(&x.value, Level::Atom);
                self.out.push('[');
                self.expr(&x.slice, Level::Tuple);
                self.out.push(']');
            }
            Expr::Slice(x) => {
                if let Some(lower) = &x.lower {
                    self.expr(lower, Level::Test);
                }
                self.out.push(':');
                if let Some(upper) = &x.upper {
                    self.expr(upper, Level::Test);
                }
                if let Some(step) = &x.step {
                    self.out.push(':');
                    self.expr(step, Level::Test);
                }
            }
            Expr::Name(x) => self.out.push_str(&x.id),
            Expr::FString(x) => {
                let mut inner = String::new();
                for part in &x.value {
                    match part {
                        FStringPart::Literal(l) => inner.push_str(&braced(&l.value)),
                        FStringPart::FString(f) => self.elements(&f.elements, &mut inner),
                    }
                }
                let _ = write!(self.out, "f{}", quoted(&inner));
            }
            Expr::TString(x) => {
                let mut inner = String::new();
                x.value.iter().for_each(|part| self.elements(&part.elements, &mut inner));
                let _ = write!(self.out, "t{}", quoted(&inner));
            }
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => match fold::fold(e, self.source) {
                Some(value) => self.constant(&value),
                None => self.out.push_str("..."),
            },
            Expr::IpyEscapeCommand(_) => {}
        }
    }

    fn elements(&self, elements: &InterpolatedStringElements, out: &mut String) {
        for e in elements {
            match e {
                InterpolatedStringElement::Literal(l) => out.push_str(&braced(&l.value)),
                InterpolatedStringElement::Interpolation(x) => {
                    if let Some(debug) = &x.debug_text {
                        out.push_str(&braced(debug.as_str()));
                    }
                    let mut inner = Unparser { out: String::new(), source: self.source };
                    inner.expr(&x.expression, Level::Test);
                    out.push('{');
                    // Two braces would be one that is text.
                    if inner.out.starts_with('{') {
                        out.push(' ');
                    }
                    out.push_str(&inner.out);
                    match x.conversion.to_char() {
                        Some(c) => {
                            out.push('!');
                            out.push(c);
                        }
                        None if x.debug_text.is_some() && x.format_spec.is_none() => out.push_str("!r"),
                        None => {}
                    }
                    if let Some(spec) = &x.format_spec {
                        out.push(':');
                        self.elements(&spec.elements, out);
                    }
                    out.push('}');
                }
            }
        }
    }

    fn comprehension(&mut self, open: char, elt: &Expr, value: Option<&Expr>, clauses: &[Comprehension], close: char) {
        self.out.push(open);
        self.expr(elt, Level::Test);
        if let Some(value) = value {
            self.out.push_str(": ");
            self.expr(value, Level::Test);
        }
        for c in clauses {
            self.out.push_str(if c.is_async { " async for " } else { " for " });
            self.expr(&c.target, Level::Tuple);
            self.out.push_str(" in ");
            self.expr(&c.iter, tighter(Level::Test));
            for test in &c.ifs {
                self.out.push_str(" if ");
                self.expr(test, tighter(Level::Test));
            }
        }
        self.out.push(close);
    }

    fn call(&mut self, x: &ExprCall) {
        self.expr(&x.func, Level::Atom);
        if let ([only @ Expr::Generator(_)], true) = (&*x.arguments.args, x.arguments.keywords.is_empty()) {
            return self.expr(only, Level::Test);
        }
        self.out.push('(');
        self.list(&x.arguments.args);
        for (i, k) in x.arguments.keywords.iter().enumerate() {
            if i > 0 || !x.arguments.args.is_empty() {
                self.out.push_str(", ");
            }
            match &k.arg {
                Some(name) => {
                    let _ = write!(self.out, "{name}=");
                }
                None => self.out.push_str("**"),
            }
            self.expr(&k.value, Level::Test);
        }
        self.out.push(')');
    }

    fn parameters(&mut self, p: &Parameters) {
        let mut parts: Vec<String> = Vec::new();
        let one = |p: &ParameterWithDefault, source: &Source| match &p.default {
            Some(default) => format!("{}={}", p.parameter.name, unparse(default, source)),
            None => p.parameter.name.to_string(),
        };
        parts.extend(p.posonlyargs.iter().map(|p| one(p, self.source)));
        if !p.posonlyargs.is_empty() {
            parts.push("/".to_string());
        }
        parts.extend(p.args.iter().map(|p| one(p, self.source)));
        match &p.vararg {
            Some(v) => parts.push(format!("*{}", v.name)),
            None if !p.kwonlyargs.is_empty() => parts.push("*".to_string()),
            None => {}
        }
        parts.extend(p.kwonlyargs.iter().map(|p| one(p, self.source)));
        if let Some(k) = &p.kwarg {
            parts.push(format!("**{}", k.name));
        }
        self.out.push_str(&parts.join(", "));
    }

    fn constant(&mut self, value: &Const) {
        match value {
            Const::None => self.out.push_str("None"),
            Const::Bool(true) => self.out.push_str("True"),
            Const::Bool(false) => self.out.push_str("False"),
            Const::Int(i) => {
                let _ = write!(self.out, "{i}");
            }
            Const::Float(x) => self.out.push_str(&float(x.get())),
            Const::Complex(_, im) => {
                let _ = write!(self.out, "{}j", float(im.get()).trim_end_matches(".0"));
            }
            Const::Str(bytes) => self.out.push_str(&quoted(&String::from_utf8_lossy(bytes))),
            Const::Bytes(bytes) => {
                let text: String = bytes
                    .iter()
                    .map(|b| b.escape_ascii().to_string().replace("\\'", "'").replace("\\\"", "\""))
                    .collect();
                let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
                let text = if quote == '\'' { text.replace('\'', "\\'") } else { text };
                let _ = write!(self.out, "b{quote}{text}{quote}");
            }
            Const::Tuple(items) | Const::FrozenSet(items) => {
                self.out.push('(');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        self.out.push_str(", ");
                    }
                    self.constant(item);
                }
                self.out.push_str(if items.len() == 1 { ",)" } else { ")" });
            }
            Const::BigInt { negative, magnitude } => {
                let digits: String = magnitude.iter().rev().map(|b| format!("{b:02x}")).collect();
                let sign = if *negative { "-" } else { "" };
                let _ = write!(self.out, "{sign}0x{}", digits.trim_start_matches('0'));
            }
            Const::Ellipsis | Const::Slice(_) | Const::Code(_) => self.out.push_str("..."),
        }
    }
}

/// A float as Python shows it; infinity as a literal that gives it.
fn float(x: f64) -> String {
    if x.is_infinite() {
        return "1e309".to_string();
    }
    let shown = format!("{x:?}");
    match shown.split_once('e') {
        None => shown,
        Some((digits, exponent)) => {
            let (sign, digits_of) = exponent.strip_prefix('-').map_or(("+", exponent), |e| ("-", e));
            format!("{}e{sign}{digits_of:0>2}", digits.trim_end_matches(".0"))
        }
    }
}

fn braced(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// A text as a literal, as Python's `repr` shows it.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        let code = c as u32;
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if crate::diagnose::is_printable(c) => out.push(c),
            _ if code < 0x100 => {
                let _ = write!(out, "\\x{code:02x}");
            }
            _ if code < 0x10000 => {
                let _ = write!(out, "\\u{code:04x}");
            }
            _ => {
                let _ = write!(out, "\\U{code:08x}");
            }
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(text: &str) -> String {
        let parsed = ruff_python_parser::parse_expression(text).unwrap();
        unparse(&parsed.into_syntax().body, &Source::new(text, "t"))
    }

    #[test]
    fn expressions_are_written_as_cpython_writes_them() {
        for (text, shown) in [
            ("'a'  +   \"b\"", "'a' + 'b'"),
            ("dict [str,int]", "dict[str, int]"),
            ("(a ,b)", "(a, b)"),
            ("(a+b)*c", "(a + b) * c"),
            ("a if(b)else c", "a if b else c"),
            ("lambda x ,*,y=1: -x**2", "lambda x, *, y=1: -x ** 2"),
            ("f( *a ,b=1 ,**c )", "f(*a, b=1, **c)"),
            ("x[1 :2, ...]", "x[1:2, ...]"),
            ("1.0e10 + 1e100", "10000000000.0 + 1e+100"),
            ("f'{a !r:>{w}}'", "f'{a!r:>{w}}'"),
            ("not a==b", "not a == b"),
            ("{1:2,**x}", "{1: 2, **x}"),
            ("[i async for i in y if i]", "[i async for i in y if i]"),
        ] {
            assert_eq!(round(text), shown);
        }
    }
}
