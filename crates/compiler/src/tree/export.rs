//! From the parser's tree to one in Python's terms.

use super::{Field, Node};
use crate::error::{SyntaxError, Warning};
use crate::fold;
use crate::options::{Mode, Options};
use crate::source::Source;
use crate::strings;
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange, TextSize};
use serpens_bytecode::Location;
use serpens_bytecode::constant::Const;

/// A tree and the warnings about its source.
#[derive(Debug)]
pub struct Exported {
    /// The tree.
    pub tree: Node,
    /// Warnings, in the order in which they are found.
    pub warnings: Vec<Warning>,
}

/// Parses a source into a tree.
///
/// # Errors
///
/// As `compile`.
pub fn parse(text: &str, filename: &str, mode: Mode, options: Options) -> Result<Exported, SyntaxError> {
    crate::compile::with_source(text, filename, |source| {
        if mode == Mode::FuncType {
            return Ok(Exported { tree: function_type(source, options)?, warnings: Vec::new() });
        }
        let parsed = crate::parse::parse(source, mode, options)?;
        crate::future::check(parsed.syntax(), source)?;
        let warnings = crate::warnings::of_parser(source, &parsed);
        Ok(Exported { tree: module(parsed.syntax(), source, mode), warnings })
    })
}

fn module(module: &Mod, source: &Source, mode: Mode) -> Node {
    let x = Exporter { source };
    match module {
        Mod::Module(m) if mode == Mode::Single => node("Interactive", None, vec![x.body(&m.body)]),
        Mod::Module(m) => node("Module", None, vec![x.body(&m.body), Field::List(Vec::new())]),
        Mod::Expression(e) => node("Expression", None, vec![x.expr(&e.body)]),
    }
}

/// `(int, *str) -> float`: parsed as a call and as an expression, both of which stand where they stood.
fn function_type(source: &Source, options: Options) -> Result<Node, SyntaxError> {
    if let Some(error) = crate::diagnose::find(source, Mode::FuncType, options) {
        return Err(*error);
    }
    let text = source.text;
    let mut tokenizer = crate::tokenizer::Tokenizer::new(text, "", false);
    let mut arrow = text.len();
    while let Ok(token) = tokenizer.next_token() {
        if &text[token.start..token.end] == "->" {
            arrow = token.start;
            break;
        }
        if token.kind == crate::tokenizer::Kind::EndMarker {
            break;
        }
    }
    let call = format!("f{}", &text[..arrow]);
    let returns = format!("{}({})", " ".repeat(arrow + 1), text.get(arrow + 2..).unwrap_or("").trim_end());
    let parsed = |text: &str| ruff_python_parser::parse_expression(text).map(|p| p.into_syntax().body);
    let (Ok(call), Ok(returns)) = (parsed(&call), parsed(returns.trim_start())) else {
        return Err(SyntaxError::syntax(source, TextRange::default(), "invalid syntax"));
    };
    let inner = Source::new(&text[..arrow], &source.filename);
    let mut args: Vec<Field> = Vec::new();
    if let Expr::Call(c) = &*call {
        let shifted = Exporter { source: &inner };
        let all = c.arguments.args.iter().chain(c.arguments.keywords.iter().map(|k| &k.value));
        args = all
            .map(|e| match e {
                Expr::Starred(s) => shifted.expr_shifted(&s.value, -1),
                e => shifted.expr_shifted(e, -1),
            })
            .collect();
    }
    let x = Exporter { source };
    Ok(node("FunctionType", None, vec![Field::List(args), x.expr_shifted(&returns, arrow as i64 + 1)]))
}

pub(super) fn node(class: &'static str, at: Option<Location>, fields: Vec<Field>) -> Node {
    Node { class, at, fields }
}

struct Exporter<'a> {
    source: &'a Source<'a>,
}

fn text(s: &str) -> Field {
    Field::Text(s.to_string())
}

fn bare(class: &'static str) -> Field {
    Field::Node(Box::new(node(class, None, Vec::new())))
}

fn boxed(node: Node) -> Field {
    Field::Node(Box::new(node))
}

fn flag(b: bool) -> Field {
    Field::Int(i64::from(b))
}

fn ident(i: Option<&Identifier>) -> Field {
    i.map_or(Field::None, |i| text(i))
}

fn context(ctx: ExprContext) -> Field {
    bare(match ctx {
        ExprContext::Store => "Store",
        ExprContext::Del => "Del",
        ExprContext::Load | ExprContext::Invalid => "Load",
    })
}

/// The class of an operator.
fn operator(op: Operator) -> &'static str {
    match op {
        Operator::Add => "Add",
        Operator::Sub => "Sub",
        Operator::Mult => "Mult",
        Operator::MatMult => "MatMult",
        Operator::Div => "Div",
        Operator::Mod => "Mod",
        Operator::Pow => "Pow",
        Operator::LShift => "LShift",
        Operator::RShift => "RShift",
        Operator::BitOr => "BitOr",
        Operator::BitXor => "BitXor",
        Operator::BitAnd => "BitAnd",
        Operator::FloorDiv => "FloorDiv",
    }
}

fn comparison(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => "Eq",
        CmpOp::NotEq => "NotEq",
        CmpOp::Lt => "Lt",
        CmpOp::LtE => "LtE",
        CmpOp::Gt => "Gt",
        CmpOp::GtE => "GtE",
        CmpOp::Is => "Is",
        CmpOp::IsNot => "IsNot",
        CmpOp::In => "In",
        CmpOp::NotIn => "NotIn",
    }
}

/// Where a statement begins behind its decorators.
fn behind_decorators(decorators: &[Decorator], range: TextRange, source: &Source) -> TextRange {
    let Some(last) = decorators.last() else { return range };
    let bytes = source.text.as_bytes();
    let mut at = usize::from(last.range.end());
    while let Some(b) = bytes.get(at) {
        match b {
            b'#' => at += bytes[at..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - at),
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0C' | b'\\' => at += 1,
            _ => break,
        }
    }
    TextRange::new(TextSize::new(at as u32).min(range.end()), range.end())
}

impl<'a> Exporter<'a> {
    fn at(&self, range: TextRange) -> Option<Location> {
        Some(self.source.location(range))
    }

    fn place(&self, class: &'static str, range: TextRange, fields: Vec<Field>) -> Field {
        let compound = matches!(
            class,
            "FunctionDef"
                | "AsyncFunctionDef"
                | "ClassDef"
                | "For"
                | "AsyncFor"
                | "While"
                | "If"
                | "With"
                | "AsyncWith"
                | "Match"
                | "Try"
                | "TryStar"
                | "ExceptHandler"
        );
        let range = if compound { self.with_semicolon(range) } else { range };
        boxed(node(class, self.at(range), fields))
    }

    /// A compound statement reaches to the end of its last line, a semicolon there included.
    fn with_semicolon(&self, range: TextRange) -> TextRange {
        let rest = self.source.text.get(usize::from(range.end())..).unwrap_or("");
        let trimmed = rest.trim_start_matches([' ', '\t']);
        if !trimmed.starts_with(';') {
            return range;
        }
        let end = range.end() + TextSize::new((rest.len() - trimmed.len()) as u32 + 1);
        TextRange::new(range.start(), end)
    }

    fn body(&self, body: &[Stmt]) -> Field {
        Field::List(body.iter().map(|s| self.stmt(s)).collect())
    }

    fn exprs<'e>(&self, list: impl IntoIterator<Item = &'e Expr>) -> Field {
        Field::List(list.into_iter().map(|e| self.expr(e)).collect())
    }

    fn opt(&self, e: Option<&Expr>) -> Field {
        e.map_or(Field::None, |e| self.expr(e))
    }

    fn stmt(&self, s: &Stmt) -> Field {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.statement(s))
    }

    fn statement(&self, s: &Stmt) -> Field {
        let r = s.range();
        match s {
            Stmt::FunctionDef(x) => self.function(x),
            Stmt::ClassDef(x) => {
                let (bases, keywords) = self.arguments_of(x.arguments.as_deref());
                let fields = vec![
                    text(&x.name),
                    bases,
                    keywords,
                    self.body(&x.body),
                    self.exprs(x.decorator_list.iter().map(|d| &d.expression)),
                    self.type_params(x.type_params.as_deref()),
                ];
                self.place("ClassDef", behind_decorators(&x.decorator_list, r, self.source), fields)
            }
            Stmt::Return(x) => self.place("Return", r, vec![self.opt(x.value.as_deref())]),
            Stmt::Delete(x) => self.place("Delete", r, vec![self.exprs(&x.targets)]),
            Stmt::Assign(x) => self.place("Assign", r, vec![self.exprs(&x.targets), self.expr(&x.value), Field::None]),
            Stmt::TypeAlias(x) => {
                let params = self.type_params(x.type_params.as_deref());
                self.place("TypeAlias", r, vec![self.expr(&x.name), params, self.expr(&x.value)])
            }
            Stmt::AugAssign(x) => {
                let fields = vec![self.expr(&x.target), bare(operator(x.op)), self.expr(&x.value)];
                self.place("AugAssign", r, fields)
            }
            Stmt::AnnAssign(x) => {
                let value = self.opt(x.value.as_deref());
                let fields = vec![self.expr(&x.target), self.expr(&x.annotation), value, flag(x.simple)];
                self.place("AnnAssign", r, fields)
            }
            Stmt::For(x) => {
                let class = if x.is_async { "AsyncFor" } else { "For" };
                let (body, orelse) = (self.body(&x.body), self.body(&x.orelse));
                self.place(class, r, vec![self.expr(&x.target), self.expr(&x.iter), body, orelse, Field::None])
            }
            Stmt::While(x) => {
                self.place("While", r, vec![self.expr(&x.test), self.body(&x.body), self.body(&x.orelse)])
            }
            Stmt::If(x) => {
                let orelse = self.elif(&x.elif_else_clauses, r.end());
                self.place("If", r, vec![self.expr(&x.test), self.body(&x.body), orelse])
            }
            Stmt::With(x) => {
                let class = if x.is_async { "AsyncWith" } else { "With" };
                let item = |i: &WithItem| {
                    let vars = self.opt(i.optional_vars.as_deref());
                    boxed(node("withitem", None, vec![self.expr(&i.context_expr), vars]))
                };
                let items = Field::List(x.items.iter().map(item).collect());
                self.place(class, r, vec![items, self.body(&x.body), Field::None])
            }
            Stmt::Match(x) => {
                let case = |c: &MatchCase| {
                    let guard = self.opt(c.guard.as_deref());
                    boxed(node("match_case", None, vec![self.pattern(&c.pattern), guard, self.body(&c.body)]))
                };
                let cases = Field::List(x.cases.iter().map(case).collect());
                self.place("Match", r, vec![self.expr(&x.subject), cases])
            }
            Stmt::Raise(x) => self.place("Raise", r, vec![self.opt(x.exc.as_deref()), self.opt(x.cause.as_deref())]),
            Stmt::Try(x) => {
                let class = if x.is_star { "TryStar" } else { "Try" };
                let handler = |h: &ExceptHandler| {
                    let ExceptHandler::ExceptHandler(h) = h;
                    let fields = vec![self.opt(h.type_.as_deref()), ident(h.name.as_ref()), self.body(&h.body)];
                    self.place("ExceptHandler", h.range, fields)
                };
                let handlers = Field::List(x.handlers.iter().map(handler).collect());
                let fields = vec![self.body(&x.body), handlers, self.body(&x.orelse), self.body(&x.finalbody)];
                self.place(class, r, fields)
            }
            Stmt::Assert(x) => self.place("Assert", r, vec![self.expr(&x.test), self.opt(x.msg.as_deref())]),
            Stmt::Import(x) => self.place("Import", r, vec![self.aliases(&x.names)]),
            Stmt::ImportFrom(x) => {
                let fields = vec![ident(x.module.as_ref()), self.aliases(&x.names), Field::Int(i64::from(x.level))];
                self.place("ImportFrom", r, fields)
            }
            Stmt::Global(x) => self.place("Global", r, vec![Field::List(x.names.iter().map(|n| text(n)).collect())]),
            Stmt::Nonlocal(x) => {
                self.place("Nonlocal", r, vec![Field::List(x.names.iter().map(|n| text(n)).collect())])
            }
            Stmt::Expr(x) => self.place("Expr", r, vec![self.expr(&x.value)]),
            Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => self.place("Pass", r, Vec::new()),
            Stmt::Break(_) => self.place("Break", r, Vec::new()),
            Stmt::Continue(_) => self.place("Continue", r, Vec::new()),
        }
    }

    fn function(&self, x: &StmtFunctionDef) -> Field {
        let class = if x.is_async { "AsyncFunctionDef" } else { "FunctionDef" };
        let fields = vec![
            text(&x.name),
            self.parameters(Some(&x.parameters)),
            self.body(&x.body),
            self.exprs(x.decorator_list.iter().map(|d| &d.expression)),
            self.opt(x.returns.as_deref()),
            Field::None,
            self.type_params(x.type_params.as_deref()),
        ];
        self.place(class, behind_decorators(&x.decorator_list, x.range, self.source), fields)
    }

    /// The branches behind an `if`: an `elif` is an `If` in the `else`.
    fn elif(&self, clauses: &[ElifElseClause], end: TextSize) -> Field {
        let mut orelse = Field::List(Vec::new());
        for clause in clauses.iter().rev() {
            orelse = match &clause.test {
                None => self.body(&clause.body),
                Some(test) => {
                    let fields = vec![self.expr(test), self.body(&clause.body), orelse];
                    Field::List(vec![self.place("If", TextRange::new(clause.range.start(), end), fields)])
                }
            };
        }
        orelse
    }

    fn aliases(&self, names: &[Alias]) -> Field {
        let alias = |a: &Alias| self.place("alias", a.range, vec![text(&a.name), ident(a.asname.as_ref())]);
        Field::List(names.iter().map(alias).collect())
    }

    fn type_params(&self, params: Option<&TypeParams>) -> Field {
        let param = |p: &TypeParam| match p {
            TypeParam::TypeVar(x) => {
                let fields = vec![text(&x.name), self.opt(x.bound.as_deref()), self.opt(x.default.as_deref())];
                self.place("TypeVar", x.range, fields)
            }
            TypeParam::ParamSpec(x) => {
                self.place("ParamSpec", x.range, vec![text(&x.name), self.opt(x.default.as_deref())])
            }
            TypeParam::TypeVarTuple(x) => {
                self.place("TypeVarTuple", x.range, vec![text(&x.name), self.opt(x.default.as_deref())])
            }
        };
        Field::List(params.map_or(Vec::new(), |p| p.type_params.iter().map(param).collect()))
    }

    fn arguments_of(&self, arguments: Option<&Arguments>) -> (Field, Field) {
        let Some(a) = arguments else { return (Field::List(Vec::new()), Field::List(Vec::new())) };
        let keyword = |k: &Keyword| self.place("keyword", k.range, vec![ident(k.arg.as_ref()), self.expr(&k.value)]);
        (self.exprs(&a.args), Field::List(a.keywords.iter().map(keyword).collect()))
    }

    fn parameter(&self, p: &Parameter) -> Field {
        let end = p.annotation.as_ref().map_or(p.name.range.end(), |a| a.end().max(p.name.range.end()));
        let end = end.max(if p.annotation.is_some() { p.range.end() } else { end });
        let range = TextRange::new(p.name.range.start(), end);
        self.place("arg", range, vec![text(&p.name), self.opt(p.annotation.as_deref()), Field::None])
    }

    fn parameters(&self, parameters: Option<&Parameters>) -> Field {
        let empty = || Field::List(Vec::new());
        let Some(p) = parameters else {
            let fields = vec![empty(), empty(), Field::None, empty(), empty(), Field::None, empty()];
            return boxed(node("arguments", None, fields));
        };
        let list = |l: &[ParameterWithDefault]| Field::List(l.iter().map(|p| self.parameter(&p.parameter)).collect());
        let defaults = p.posonlyargs.iter().chain(&p.args).filter_map(|p| p.default.as_deref());
        let kw_defaults = p.kwonlyargs.iter().map(|p| self.opt(p.default.as_deref())).collect();
        let one = |p: Option<&Parameter>| p.map_or(Field::None, |p| self.parameter(p));
        let fields = vec![
            list(&p.posonlyargs),
            list(&p.args),
            one(p.vararg.as_deref()),
            list(&p.kwonlyargs),
            Field::List(kw_defaults),
            one(p.kwarg.as_deref()),
            self.exprs(defaults),
        ];
        boxed(node("arguments", None, fields))
    }

    fn expr_shifted(&self, e: &Expr, by: i64) -> Field {
        let mut field = Exporter { source: self.source }.expr(e);
        shift(&mut field, by);
        field
    }

    fn expr(&self, e: &Expr) -> Field {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.expression(e))
    }

    fn expression(&self, e: &Expr) -> Field {
        let r = e.range();
        match e {
            Expr::BoolOp(x) => {
                let op = if x.op == BoolOp::And { "And" } else { "Or" };
                self.place("BoolOp", r, vec![bare(op), self.exprs(&x.values)])
            }
            Expr::Named(x) => self.place("NamedExpr", r, vec![self.expr(&x.target), self.expr(&x.value)]),
            Expr::BinOp(x) => {
                self.place("BinOp", r, vec![self.expr(&x.left), bare(operator(x.op)), self.expr(&x.right)])
            }
            Expr::UnaryOp(x) => {
                let op = match x.op {
                    UnaryOp::Invert => "Invert",
                    UnaryOp::Not => "Not",
                    UnaryOp::UAdd => "UAdd",
                    UnaryOp::USub => "USub",
                };
                self.place("UnaryOp", r, vec![bare(op), self.expr(&x.operand)])
            }
            Expr::Lambda(x) => {
                self.place("Lambda", r, vec![self.parameters(x.parameters.as_deref()), self.expr(&x.body)])
            }
            Expr::If(x) => self.place("IfExp", r, vec![self.expr(&x.test), self.expr(&x.body), self.expr(&x.orelse)]),
            Expr::Dict(x) => {
                let keys = x.items.iter().map(|i| self.opt(i.key.as_ref())).collect();
                self.place("Dict", r, vec![Field::List(keys), self.exprs(x.items.iter().map(|i| &i.value))])
            }
            Expr::Set(x) => self.place("Set", r, vec![self.exprs(&x.elts)]),
            Expr::ListComp(x) => self.place("ListComp", r, vec![self.expr(&x.elt), self.generators(&x.generators)]),
            Expr::SetComp(x) => self.place("SetComp", r, vec![self.expr(&x.elt), self.generators(&x.generators)]),
            Expr::DictComp(x) => {
                let key = self.opt(x.key.as_deref());
                self.place("DictComp", r, vec![key, self.expr(&x.value), self.generators(&x.generators)])
            }
            Expr::Generator(x) => {
                self.place("GeneratorExp", r, vec![self.expr(&x.elt), self.generators(&x.generators)])
            }
            Expr::Await(x) => self.place("Await", r, vec![self.expr(&x.value)]),
            Expr::Yield(x) => self.place("Yield", r, vec![self.opt(x.value.as_deref())]),
            Expr::YieldFrom(x) => self.place("YieldFrom", r, vec![self.expr(&x.value)]),
            Expr::Compare(x) => {
                let ops = x.ops.iter().map(|op| bare(comparison(*op))).collect();
                self.place("Compare", r, vec![self.expr(&x.left), Field::List(ops), self.exprs(&x.comparators)])
            }
            Expr::Call(x) => self.call(x),
            Expr::FString(x) => self.fstring(x),
            Expr::TString(x) => self.tstring(x),
            Expr::StringLiteral(x) => {
                let unicode = x.value.first_literal_flags().prefix().is_unicode();
                let kind = if unicode { text("u") } else { Field::None };
                let value = Const::Str(strings::literal(x, self.source).into());
                self.place("Constant", r, vec![Field::Const(value), kind])
            }
            Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => {
                let value = fold::fold(e, self.source).unwrap_or(Const::None);
                self.place("Constant", r, vec![Field::Const(value), Field::None])
            }
            Expr::Attribute(x) => self.place("Attribute", r, vec![self.expr(&x.value), text(&x.attr), context(x.ctx)]),
            Expr::Subscript(x) => {
                self.place("Subscript", r, vec![self.expr(&x.value), self.expr(&x.slice), context(x.ctx)])
            }
            Expr::Starred(x) => self.place("Starred", r, vec![self.expr(&x.value), context(x.ctx)]),
            Expr::Name(x) => self.place("Name", r, vec![text(&x.id), context(x.ctx)]),
            Expr::List(x) => self.place("List", r, vec![self.exprs(&x.elts), context(x.ctx)]),
            Expr::Tuple(x) => self.place("Tuple", r, vec![self.exprs(&x.elts), context(x.ctx)]),
            Expr::Slice(x) => {
                let part = |e: &Option<Box<Expr>>| self.opt(e.as_deref());
                self.place("Slice", r, vec![part(&x.lower), part(&x.upper), part(&x.step)])
            }
            Expr::IpyEscapeCommand(_) => Field::None,
        }
    }

    fn call(&self, x: &ExprCall) -> Field {
        let (mut args, keywords) = self.arguments_of(Some(&x.arguments));
        // The parentheses of a call belong to a generator that is its only argument.
        if let ([Expr::Generator(g)], Field::List(list)) = (&*x.arguments.args, &mut args)
            && !g.parenthesized
            && let Some(Field::Node(n)) = list.first_mut()
        {
            n.at = self.at(x.arguments.range);
        }
        self.place("Call", x.range(), vec![self.expr(&x.func), args, keywords])
    }

    fn generators(&self, list: &[Comprehension]) -> Field {
        let one = |c: &Comprehension| {
            let fields = vec![self.expr(&c.target), self.expr(&c.iter), self.exprs(&c.ifs), flag(c.is_async)];
            boxed(node("comprehension", None, fields))
        };
        Field::List(list.iter().map(one).collect())
    }

    fn fstring(&self, x: &ExprFString) -> Field {
        let mut pieces = Pieces::default();
        for part in &x.value {
            match part {
                FStringPart::Literal(l) => {
                    let mut bytes = Vec::new();
                    strings::part_bytes(l, self.source, &mut bytes);
                    pieces.text(&bytes, l.range);
                    pieces.unicode |= l.flags.prefix().is_unicode();
                }
                FStringPart::FString(f) => {
                    self.elements(&f.elements, f.flags.prefix().is_raw(), false, &mut pieces);
                }
            }
        }
        let values = self.values(pieces);
        self.place("JoinedStr", x.range, vec![values])
    }

    fn tstring(&self, x: &ExprTString) -> Field {
        let mut pieces = Pieces::default();
        for part in &x.value {
            self.elements(&part.elements, part.flags.prefix().is_raw(), true, &mut pieces);
        }
        let values = self.values(pieces);
        self.place("TemplateStr", x.range, vec![values])
    }

    fn elements(&self, list: &InterpolatedStringElements, raw: bool, template: bool, pieces: &mut Pieces) {
        for e in list {
            match e {
                InterpolatedStringElement::Literal(l) => {
                    let mut bytes = Vec::new();
                    strings::piece_bytes(l, raw, self.source, &mut bytes);
                    pieces.text(&bytes, l.range);
                }
                InterpolatedStringElement::Interpolation(x) => {
                    if let Some(debug) = &x.debug_text {
                        let start = x.range.start() + TextSize::new(1);
                        let end = start + TextSize::new(debug.as_str().len() as u32);
                        let shown = crate::emit::fstring::without_comments(debug.as_str());
                        pieces.text(shown.as_bytes(), TextRange::new(start, end.min(x.range.end())));
                    }
                    let field = self.interpolated(x, raw, template);
                    pieces.list.push(Piece::Field(field));
                }
            }
        }
    }

    fn interpolated(&self, x: &InterpolatedElement, raw: bool, template: bool) -> Field {
        let conversion = match x.conversion {
            ConversionFlag::Str => i64::from(b's'),
            ConversionFlag::Repr => i64::from(b'r'),
            ConversionFlag::Ascii => i64::from(b'a'),
            ConversionFlag::None if x.debug_text.is_some() && x.format_spec.is_none() => i64::from(b'r'),
            ConversionFlag::None => -1,
        };
        let spec = match &x.format_spec {
            None => Field::None,
            Some(spec) => {
                let mut pieces = Pieces::default();
                self.elements(&spec.elements, raw, false, &mut pieces);
                let values = self.values(pieces);
                // The colon is part of it.
                let start = spec.range.start().checked_sub(TextSize::new(1)).unwrap_or(spec.range.start());
                self.place("JoinedStr", TextRange::new(start, spec.range.end()), vec![values])
            }
        };
        let value = self.expr(&x.expression);
        if template {
            let shown = Field::Const(Const::str(&crate::emit::fstring::interpolation_text(self.source, x)));
            return self.place("Interpolation", x.range, vec![value, shown, Field::Int(conversion), spec]);
        }
        self.place("FormattedValue", x.range, vec![value, Field::Int(conversion), spec])
    }

    fn values(&self, pieces: Pieces) -> Field {
        let kind = if pieces.unicode { text("u") } else { Field::None };
        let value = |p: Piece| match p {
            Piece::Field(f) => f,
            Piece::Text(bytes, range) => {
                self.place("Constant", range, vec![Field::Const(Const::Str(bytes.into())), kind.clone()])
            }
        };
        let list = pieces.list.into_iter().filter(|p| !matches!(p, Piece::Text(t, _) if t.is_empty()));
        Field::List(list.map(value).collect())
    }

    fn patterns(&self, list: &[Pattern]) -> Field {
        Field::List(list.iter().map(|p| self.pattern(p)).collect())
    }

    fn pattern(&self, p: &Pattern) -> Field {
        let r = p.range();
        match p {
            Pattern::MatchValue(x) => self.place("MatchValue", r, vec![self.expr(&x.value)]),
            Pattern::MatchSingleton(x) => {
                let value = match x.value {
                    Singleton::None => Const::None,
                    Singleton::True => Const::Bool(true),
                    Singleton::False => Const::Bool(false),
                };
                self.place("MatchSingleton", r, vec![Field::Const(value)])
            }
            Pattern::MatchSequence(x) => self.place("MatchSequence", r, vec![self.patterns(&x.patterns)]),
            Pattern::MatchMapping(x) => {
                let fields = vec![self.exprs(&x.keys), self.patterns(&x.patterns), ident(x.rest.as_ref())];
                self.place("MatchMapping", r, fields)
            }
            Pattern::MatchClass(x) => {
                let keywords = &x.arguments.keywords;
                let fields = vec![
                    self.expr(&x.cls),
                    self.patterns(&x.arguments.patterns),
                    Field::List(keywords.iter().map(|k| text(&k.attr)).collect()),
                    Field::List(keywords.iter().map(|k| self.pattern(&k.pattern)).collect()),
                ];
                self.place("MatchClass", r, fields)
            }
            Pattern::MatchStar(x) => self.place("MatchStar", r, vec![ident(x.name.as_ref())]),
            Pattern::MatchAs(x) => {
                let inner = x.pattern.as_ref().map_or(Field::None, |p| self.pattern(p));
                self.place("MatchAs", r, vec![inner, ident(x.name.as_ref())])
            }
            Pattern::MatchOr(x) => self.place("MatchOr", r, vec![self.patterns(&x.patterns)]),
        }
    }
}

/// Moves the columns of all nodes of a field.
fn shift(field: &mut Field, by: i64) {
    match field {
        Field::Node(n) => {
            if let Some(at) = &mut n.at {
                let moved = |c: u32| (i64::from(c) + by).max(0) as u32;
                (at.col, at.end_col) = (moved(at.col), moved(at.end_col));
            }
            n.fields.iter_mut().for_each(|f| shift(f, by));
        }
        Field::List(list) => list.iter_mut().for_each(|f| shift(f, by)),
        Field::None | Field::Text(_) | Field::Int(_) | Field::Const(_) => {}
    }
}

enum Piece {
    Text(Vec<u8>, TextRange),
    Field(Field),
}

/// The pieces of a formatted string, texts side by side joined.
#[derive(Default)]
struct Pieces {
    list: Vec<Piece>,
    unicode: bool,
}

impl Pieces {
    fn text(&mut self, bytes: &[u8], range: TextRange) {
        if let Some(Piece::Text(before, at)) = self.list.last_mut()
            && !before.is_empty()
        {
            before.extend_from_slice(bytes);
            *at = TextRange::new(at.start(), range.end().max(at.start()));
            return;
        }
        if !bytes.is_empty() {
            self.list.push(Piece::Text(bytes.to_vec(), range));
        }
    }
}
