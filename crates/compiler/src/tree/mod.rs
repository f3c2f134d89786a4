//! Syntax trees in Python's terms: what `ast.parse` gives and `compile` takes.
//!
//! [`SCHEMA`] names every class of nodes with its fields; a [`Node`] names its class and holds its fields in that order.
//! [`export`] makes such trees of the parser's, [`import`] the parser's of such trees. How they look as Python objects is
//! not known here.

pub mod export;
pub mod import;

use serpens_bytecode::Location;
use serpens_bytecode::constant::Const;

/// The classes of nodes: `base = Class(type field, ...) | ...`. `?` may be missing, `*` a list; behind the name of the base `@` says
/// that its nodes have positions, `!` that their ends are known always.
pub const SCHEMA: &str = include_str!("schema.txt");

/// A node.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// The name of its class.
    pub class: &'static str,
    /// Its place, if its class has one. Columns are bytes.
    pub at: Option<Location>,
    /// Its fields, in the order of the schema.
    pub fields: Vec<Field>,
}

/// What a field holds.
#[derive(Clone, PartialEq, Debug)]
pub enum Field {
    /// Nothing.
    None,
    /// A node.
    Node(Box<Node>),
    /// A list.
    List(Vec<Field>),
    /// An identifier or another text.
    Text(String),
    /// A number.
    Int(i64),
    /// The value of a constant.
    Const(Const),
}

/// How often a field holds something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Times {
    /// Once.
    One,
    /// Once or not at all.
    Optional,
    /// As a list.
    Many,
    /// As a list in which `None` may stand.
    ManyOptional,
}

/// A field of a class.
#[derive(Clone, Copy, Debug)]
pub struct FieldDef {
    /// Its name.
    pub name: &'static str,
    /// The name of its type: a base or class of the schema, `identifier`, `string`, `int` or `constant`.
    pub kind: &'static str,
    /// How often it holds something.
    pub times: Times,
}

/// A class of nodes.
#[derive(Clone, Debug)]
pub struct ClassDef {
    /// Its name.
    pub name: &'static str,
    /// The name of its base, its own if it is one of those that are alone.
    pub base: &'static str,
    /// Whether its nodes have positions.
    pub placed: bool,
    /// Its fields.
    pub fields: Vec<FieldDef>,
}

/// Reads the schema.
pub fn classes() -> Vec<ClassDef> {
    let mut out = Vec::new();
    let mut base = ("", false);
    for line in SCHEMA.lines() {
        let body = match line.strip_prefix(" | ") {
            Some(body) => body,
            None => {
                let (head, body) = line.split_once(" = ").unwrap_or((line, ""));
                let name = head.trim_end_matches([' ', '@', '!']);
                base = (name, head.len() != name.len());
                body
            }
        };
        for class in body.split(" | ") {
            let (name, fields) = class.split_once('(').unwrap_or((class, ")"));
            let fields = fields.trim_end_matches(')').split(", ").filter(|f| !f.is_empty()).map(field).collect();
            let name = if name.is_empty() { base.0 } else { name };
            out.push(ClassDef { name, base: base.0, placed: base.1, fields });
        }
    }
    out
}

fn field(text: &'static str) -> FieldDef {
    let (kind, name) = text.split_once(' ').unwrap_or((text, ""));
    let times = match kind.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_') {
        "?*" => Times::ManyOptional,
        "*" => Times::Many,
        "?" => Times::Optional,
        _ => Times::One,
    };
    FieldDef { name, kind: kind.trim_end_matches(['?', '*']), times }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_can_be_read() {
        let all = classes();
        let find = |name: &str| all.iter().find(|c| c.name == name).unwrap();
        assert_eq!(find("Pass").fields.len(), 0);
        assert_eq!(find("arg").base, "arg");
        assert!(find("arg").placed && !find("arguments").placed);
        assert_eq!(find("Dict").fields[0].times, Times::ManyOptional);
        assert_eq!(find("TypeVarTuple").base, "type_param");
    }
}
