//! Warnings about expressions that cannot do what they seem to.

use super::{Emitter, Result};
use ruff_python_ast::*;

/// What a literal's type is called, for messages.
fn literal_type(e: &Expr) -> Option<&'static str> {
    Some(match e {
        Expr::StringLiteral(_) | Expr::FString(_) => "str",
        Expr::TString(_) => "string.templatelib.Template",
        Expr::BytesLiteral(_) => "bytes",
        Expr::NumberLiteral(x) => match x.value {
            Number::Int(_) => "int",
            Number::Float(_) => "float",
            Number::Complex { .. } => "complex",
        },
        Expr::BooleanLiteral(_) => "bool",
        Expr::NoneLiteral(_) => "NoneType",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::Tuple(_) => "tuple",
        Expr::List(_) | Expr::ListComp(_) => "list",
        Expr::Set(_) | Expr::SetComp(_) => "set",
        Expr::Dict(_) | Expr::DictComp(_) => "dict",
        Expr::Generator(_) => "generator",
        Expr::Lambda(_) => "function",
        _ => return None,
    })
}

impl<'a> Emitter<'a> {
    pub(super) fn check_call(&mut self, x: &'a ExprCall) -> Result {
        if !matches!(&*x.func, Expr::Lambda(_))
            && let Some(kind) = literal_type(&x.func)
        {
            self.warn(&*x.func, format!("'{kind}' object is not callable; perhaps you missed a comma?"));
        }
        Ok(())
    }

    pub(super) fn check_subscript(&mut self, x: &'a ExprSubscript) {
        let unsubscriptable = matches!(
            &*x.value,
            Expr::NumberLiteral(_)
                | Expr::BooleanLiteral(_)
                | Expr::NoneLiteral(_)
                | Expr::EllipsisLiteral(_)
                | Expr::Set(_)
                | Expr::SetComp(_)
                | Expr::Generator(_)
                | Expr::Lambda(_)
                | Expr::TString(_)
        );
        if let (true, Some(kind)) = (unsubscriptable, literal_type(&x.value)) {
            self.warn(&*x.value, format!("'{kind}' object is not subscriptable; perhaps you missed a comma?"));
            return;
        }
        let indexable = matches!(
            &*x.value,
            Expr::StringLiteral(_)
                | Expr::FString(_)
                | Expr::BytesLiteral(_)
                | Expr::Tuple(_)
                | Expr::List(_)
                | Expr::ListComp(_)
        );
        let is_index = matches!(
            &*x.slice,
            Expr::NumberLiteral(ExprNumberLiteral { value: Number::Int(_), .. }) | Expr::BooleanLiteral(_)
        );
        if let (true, false, Some(kind), Some(index)) =
            (indexable, is_index, literal_type(&x.value), literal_type(&x.slice))
        {
            self.warn(
                &*x.value,
                format!("{kind} indices must be integers or slices, not {index}; perhaps you missed a comma?"),
            );
        }
    }

    pub(super) fn check_compare(&mut self, x: &'a ExprCompare) {
        let is_constant = |e: &Expr| {
            let literal = match e {
                Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::NumberLiteral(_) => true,
                Expr::Tuple(t) => t.elts.iter().all(Expr::is_literal_expr),
                _ => false,
            };
            literal.then(|| literal_type(e)).flatten()
        };
        let mut left = &*x.left;
        for (op, right) in x.ops.iter().zip(&*x.comparators) {
            if let CmpOp::Is | CmpOp::IsNot = op
                && let Some(kind) = is_constant(left).or_else(|| is_constant(right))
            {
                let (op, better) = if *op == CmpOp::Is { ("is", "==") } else { ("is not", "!=") };
                self.warn(x, format!("\"{op}\" with '{kind}' literal. Did you mean \"{better}\"?"));
            }
            left = right;
        }
    }
}
