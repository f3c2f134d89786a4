//! From a tree in Python's terms to the parser's.
//!
//! The parser's nodes carry ranges of a text. Here there is none: a range's ends are indices into [`Places`], given out in
//! the order of the tree, so that a node's range lies inside its parent's. What a node cannot hold (constants that have no
//! literal) lies in [`Places`] too.
//!
//! The tree is taken to fit the schema; whoever builds it has checked that. What does not fit becomes an empty piece, never a
//! panic.

use super::{Field, Node};
use crate::source::Places;
use ruff_python_ast::name::Name;
use ruff_python_ast::*;
use ruff_text_size::{TextRange, TextSize};
use serpens_bytecode::constant::Const;

/// The parser's tree of a tree, and what its ranges mean.
pub fn import(tree: &Node) -> (Mod, Places) {
    let mut x = Importer { places: Places::default(), line: (1, 0) };
    let node_index = AtomicNodeIndex::NONE;
    let module = match tree.class {
        "Expression" => {
            let (range, body) = x.placed(None, |x| x.expr(field(tree, 0)));
            Mod::Expression(ModExpression { node_index, range, body: Box::new(body) })
        }
        _ => {
            let (range, body) = x.placed(None, |x| x.body(field(tree, 0)));
            Mod::Module(ModModule { node_index, range, body: body.into() })
        }
    };
    (module, x.places)
}

static NOTHING: Field = Field::None;

fn field(node: &Node, i: usize) -> &Field {
    node.fields.get(i).unwrap_or(&NOTHING)
}

fn list(field: &Field) -> &[Field] {
    match field {
        Field::List(items) => items,
        _ => &[],
    }
}

fn as_node(field: &Field) -> Option<&Node> {
    match field {
        Field::Node(n) => Some(n),
        _ => None,
    }
}

fn text(field: &Field) -> &str {
    match field {
        Field::Text(t) => t,
        _ => "",
    }
}

fn int(field: &Field) -> i64 {
    match field {
        Field::Int(i) => *i,
        _ => 0,
    }
}

fn class(field: &Field) -> &'static str {
    as_node(field).map_or("", |n| n.class)
}

fn context(field: &Field) -> ExprContext {
    match class(field) {
        "Store" => ExprContext::Store,
        "Del" => ExprContext::Del,
        _ => ExprContext::Load,
    }
}

fn operator(name: &str) -> Operator {
    match name {
        "Sub" => Operator::Sub,
        "Mult" => Operator::Mult,
        "MatMult" => Operator::MatMult,
        "Div" => Operator::Div,
        "Mod" => Operator::Mod,
        "Pow" => Operator::Pow,
        "LShift" => Operator::LShift,
        "RShift" => Operator::RShift,
        "BitOr" => Operator::BitOr,
        "BitXor" => Operator::BitXor,
        "BitAnd" => Operator::BitAnd,
        "FloorDiv" => Operator::FloorDiv,
        _ => Operator::Add,
    }
}

fn comparison(name: &str) -> CmpOp {
    match name {
        "NotEq" => CmpOp::NotEq,
        "Lt" => CmpOp::Lt,
        "LtE" => CmpOp::LtE,
        "Gt" => CmpOp::Gt,
        "GtE" => CmpOp::GtE,
        "Is" => CmpOp::Is,
        "IsNot" => CmpOp::IsNot,
        "In" => CmpOp::In,
        "NotIn" => CmpOp::NotIn,
        _ => CmpOp::Eq,
    }
}

fn conversion(field: &Field) -> ConversionFlag {
    match int(field) {
        115 => ConversionFlag::Str,
        114 => ConversionFlag::Repr,
        97 => ConversionFlag::Ascii,
        _ => ConversionFlag::None,
    }
}

#[expect(clippy::declare_interior_mutable_const, reason = "a template that is copied, never written")]
const INDEX: AtomicNodeIndex = AtomicNodeIndex::NONE;

struct Importer {
    places: Places,
    /// The place of the node around, for pieces that have none of their own.
    line: (u32, u32),
}

impl Importer {
    fn mark(&mut self, at: (u32, u32)) -> TextSize {
        self.places.positions.push(at);
        TextSize::new(self.places.positions.len() as u32 - 1)
    }

    /// Builds what lies in a node, between the marks of its ends.
    fn placed<T>(&mut self, node: Option<&Node>, build: impl FnOnce(&mut Importer) -> T) -> (TextRange, T) {
        let outer = self.line;
        let at = node.and_then(|n| n.at);
        let (start, end) = at.map_or((outer, outer), |a| ((a.line, a.col), (a.end_line, a.end_col)));
        let first = self.mark(start);
        self.line = start;
        let built = build(self);
        self.line = outer;
        let last = self.mark(end);
        (TextRange::new(first, last), built)
    }

    /// A range for a piece without a place.
    fn here(&mut self) -> TextRange {
        let at = self.line;
        let (first, last) = (self.mark(at), self.mark(at));
        TextRange::new(first, last)
    }

    fn identifier(&mut self, name: &str) -> Identifier {
        Identifier { id: Name::new(name), range: self.here(), node_index: INDEX }
    }

    fn opt_identifier(&mut self, f: &Field) -> Option<Identifier> {
        match f {
            Field::Text(t) => Some(self.identifier(t)),
            _ => None,
        }
    }

    fn identifiers(&mut self, f: &Field) -> Vec<Identifier> {
        list(f).iter().map(|n| self.identifier(text(n))).collect()
    }

    fn body(&mut self, f: &Field) -> Vec<Stmt> {
        list(f).iter().filter_map(as_node).map(|n| self.stmt(n)).collect()
    }

    fn exprs(&mut self, f: &Field) -> Vec<Expr> {
        list(f).iter().map(|e| self.expr(e)).collect()
    }

    fn boxed(&mut self, f: &Field) -> Box<Expr> {
        Box::new(self.expr(f))
    }

    fn opt(&mut self, f: &Field) -> Option<Box<Expr>> {
        as_node(f).map(|_| self.boxed(f))
    }

    fn stmt(&mut self, n: &Node) -> Stmt {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.statement(n))
    }

    fn statement(&mut self, n: &Node) -> Stmt {
        let node_index = INDEX;
        macro_rules! build {
            ($variant:ident $class:ident { $($name:ident : $value:expr),* $(,)? }) => {{
                #[allow(clippy::unused_unit)]
                let build = |x: &mut Importer| { let _ = &x; $( let $name = { #[allow(clippy::redundant_closure_call)] ($value)(&mut *x) }; )* ($($name,)*) };
                let (range, ($($name,)*)) = self.placed(Some(n), build);
                Stmt::$variant($class { node_index, range, $($name),* })
            }};
        }
        let f = |i: usize| field(n, i);
        match n.class {
            "FunctionDef" | "AsyncFunctionDef" => build!(FunctionDef StmtFunctionDef {
                is_async: |_: &mut Importer| n.class == "AsyncFunctionDef",
                decorator_list: |x: &mut Importer| x.decorators(f(3)).into(),
                name: |x: &mut Importer| x.identifier(text(f(0))),
                type_params: |x: &mut Importer| x.type_params(f(6)),
                parameters: |x: &mut Importer| Box::new(x.parameters(f(1))),
                returns: |x: &mut Importer| x.opt(f(4)),
                body: |x: &mut Importer| x.body(f(2)).into(),
            }),
            "ClassDef" => build!(ClassDef StmtClassDef {
                decorator_list: |x: &mut Importer| x.decorators(f(4)).into(),
                name: |x: &mut Importer| x.identifier(text(f(0))),
                type_params: |x: &mut Importer| x.type_params(f(5)),
                arguments: |x: &mut Importer| {
                    let any = !list(f(1)).is_empty() || !list(f(2)).is_empty();
                    any.then(|| Box::new(x.arguments(f(1), f(2))))
                },
                body: |x: &mut Importer| x.body(f(3)).into(),
            }),
            "Return" => build!(Return StmtReturn { value: |x: &mut Importer| x.opt(f(0)) }),
            "Delete" => build!(Delete StmtDelete { targets: |x: &mut Importer| x.exprs(f(0)) }),
            "Assign" => build!(Assign StmtAssign {
                targets: |x: &mut Importer| x.exprs(f(0)),
                value: |x: &mut Importer| x.boxed(f(1)),
            }),
            "TypeAlias" => build!(TypeAlias StmtTypeAlias {
                name: |x: &mut Importer| x.boxed(f(0)),
                type_params: |x: &mut Importer| x.type_params(f(1)),
                value: |x: &mut Importer| x.boxed(f(2)),
            }),
            "AugAssign" => build!(AugAssign StmtAugAssign {
                target: |x: &mut Importer| x.boxed(f(0)),
                op: |_: &mut Importer| operator(class(f(1))),
                value: |x: &mut Importer| x.boxed(f(2)),
            }),
            "AnnAssign" => build!(AnnAssign StmtAnnAssign {
                target: |x: &mut Importer| x.boxed(f(0)),
                annotation: |x: &mut Importer| x.boxed(f(1)),
                value: |x: &mut Importer| x.opt(f(2)),
                simple: |_: &mut Importer| int(f(3)) != 0,
            }),
            "For" | "AsyncFor" => build!(For StmtFor {
                is_async: |_: &mut Importer| n.class == "AsyncFor",
                target: |x: &mut Importer| x.boxed(f(0)),
                iter: |x: &mut Importer| x.boxed(f(1)),
                body: |x: &mut Importer| x.body(f(2)).into(),
                orelse: |x: &mut Importer| x.body(f(3)).into(),
            }),
            "While" => build!(While StmtWhile {
                test: |x: &mut Importer| x.boxed(f(0)),
                body: |x: &mut Importer| x.body(f(1)).into(),
                orelse: |x: &mut Importer| x.body(f(2)).into(),
            }),
            "If" => build!(If StmtIf {
                test: |x: &mut Importer| x.boxed(f(0)),
                body: |x: &mut Importer| x.body(f(1)).into(),
                elif_else_clauses: |x: &mut Importer| x.else_clause(f(2)),
            }),
            "With" | "AsyncWith" => build!(With StmtWith {
                is_async: |_: &mut Importer| n.class == "AsyncWith",
                items: |x: &mut Importer| x.with_items(f(0)),
                body: |x: &mut Importer| x.body(f(1)).into(),
            }),
            "Match" => build!(Match StmtMatch {
                subject: |x: &mut Importer| x.boxed(f(0)),
                cases: |x: &mut Importer| x.cases(f(1)),
            }),
            "Raise" => build!(Raise StmtRaise {
                exc: |x: &mut Importer| x.opt(f(0)),
                cause: |x: &mut Importer| x.opt(f(1)),
            }),
            "Try" | "TryStar" => build!(Try StmtTry {
                body: |x: &mut Importer| x.body(f(0)).into(),
                handlers: |x: &mut Importer| x.handlers(f(1)),
                orelse: |x: &mut Importer| x.body(f(2)).into(),
                finalbody: |x: &mut Importer| x.body(f(3)).into(),
                is_star: |_: &mut Importer| n.class == "TryStar",
            }),
            "Assert" => build!(Assert StmtAssert {
                test: |x: &mut Importer| x.boxed(f(0)),
                msg: |x: &mut Importer| x.opt(f(1)),
            }),
            "Import" => build!(Import StmtImport {
                names: |x: &mut Importer| x.aliases(f(0)),
                is_lazy: |_: &mut Importer| false,
            }),
            "ImportFrom" => build!(ImportFrom StmtImportFrom {
                module: |x: &mut Importer| x.opt_identifier(f(0)),
                names: |x: &mut Importer| x.aliases(f(1)),
                level: |_: &mut Importer| int(f(2)) as u32,
                is_lazy: |_: &mut Importer| false,
            }),
            "Global" => build!(Global StmtGlobal { names: |x: &mut Importer| x.identifiers(f(0)) }),
            "Nonlocal" => build!(Nonlocal StmtNonlocal { names: |x: &mut Importer| x.identifiers(f(0)) }),
            "Expr" => build!(Expr StmtExpr { value: |x: &mut Importer| x.boxed(f(0)) }),
            "Break" => build!(Break StmtBreak {}),
            "Continue" => build!(Continue StmtContinue {}),
            _ => build!(Pass StmtPass {}),
        }
    }

    fn decorators(&mut self, f: &Field) -> Vec<Decorator> {
        let one = |x: &mut Importer, e: &Field| {
            let (range, expression) = x.placed(as_node(e), |x| x.expr(e));
            Decorator { range, node_index: INDEX, expression }
        };
        list(f).iter().map(|e| one(self, e)).collect()
    }

    fn else_clause(&mut self, f: &Field) -> Vec<ElifElseClause> {
        if list(f).is_empty() {
            return Vec::new();
        }
        let (range, body) = self.placed(None, |x| x.body(f));
        vec![ElifElseClause { range, node_index: INDEX, test: None, body: body.into() }]
    }

    fn with_items(&mut self, f: &Field) -> Vec<WithItem> {
        let one = |x: &mut Importer, n: &Node| {
            let inner = as_node(field(n, 0));
            let (range, (context_expr, optional_vars)) = x.placed(inner, |x| (x.expr(field(n, 0)), x.opt(field(n, 1))));
            WithItem { range, node_index: INDEX, context_expr, optional_vars }
        };
        list(f).iter().filter_map(as_node).map(|n| one(self, n)).collect()
    }

    fn cases(&mut self, f: &Field) -> Vec<MatchCase> {
        let one = |x: &mut Importer, n: &Node| {
            let inner = as_node(field(n, 0));
            let (range, (pattern, guard, body)) =
                x.placed(inner, |x| (x.pattern(field(n, 0)), x.opt(field(n, 1)), x.body(field(n, 2))));
            MatchCase { range, node_index: INDEX, pattern, guard, body: body.into() }
        };
        list(f).iter().filter_map(as_node).map(|n| one(self, n)).collect()
    }

    fn handlers(&mut self, f: &Field) -> Vec<ExceptHandler> {
        let one = |x: &mut Importer, n: &Node| {
            let (range, (type_, name, body)) =
                x.placed(Some(n), |x| (x.opt(field(n, 0)), x.opt_identifier(field(n, 1)), x.body(field(n, 2))));
            let node_index = INDEX;
            ExceptHandler::ExceptHandler(ExceptHandlerExceptHandler {
                range,
                node_index,
                type_,
                name,
                body: body.into(),
            })
        };
        list(f).iter().filter_map(as_node).map(|n| one(self, n)).collect()
    }

    fn aliases(&mut self, f: &Field) -> Vec<Alias> {
        let one = |x: &mut Importer, n: &Node| {
            let (range, (name, asname)) =
                x.placed(Some(n), |x| (x.identifier(text(field(n, 0))), x.opt_identifier(field(n, 1))));
            Alias { range, node_index: INDEX, name, asname }
        };
        list(f).iter().filter_map(as_node).map(|n| one(self, n)).collect()
    }

    fn type_params(&mut self, f: &Field) -> Option<Box<TypeParams>> {
        if list(f).is_empty() {
            return None;
        }
        let (range, type_params) =
            self.placed(None, |x| list(f).iter().filter_map(as_node).map(|n| x.type_param(n)).collect());
        Some(Box::new(TypeParams { range, node_index: INDEX, type_params }))
    }

    fn type_param(&mut self, n: &Node) -> TypeParam {
        let (range, (name, second, third)) =
            self.placed(Some(n), |x| (x.identifier(text(field(n, 0))), x.opt(field(n, 1)), x.opt(field(n, 2))));
        let node_index = INDEX;
        match n.class {
            "TypeVar" => {
                TypeParam::TypeVar(TypeParamTypeVar { range, node_index, name, bound: second, default: third })
            }
            "ParamSpec" => TypeParam::ParamSpec(TypeParamParamSpec { range, node_index, name, default: second }),
            _ => TypeParam::TypeVarTuple(TypeParamTypeVarTuple { range, node_index, name, default: second }),
        }
    }

    fn arguments(&mut self, args: &Field, keywords: &Field) -> Arguments {
        let keyword = |x: &mut Importer, n: &Node| {
            let (range, (arg, value)) = x.placed(Some(n), |x| (x.opt_identifier(field(n, 0)), x.expr(field(n, 1))));
            Keyword { range, node_index: INDEX, arg, value }
        };
        let (range, (args, keywords)) = self.placed(None, |x| {
            let args: Vec<Expr> = x.exprs(args);
            let keywords: Vec<Keyword> = list(keywords).iter().filter_map(as_node).map(|n| keyword(x, n)).collect();
            (args, keywords)
        });
        Arguments { range, node_index: INDEX, args: args.into(), keywords: keywords.into() }
    }

    fn parameter(&mut self, n: &Node) -> Parameter {
        let (range, (name, annotation)) =
            self.placed(Some(n), |x| (x.identifier(text(field(n, 0))), x.opt(field(n, 1))));
        Parameter { range, node_index: INDEX, name, annotation }
    }

    fn with_default(&mut self, f: &Field, default: Option<&Field>) -> Option<ParameterWithDefault> {
        let n = as_node(f)?;
        let (range, (parameter, default)) = self.placed(Some(n), |x| (x.parameter(n), default.and_then(|d| x.opt(d))));
        Some(ParameterWithDefault { range, node_index: INDEX, parameter, default })
    }

    fn parameters(&mut self, f: &Field) -> Parameters {
        let empty = Node { class: "arguments", at: None, fields: Vec::new() };
        let n = as_node(f).unwrap_or(&empty);
        let (positional, plain, only) = (list(field(n, 0)), list(field(n, 1)), list(field(n, 3)));
        let (kw_defaults, defaults) = (list(field(n, 4)), list(field(n, 6)));
        // Defaults belong to the last positional parameters.
        let without = (positional.len() + plain.len()).saturating_sub(defaults.len());
        let default = |i: usize| i.checked_sub(without).and_then(|i| defaults.get(i));
        let (range, (posonlyargs, args, vararg, kwonlyargs, kwarg)) = self.placed(None, |x| {
            let mut a = Vec::new();
            for (i, p) in positional.iter().enumerate() {
                a.extend(x.with_default(p, default(i)));
            }
            let mut b = Vec::new();
            for (i, p) in plain.iter().enumerate() {
                b.extend(x.with_default(p, default(positional.len() + i)));
            }
            let vararg = as_node(field(n, 2)).map(|n| Box::new(x.parameter(n)));
            let mut c = Vec::new();
            for (i, p) in only.iter().enumerate() {
                c.extend(x.with_default(p, kw_defaults.get(i)));
            }
            let kwarg = as_node(field(n, 5)).map(|n| Box::new(x.parameter(n)));
            (a, b, vararg, c, kwarg)
        });
        let (posonlyargs, args, kwonlyargs) = (posonlyargs.into(), args.into(), kwonlyargs.into());
        Parameters { range, node_index: INDEX, posonlyargs, args, vararg, kwonlyargs, kwarg }
    }

    fn expr(&mut self, f: &Field) -> Expr {
        let Some(n) = as_node(f) else {
            return Expr::NoneLiteral(ExprNoneLiteral { node_index: INDEX, range: self.here() });
        };
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.expression(n))
    }

    fn expression(&mut self, n: &Node) -> Expr {
        let node_index = INDEX;
        macro_rules! build {
            ($variant:ident $class:ident { $($name:ident : $value:expr),* $(,)? }) => {{
                let build = |x: &mut Importer| { $( let $name = { #[allow(clippy::redundant_closure_call)] ($value)(&mut *x) }; )* ($($name,)*) };
                let (range, ($($name,)*)) = self.placed(Some(n), build);
                Expr::$variant($class { node_index, range, $($name),* })
            }};
        }
        let f = |i: usize| field(n, i);
        match n.class {
            "BoolOp" => build!(BoolOp ExprBoolOp {
                op: |_: &mut Importer| if class(f(0)) == "And" { BoolOp::And } else { BoolOp::Or },
                values: |x: &mut Importer| x.exprs(f(1)),
            }),
            "NamedExpr" => build!(Named ExprNamed {
                target: |x: &mut Importer| x.boxed(f(0)),
                value: |x: &mut Importer| x.boxed(f(1)),
            }),
            "BinOp" => build!(BinOp ExprBinOp {
                left: |x: &mut Importer| x.boxed(f(0)),
                op: |_: &mut Importer| operator(class(f(1))),
                right: |x: &mut Importer| x.boxed(f(2)),
            }),
            "UnaryOp" => build!(UnaryOp ExprUnaryOp {
                op: |_: &mut Importer| match class(f(0)) {
                    "Invert" => UnaryOp::Invert,
                    "Not" => UnaryOp::Not,
                    "UAdd" => UnaryOp::UAdd,
                    _ => UnaryOp::USub,
                },
                operand: |x: &mut Importer| x.boxed(f(1)),
            }),
            "Lambda" => build!(Lambda ExprLambda {
                parameters: |x: &mut Importer| Some(Box::new(x.parameters(f(0)))),
                body: |x: &mut Importer| x.boxed(f(1)),
            }),
            "IfExp" => build!(If ExprIf {
                test: |x: &mut Importer| x.boxed(f(0)),
                body: |x: &mut Importer| x.boxed(f(1)),
                orelse: |x: &mut Importer| x.boxed(f(2)),
            }),
            "Dict" => build!(Dict ExprDict {
                items: |x: &mut Importer| {
                    let pairs = list(f(0)).iter().zip(list(f(1)));
                    pairs.map(|(k, v)| DictItem { key: x.opt(k).map(|k| *k), value: x.expr(v) }).collect()
                },
            }),
            "Set" => build!(Set ExprSet { elts: |x: &mut Importer| x.exprs(f(0)) }),
            "ListComp" => build!(ListComp ExprListComp {
                elt: |x: &mut Importer| x.boxed(f(0)),
                generators: |x: &mut Importer| x.generators(f(1)),
            }),
            "SetComp" => build!(SetComp ExprSetComp {
                elt: |x: &mut Importer| x.boxed(f(0)),
                generators: |x: &mut Importer| x.generators(f(1)),
            }),
            "DictComp" => build!(DictComp ExprDictComp {
                key: |x: &mut Importer| x.opt(f(0)),
                value: |x: &mut Importer| x.boxed(f(1)),
                generators: |x: &mut Importer| x.generators(f(2)),
            }),
            "GeneratorExp" => build!(Generator ExprGenerator {
                elt: |x: &mut Importer| x.boxed(f(0)),
                generators: |x: &mut Importer| x.generators(f(1)),
                parenthesized: |_: &mut Importer| true,
            }),
            "Await" => build!(Await ExprAwait { value: |x: &mut Importer| x.boxed(f(0)) }),
            "Yield" => build!(Yield ExprYield { value: |x: &mut Importer| x.opt(f(0)) }),
            "YieldFrom" => build!(YieldFrom ExprYieldFrom { value: |x: &mut Importer| x.boxed(f(0)) }),
            "Compare" => build!(Compare ExprCompare {
                left: |x: &mut Importer| x.boxed(f(0)),
                ops: |_: &mut Importer| list(f(1)).iter().map(|o| comparison(class(o))).collect(),
                comparators: |x: &mut Importer| x.exprs(f(2)).into(),
            }),
            "Call" => {
                let (range, (func, arguments)) = self.placed(Some(n), |x| (x.boxed(f(0)), x.arguments(f(1), f(2))));
                let arguments = Arguments { range: TextRange::new(arguments.range.start(), range.end()), ..arguments };
                Expr::Call(ExprCall { node_index, range_start: range.start(), func, arguments })
            }
            "JoinedStr" => {
                let (range, elements) = self.placed(Some(n), |x| x.elements(f(0)));
                let part = FString { range, node_index: INDEX, elements, flags: FStringFlags::empty() };
                Expr::FString(ExprFString { node_index, range, value: FStringValue::single(part) })
            }
            // One that stands alone is formatted as in a string of its own.
            "FormattedValue" => {
                let (range, element) = self.placed(Some(n), |x| x.interpolation(n, 1));
                let elements = InterpolatedStringElements::from(vec![element]);
                let part = FString { range, node_index: INDEX, elements, flags: FStringFlags::empty() };
                Expr::FString(ExprFString { node_index, range, value: FStringValue::single(part) })
            }
            "TemplateStr" => {
                let (range, elements) = self.placed(Some(n), |x| x.elements(f(0)));
                let part = TString { range, node_index: INDEX, elements, flags: TStringFlags::empty() };
                Expr::TString(ExprTString { node_index, range, value: TStringValue::single(part) })
            }
            "Constant" => self.constant(n),
            "Attribute" => build!(Attribute ExprAttribute {
                value: |x: &mut Importer| x.boxed(f(0)),
                attr: |x: &mut Importer| x.end_identifier(n, text(f(1))),
                ctx: |_: &mut Importer| context(f(2)),
            }),
            "Subscript" => build!(Subscript ExprSubscript {
                value: |x: &mut Importer| x.boxed(f(0)),
                slice: |x: &mut Importer| x.boxed(f(1)),
                ctx: |_: &mut Importer| context(f(2)),
            }),
            "Starred" => build!(Starred ExprStarred {
                value: |x: &mut Importer| x.boxed(f(0)),
                ctx: |_: &mut Importer| context(f(1)),
            }),
            "Name" => build!(Name ExprName {
                id: |_: &mut Importer| Name::new(text(f(0))),
                ctx: |_: &mut Importer| context(f(1)),
            }),
            "List" => build!(List ExprList {
                elts: |x: &mut Importer| x.exprs(f(0)),
                ctx: |_: &mut Importer| context(f(1)),
            }),
            "Tuple" => build!(Tuple ExprTuple {
                elts: |x: &mut Importer| x.exprs(f(0)),
                ctx: |_: &mut Importer| context(f(1)),
                parenthesized: |_: &mut Importer| true,
            }),
            "Slice" => build!(Slice ExprSlice {
                lower: |x: &mut Importer| x.opt(f(0)),
                upper: |x: &mut Importer| x.opt(f(1)),
                step: |x: &mut Importer| x.opt(f(2)),
            }),
            _ => Expr::NoneLiteral(ExprNoneLiteral { node_index, range: self.here() }),
        }
    }

    /// The name of an attribute: it stands at the end of the node.
    fn end_identifier(&mut self, n: &Node, name: &str) -> Identifier {
        let Some(at) = n.at else { return self.identifier(name) };
        let first = self.mark((at.end_line, at.end_col.saturating_sub(name.len() as u32)));
        let last = self.mark((at.end_line, at.end_col));
        Identifier { id: Name::new(name), range: TextRange::new(first, last), node_index: INDEX }
    }

    fn generators(&mut self, f: &Field) -> Vec<Comprehension> {
        let one = |x: &mut Importer, n: &Node| {
            let inner = as_node(field(n, 0));
            let (range, (target, iter, ifs)) =
                x.placed(inner, |x| (x.expr(field(n, 0)), x.expr(field(n, 1)), x.exprs(field(n, 2))));
            Comprehension { range, node_index: INDEX, target, iter, ifs, is_async: int(field(n, 3)) != 0 }
        };
        list(f).iter().filter_map(as_node).map(|n| one(self, n)).collect()
    }

    fn elements(&mut self, f: &Field) -> InterpolatedStringElements {
        let mut out = Vec::new();
        for n in list(f).iter().filter_map(as_node) {
            match n.class {
                "FormattedValue" => out.push(self.interpolation(n, 1)),
                "Interpolation" => out.push(self.interpolation(n, 2)),
                "JoinedStr" => out.extend(self.elements(field(n, 0)).iter().cloned()),
                "Constant" => {
                    let (range, ()) = self.placed(Some(n), |_| ());
                    let value = self.text_constant(field(n, 0), range);
                    let literal = InterpolatedStringLiteralElement { range, node_index: INDEX, value };
                    out.push(InterpolatedStringElement::Literal(literal));
                }
                // Anything else is formatted.
                _ => {
                    let (range, expression) = self.placed(Some(n), |x| Box::new(x.expression(n)));
                    out.push(InterpolatedStringElement::Interpolation(InterpolatedElement {
                        range,
                        node_index: INDEX,
                        expression,
                        debug_text: None,
                        conversion: ConversionFlag::None,
                        format_spec: None,
                    }));
                }
            }
        }
        InterpolatedStringElements::from(out)
    }

    /// A formatted value or interpolation, whose conversion is field `at`.
    fn interpolation(&mut self, n: &Node, at: usize) -> InterpolatedStringElement {
        let (range, (expression, format_spec)) = self.placed(Some(n), |x| {
            let expression = x.boxed(field(n, 0));
            let spec = as_node(field(n, at + 1)).map(|spec| {
                let (range, elements) = x.placed(Some(spec), |x| match spec.class {
                    "JoinedStr" => x.elements(field(spec, 0)),
                    _ => x.elements(&Field::List(vec![Field::Node(Box::new(spec.clone()))])),
                });
                Box::new(InterpolatedStringFormatSpec { range, node_index: INDEX, elements })
            });
            (expression, spec)
        });
        if let (2, Field::Const(Const::Str(shown))) = (at, field(n, 1)) {
            self.places.texts.insert(range.start().to_u32(), String::from_utf8_lossy(shown).into_owned());
        }
        InterpolatedStringElement::Interpolation(InterpolatedElement {
            range,
            node_index: INDEX,
            expression,
            debug_text: None,
            conversion: conversion(field(n, at)),
            format_spec,
        })
    }

    /// The text of a constant; one with surrogates is remembered by its place.
    fn text_constant(&mut self, f: &Field, range: TextRange) -> Box<str> {
        match f {
            Field::Const(Const::Str(bytes)) => match std::str::from_utf8(bytes) {
                Ok(text) => text.into(),
                Err(_) => {
                    self.places.constants.insert(range.start().to_u32(), Const::Str(bytes.clone()));
                    String::from_utf8_lossy(bytes).into()
                }
            },
            _ => "".into(),
        }
    }

    fn constant(&mut self, n: &Node) -> Expr {
        let node_index = INDEX;
        let (range, ()) = self.placed(Some(n), |_| ());
        let Field::Const(value) = field(n, 0) else {
            return Expr::NoneLiteral(ExprNoneLiteral { node_index, range });
        };
        match value {
            Const::None => Expr::NoneLiteral(ExprNoneLiteral { node_index, range }),
            Const::Bool(value) => Expr::BooleanLiteral(ExprBooleanLiteral { node_index, range, value: *value }),
            Const::Str(_) => {
                let text = self.text_constant(field(n, 0), range);
                let flags = StringLiteralFlags::empty();
                let part = StringLiteral { range, node_index: INDEX, value: text, flags };
                Expr::StringLiteral(ExprStringLiteral { node_index, range, value: StringLiteralValue::single(part) })
            }
            Const::Bytes(bytes) => {
                let flags = BytesLiteralFlags::empty();
                let part = BytesLiteral { range, node_index: INDEX, value: bytes.to_vec().into(), flags };
                Expr::BytesLiteral(ExprBytesLiteral { node_index, range, value: BytesLiteralValue::single(part) })
            }
            Const::Int(i) if *i >= 0 => {
                let value = i.to_string().parse::<Int>().map_or(Number::Int(Int::ZERO), Number::Int);
                Expr::NumberLiteral(ExprNumberLiteral { node_index, range, value })
            }
            Const::Float(x) if x.get() >= 0.0 => {
                Expr::NumberLiteral(ExprNumberLiteral { node_index, range, value: Number::Float(x.get()) })
            }
            Const::Ellipsis => Expr::EllipsisLiteral(ExprEllipsisLiteral { node_index, range }),
            // What has no literal lies beside the tree.
            other => {
                self.places.constants.insert(range.start().to_u32(), other.clone());
                Expr::EllipsisLiteral(ExprEllipsisLiteral { node_index, range })
            }
        }
    }

    fn patterns(&mut self, f: &Field) -> Vec<Pattern> {
        list(f).iter().map(|p| self.pattern(p)).collect()
    }

    fn pattern(&mut self, f: &Field) -> Pattern {
        let Some(n) = as_node(f) else {
            let range = self.here();
            return Pattern::MatchAs(PatternMatchAs { node_index: INDEX, range, pattern: None, name: None });
        };
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.pattern_of(n))
    }

    fn pattern_of(&mut self, n: &Node) -> Pattern {
        let node_index = INDEX;
        macro_rules! build {
            ($variant:ident $class:ident { $($name:ident : $value:expr),* $(,)? }) => {{
                let build = |x: &mut Importer| { $( let $name = { #[allow(clippy::redundant_closure_call)] ($value)(&mut *x) }; )* ($($name,)*) };
                let (range, ($($name,)*)) = self.placed(Some(n), build);
                Pattern::$variant($class { node_index, range, $($name),* })
            }};
        }
        let f = |i: usize| field(n, i);
        match n.class {
            "MatchValue" => build!(MatchValue PatternMatchValue { value: |x: &mut Importer| x.boxed(f(0)) }),
            "MatchSingleton" => build!(MatchSingleton PatternMatchSingleton {
                value: |_: &mut Importer| match f(0) {
                    Field::Const(Const::Bool(true)) => Singleton::True,
                    Field::Const(Const::Bool(false)) => Singleton::False,
                    _ => Singleton::None,
                },
            }),
            "MatchSequence" => build!(MatchSequence PatternMatchSequence {
                patterns: |x: &mut Importer| x.patterns(f(0)),
            }),
            "MatchMapping" => build!(MatchMapping PatternMatchMapping {
                keys: |x: &mut Importer| x.exprs(f(0)).into(),
                patterns: |x: &mut Importer| x.patterns(f(1)).into(),
                rest: |x: &mut Importer| x.opt_identifier(f(2)),
            }),
            "MatchClass" => build!(MatchClass PatternMatchClass {
                cls: |x: &mut Importer| x.boxed(f(0)),
                arguments: |x: &mut Importer| x.pattern_arguments(f(1), f(2), f(3)),
            }),
            "MatchStar" => build!(MatchStar PatternMatchStar { name: |x: &mut Importer| x.capture(n, f(0)) }),
            "MatchOr" => build!(MatchOr PatternMatchOr { patterns: |x: &mut Importer| x.patterns(f(0)) }),
            _ => build!(MatchAs PatternMatchAs {
                pattern: |x: &mut Importer| as_node(f(0)).map(|_| Box::new(x.pattern(f(0)))),
                name: |x: &mut Importer| x.capture(n, f(1)),
            }),
        }
    }

    /// The name that a pattern binds: it stands at the pattern's end.
    fn capture(&mut self, n: &Node, f: &Field) -> Option<Identifier> {
        match f {
            Field::Text(name) => Some(self.end_identifier(n, name)),
            _ => None,
        }
    }

    fn pattern_arguments(&mut self, patterns: &Field, names: &Field, values: &Field) -> PatternArguments {
        let (range, (patterns, keywords)) = self.placed(None, |x| {
            let patterns = x.patterns(patterns);
            let mut keywords = Vec::new();
            for (name, value) in list(names).iter().zip(list(values)) {
                let (range, (attr, pattern)) =
                    x.placed(as_node(value), |x| (x.identifier(text(name)), x.pattern(value)));
                keywords.push(PatternKeyword { range, node_index: INDEX, attr, pattern });
            }
            (patterns, keywords)
        });
        PatternArguments { range, node_index: INDEX, patterns: patterns.into(), keywords }
    }
}
