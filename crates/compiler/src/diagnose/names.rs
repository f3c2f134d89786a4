//! What CPython calls an expression in messages, and which part of a target is none.

use super::engine::{Engine, Node, NodeIdx};
use super::grammar::Shape;
use crate::tokenizer::Kind;

fn is_expression(shape: Shape) -> bool {
    !matches!(shape, Shape::Part | Shape::Token | Shape::Clause | Shape::Param | Shape::Args | Shape::Statement)
}

/// The expressions directly inside a node; keyword arguments are none.
pub(super) fn elements(nodes: &[Node], node: NodeIdx) -> Vec<NodeIdx> {
    let mut out = Vec::new();
    for kid in &nodes[node as usize].kids {
        match nodes[*kid as usize].shape {
            Shape::Keyword | Shape::Unpacking => {}
            shape if is_expression(shape) => out.push(*kid),
            _ => out.extend(elements(nodes, *kid)),
        }
    }
    out
}

/// Whether a node has another of a shape in it, outside the expressions in it.
pub(super) fn has(nodes: &[Node], node: NodeIdx, shape: Shape) -> bool {
    nodes[node as usize].kids.iter().any(|kid| {
        let own = nodes[*kid as usize].shape;
        own == shape || !is_expression(own) && has(nodes, *kid, shape)
    })
}

/// Whether a name is that of a statement of Python 2.
pub(super) fn is_legacy(engine: &Engine, node: NodeIdx) -> bool {
    engine.nodes[node as usize].shape == Shape::Name && matches!(engine.node_text(node), "print" | "exec")
}

/// What CPython calls an expression.
pub(super) fn name(engine: &Engine, node: NodeIdx) -> &'static str {
    let n = &engine.nodes[node as usize];
    match n.shape {
        Shape::Attribute => "attribute",
        Shape::Subscript => "subscript",
        Shape::Starred => "starred",
        Shape::Name => "name",
        Shape::List => "list",
        Shape::Tuple => "tuple",
        Shape::Lambda => "lambda",
        Shape::Call => "function call",
        Shape::Generator => "generator expression",
        Shape::Yield => "yield expression",
        Shape::Await => "await expression",
        Shape::ListComp => "list comprehension",
        Shape::SetComp => "set comprehension",
        Shape::DictComp => "dict comprehension",
        Shape::Dict => "dict literal",
        Shape::Set => "set display",
        Shape::True => "True",
        Shape::False => "False",
        Shape::None => "None",
        Shape::Ellipsis => "ellipsis",
        Shape::Number => "literal",
        Shape::Compare => "comparison",
        Shape::If => "conditional expression",
        Shape::Named => "named expression",
        Shape::String => string_name(engine, n),
        _ => "expression",
    }
}

fn string_name(engine: &Engine, n: &Node) -> &'static str {
    let has = |kind| engine.tokens[n.start..n.end].iter().any(|t| t.token.kind == kind);
    if has(Kind::TStringStart) {
        "t-string expression"
    } else if has(Kind::FStringStart) {
        "f-string expression"
    } else {
        "literal"
    }
}

/// The first part of a target that cannot be assigned to or deleted.
pub(super) fn bad_target(engine: &Engine, node: NodeIdx, kind: &str) -> Option<NodeIdx> {
    let n = &engine.nodes[node as usize];
    match n.shape {
        Shape::List | Shape::Tuple => {
            elements(&engine.nodes, node).into_iter().find_map(|e| bad_target(engine, e, kind))
        }
        Shape::Starred if kind == "del_target" => Some(node),
        Shape::Starred => elements(&engine.nodes, node).first().and_then(|e| bad_target(engine, *e, kind)),
        Shape::Compare if kind == "for_target" => {
            // `for a in b` reads as a comparison.
            let left = n.kids[0];
            let operator = engine.nodes[left as usize].end;
            let mut i = operator;
            while engine.text_of(i) == ")" {
                i += 1;
            }
            if engine.text_of(i) == "in" { bad_target(engine, left, kind) } else { None }
        }
        Shape::Name | Shape::Subscript | Shape::Attribute => None,
        _ => Some(node),
    }
}
