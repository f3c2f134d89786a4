//! The compiler's table of node classes as a tuple of the frozen image, from which `_ast` makes the classes.

use serpens_compiler::tree::SCHEMA;
use serpens_vm::image::part::key_of;
use serpens_vm::{PyResult, Value, Vm};

/// Names the table among the parts of the image.
static TABLE: [u8; 1] = [0];

/// For each class, bases first: name, base (`None`: `AST`), names of the fields, those that may be missing, their kinds,
/// documentation, and the mark of those whose nodes have positions.
pub fn table(vm: &Vm) -> PyResult {
    vm.frozen(key_of(&TABLE), &|vm| Ok(vm.tuple(rows(vm))))
}

/// A class: its name, and kind and name of each field.
type Class<'a> = (&'a str, Vec<(&'a str, &'a str)>);

fn class(text: &str) -> Class<'_> {
    let (name, fields) = text.trim().split_once('(').unwrap_or((text.trim(), ""));
    let fields = fields.trim_end_matches(')').split(", ").filter_map(|f| f.split_once(' '));
    (name, fields.collect())
}

/// The class as its documentation shows it.
fn shown((name, fields): &Class<'_>) -> String {
    let fields: Vec<String> = fields.iter().map(|(kind, field)| format!("{kind} {field}")).collect();
    if fields.is_empty() { (*name).to_string() } else { format!("{name}({})", fields.join(", ")) }
}

fn row(vm: &Vm, (name, fields): &Class<'_>, base: Option<&str>, doc: &str, mark: &str) -> Value {
    let texts = |of: &mut dyn Iterator<Item = &str>| vm.tuple(of.map(|t| vm.intern(t)).collect());
    let missing = fields.iter().filter(|(kind, _)| kind.ends_with('?'));
    vm.tuple(vec![
        vm.intern(name),
        base.map_or(Value::NONE, |b| vm.intern(b)),
        texts(&mut fields.iter().map(|(_, field)| *field)),
        texts(&mut missing.map(|(_, field)| *field)),
        texts(&mut fields.iter().map(|(kind, _)| *kind)),
        vm.str(doc),
        vm.intern(mark),
    ])
}

fn rows(vm: &Vm) -> Vec<Value> {
    let mut out = Vec::new();
    let schema = SCHEMA.trim().replace("\n |", " |");
    for line in schema.lines() {
        let (head, body) = line.split_once(" = ").unwrap_or((line, ""));
        let (base, mark) = head.split_once(' ').unwrap_or((head, ""));
        if body.starts_with('(') {
            let product = (base, class(body).1);
            out.push(row(vm, &product, None, &shown(&product), mark));
            continue;
        }
        let nodes: Vec<Class<'_>> = body.split(" | ").map(class).collect();
        let sum = format!("\n{}| ", " ".repeat(base.len() + 1));
        let doc = format!("{base} = {}", nodes.iter().map(shown).collect::<Vec<_>>().join(&sum));
        out.push(row(vm, &(base, Vec::new()), None, &doc, mark));
        out.extend(nodes.iter().map(|node| row(vm, node, Some(base), &shown(node), "")));
    }
    out
}
