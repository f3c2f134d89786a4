//! From the compiler's trees to Python objects.

use hashbrown::HashMap;
use serpens_compiler::tree::{Field, Node};
use serpens_state::import::import_module;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{PyResult, TypeObj, Value, Vm};

/// A class of nodes, and the names of its fields.
struct Class {
    class: Value,
    fields: Vec<Value>,
    /// The one object of a class without fields.
    only: Option<Value>,
}

struct Builder<'a> {
    vm: &'a Vm,
    module: Value,
    classes: HashMap<&'static str, Class>,
    place: [Value; 4],
}

/// The object of a tree.
pub fn build(vm: &Vm, node: &Node) -> PyResult {
    let module = import_module(vm, "_ast")?;
    let place = ["lineno", "col_offset", "end_lineno", "end_col_offset"].map(|n| vm.intern(n));
    Builder { vm, module, classes: HashMap::new(), place }.node(node)
}

impl Builder<'_> {
    fn class(&mut self, name: &'static str) -> PyResult<&Class> {
        if !self.classes.contains_key(name) {
            let vm = self.vm;
            let class = vm.getattr_str(&self.module, name)?;
            let fields = vm.getattr_str(&class, "_fields")?;
            let fields: Vec<Value> = fields.downcast::<Tuple>().map_or(Vec::new(), |t| {
                // Attributes are found by interned names.
                t.as_slice().iter().map(|name| vm.intern_value(name)).collect()
            });
            let placed = vm.getattr_str(&class, "_attributes")?.downcast::<Tuple>().is_some_and(|t| !t.is_empty());
            let only = match TypeObj::from_value(&class) {
                Some(ty) if fields.is_empty() && !placed => Some(vm.alloc_instance(ty)),
                _ => None,
            };
            self.classes.insert(name, Class { class, fields, only });
        }
        self.classes.get(name).ok_or_else(|| self.vm.system_error("a class of nodes is missing"))
    }

    fn node(&mut self, node: &Node) -> PyResult {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.object(node))
    }

    fn object(&mut self, node: &Node) -> PyResult {
        let vm = self.vm;
        let class = self.class(node.class)?;
        if let Some(only) = &class.only {
            return Ok(only.clone());
        }
        let names = class.fields.clone();
        let Some(ty) = TypeObj::from_value(&class.class) else {
            return Err(vm.type_error("a class of nodes is no class"));
        };
        let object = vm.alloc_instance(ty);
        for (name, field) in names.iter().zip(&node.fields) {
            let value = self.field(field)?;
            vm.setattr(&object, name, Some(&value))?;
        }
        if let Some(at) = node.at {
            for (name, n) in self.place.clone().iter().zip([at.line, at.col, at.end_line, at.end_col]) {
                vm.setattr(&object, name, Some(&vm.int(i64::from(n))))?;
            }
        }
        Ok(object)
    }

    fn field(&mut self, field: &Field) -> PyResult {
        Ok(match field {
            Field::None => Value::NONE,
            Field::Node(n) => self.node(n)?,
            Field::List(items) => {
                let mut out = Vec::with_capacity(items.len());
                for item in items {
                    out.push(self.field(item)?);
                }
                self.vm.list(out)
            }
            Field::Text(text) => self.vm.intern(text),
            Field::Int(i) => self.vm.int(*i),
            Field::Const(c) => self.vm.realise(c),
        })
    }
}
