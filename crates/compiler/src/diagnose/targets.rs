//! What cannot be assigned to, deleted or called with `=`, and what CPython calls it.

use ruff_python_ast::*;
use ruff_python_parser::parse_expression_range;
use ruff_text_size::{Ranged, TextRange};

/// The expression that a range of the source spells.
pub(super) fn expression(text: &str, range: TextRange) -> Option<Expr> {
    let parsed = parse_expression_range(text, range).ok()?;
    Some((*parsed.into_syntax().body).clone())
}

/// What CPython calls an expression in messages.
pub(super) fn name(e: &Expr) -> &'static str {
    match e {
        Expr::Attribute(_) => "attribute",
        Expr::Subscript(_) => "subscript",
        Expr::Starred(_) => "starred",
        Expr::Name(_) => "name",
        Expr::List(_) => "list",
        Expr::Tuple(_) => "tuple",
        Expr::Lambda(_) => "lambda",
        Expr::Call(_) => "function call",
        Expr::BoolOp(_) | Expr::BinOp(_) | Expr::UnaryOp(_) => "expression",
        Expr::Generator(_) => "generator expression",
        Expr::Yield(_) | Expr::YieldFrom(_) => "yield expression",
        Expr::Await(_) => "await expression",
        Expr::ListComp(_) => "list comprehension",
        Expr::SetComp(_) => "set comprehension",
        Expr::DictComp(_) => "dict comprehension",
        Expr::Dict(_) => "dict literal",
        Expr::Set(_) => "set display",
        Expr::FString(_) => "f-string expression",
        Expr::TString(_) => "t-string expression",
        Expr::BooleanLiteral(x) => {
            if x.value {
                "True"
            } else {
                "False"
            }
        }
        Expr::NoneLiteral(_) => "None",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BytesLiteral(_) => "literal",
        Expr::Compare(_) => "comparison",
        Expr::If(_) => "conditional expression",
        Expr::Named(_) => "named expression",
        Expr::Slice(_) | Expr::IpyEscapeCommand(_) => "expression",
    }
}

/// The first part of a target that is none.
pub(super) fn invalid(e: &Expr, deletion: bool) -> Option<&Expr> {
    match e {
        Expr::Name(_) | Expr::Attribute(_) | Expr::Subscript(_) => None,
        Expr::List(ExprList { elts, .. }) | Expr::Tuple(ExprTuple { elts, .. }) => {
            elts.iter().find_map(|e| invalid(e, deletion))
        }
        Expr::Starred(s) if !deletion => invalid(&s.value, deletion),
        e => Some(e),
    }
}

/// Whether `e = ...` is told that `==` may be meant: what can stand on the left of an operator, but for the singletons.
pub(super) fn may_be_comparison(e: &Expr) -> bool {
    !matches!(
        e,
        Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::Lambda(_)
            | Expr::If(_)
            | Expr::Compare(_)
            | Expr::BoolOp(_)
            | Expr::Generator(_)
            | Expr::Tuple(_)
            | Expr::List(_)
            | Expr::UnaryOp(ExprUnaryOp { op: UnaryOp::Not, .. })
    )
}

/// The range of an expression.
pub(super) fn range(e: &Expr) -> TextRange {
    e.range()
}
