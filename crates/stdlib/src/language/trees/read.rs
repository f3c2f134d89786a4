//! From Python objects to trees, by the compiler's table of classes.
//!
//! Invariant: a list is looked at item by item, since a program that runs in between may change it.

use serpens_bytecode::Location;
use serpens_bytecode::constant::{Bits, Const};
use serpens_compiler::tree::{ClassDef, Field, FieldDef, Node, Times, classes};
use serpens_state::import::import_module;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::complex::Complex;
use serpens_vm::types::int;
use serpens_vm::types::list::List;
use serpens_vm::types::str::Str;
use serpens_vm::{PyResult, Value, Vm};

/// Trees that are deeper are refused.
const MAX_DEPTH: usize = 6000;

struct Reader<'a> {
    vm: &'a Vm,
    module: Value,
    classes: Vec<ClassDef>,
    depth: usize,
}

/// Reads the tree of an object for a mode of `compile`.
pub fn read(vm: &Vm, value: &Value, mode: &str) -> PyResult<Node> {
    let module = import_module(vm, "_ast")?;
    let mut reader = Reader { vm, module, classes: classes(), depth: 0 };
    let wanted = match mode {
        "eval" => "Expression",
        "single" => "Interactive",
        "func_type" => "FunctionType",
        _ => "Module",
    };
    if !vm.is_instance(value, &vm.getattr_str(&reader.module, wanted)?)? {
        let given = vm.type_of(value).name().to_string();
        return Err(vm.type_error(&format!("expected {wanted} node, got {given}")));
    }
    reader.node(value, "mod")
}

impl Reader<'_> {
    /// The class of the table that an object is an instance of.
    fn class_of(&self, value: &Value, kind: &str) -> PyResult<Option<usize>> {
        for (i, class) in self.classes.iter().enumerate() {
            if class.base == kind || class.name == kind {
                let object = self.vm.getattr_str(&self.module, class.name)?;
                if self.vm.is_instance(value, &object)? {
                    return Ok(Some(i));
                }
            }
        }
        Ok(None)
    }

    fn node(&mut self, value: &Value, kind: &str) -> PyResult<Node> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = "maximum recursion depth exceeded during ast construction";
            return Err(self.vm.raise_text(self.vm.types().RecursionError, message));
        }
        let node = stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.object(value, kind));
        self.depth -= 1;
        node
    }

    fn object(&mut self, value: &Value, kind: &str) -> PyResult<Node> {
        let vm = self.vm;
        // A base's nodes are asked for their places before it is asked what they are.
        let base = self.classes.iter().find(|c| c.base == kind && c.name != kind && c.placed).cloned();
        let known = base.map(|c| self.place(value, &c)).transpose()?;
        let Some(i) = self.class_of(value, kind)? else {
            let shown = vm.repr_string(value)?;
            return Err(vm.type_error(&format!("expected some sort of {kind}, but got {shown}")));
        };
        let class = self.classes[i].clone();
        let at = match known {
            Some(at) => Some(at),
            None if class.placed => Some(self.place(value, &class)?),
            None => None,
        };
        let mut fields = Vec::with_capacity(class.fields.len());
        for f in &class.fields {
            fields.push(self.field(value, &class, f)?);
        }
        Ok(Node { class: class.name, at, fields })
    }

    fn number(&self, value: &Value) -> PyResult<i64> {
        if !self.vm.is_int(value) {
            let shown = self.vm.repr_string(value)?;
            return Err(self.vm.value_error(&format!("invalid integer value: {shown}")));
        }
        int::to_i64(value)
            .filter(|i| i32::try_from(*i).is_ok())
            .ok_or_else(|| self.vm.overflow_error("Python int too large to convert to C int"))
    }

    fn place(&self, value: &Value, class: &ClassDef) -> PyResult<Location> {
        let vm = self.vm;
        let attribute = |name: &str| -> PyResult<Option<i64>> {
            match vm.getattr_opt(value, &vm.intern(name))?.filter(|v| !v.is_none()) {
                Some(v) => self.number(&v).map(Some),
                None => Ok(None),
            }
        };
        let required = |name: &str, found: Option<i64>| {
            found.ok_or_else(|| vm.type_error(&format!("required field \"{name}\" missing from {}", class.base)))
        };
        let line = required("lineno", attribute("lineno")?)?;
        let col = required("col_offset", attribute("col_offset")?)?;
        let ends_known = matches!(class.base, "pattern" | "type_param");
        let (mut end_line, mut end_col) = (attribute("end_lineno")?, attribute("end_col_offset")?);
        if ends_known {
            end_line = Some(required("end_lineno", end_line)?);
            end_col = Some(required("end_col_offset", end_col)?);
        }
        let (end_line, end_col) = (end_line.unwrap_or(line), end_col.unwrap_or(col));
        if line > end_line {
            return Err(vm.value_error(&format!("AST node line range ({line}, {end_line}) is not valid")));
        }
        if (line < 0 && end_line != line) || (col < 0 && col != end_col) {
            let message =
                format!("AST node column range ({col}, {end_col}) for line range ({line}, {end_line}) is not valid");
            return Err(vm.value_error(&message));
        }
        if line == end_line && col > end_col {
            let message = format!("line {line}, column {col}-{end_col} is not a valid range");
            return Err(vm.value_error(&message));
        }
        let small = |i: i64| u32::try_from(i).unwrap_or(0);
        Ok(Location { line: small(line), end_line: small(end_line), col: small(col), end_col: small(end_col) })
    }

    fn field(&mut self, object: &Value, class: &ClassDef, f: &FieldDef) -> PyResult<Field> {
        let vm = self.vm;
        let found = vm.getattr_opt(object, &vm.intern(f.name))?;
        match f.times {
            Times::Many | Times::ManyOptional => {
                let Some(value) = found else { return Ok(Field::List(Vec::new())) };
                let Some(list) = value.downcast::<List>() else {
                    let given = vm.type_of(&value).name();
                    let message = format!("{} field \"{}\" must be a list, not a {given}", class.name, f.name);
                    return Err(vm.type_error(&message));
                };
                let n = list.len();
                let mut out = Vec::with_capacity(n);
                let mut i = 0;
                while let Some(item) = list.get(i) {
                    if item.is_none() && f.times == Times::Many && f.kind != "constant" {
                        let what = if f.kind == "stmt" { "statement" } else { "expression" };
                        return Err(match f.kind {
                            "stmt" | "expr" => vm.value_error(&format!("None disallowed in {what} list")),
                            kind => vm.type_error(&format!("expected some sort of {kind}, but got None")),
                        });
                    }
                    out.push(self.value(&item, f)?);
                    if list.len() != n {
                        let message = format!("{} field \"{}\" changed size during iteration", class.name, f.name);
                        return Err(vm.runtime_error(&message));
                    }
                    i += 1;
                }
                Ok(Field::List(out))
            }
            Times::Optional => match found.filter(|v| !v.is_none()) {
                Some(v) => self.value(&v, f),
                None => Ok(Field::None),
            },
            Times::One => match found {
                Some(v) if v.is_none() && f.kind != "constant" => Err(match f.kind {
                    "int" => vm.value_error("invalid integer value: None"),
                    _ => vm.value_error(&format!("field '{}' is required for {}", f.name, class.name)),
                }),
                Some(v) => self.value(&v, f),
                None if f.kind == "expr_context" => {
                    Ok(Field::Node(Box::new(Node { class: "Load", at: None, fields: Vec::new() })))
                }
                None => {
                    let message = format!("required field \"{}\" missing from {}", f.name, class.name);
                    Err(vm.type_error(&message))
                }
            },
        }
    }

    fn value(&mut self, value: &Value, f: &FieldDef) -> PyResult<Field> {
        let vm = self.vm;
        Ok(match f.kind {
            _ if value.is_none() && f.times == Times::ManyOptional => Field::None,
            "identifier" | "string" => {
                let exact = f.kind == "identifier";
                match value.downcast::<Str>().filter(|_| !exact || vm.is_exact_str(value)) {
                    Some(s) => {
                        let text = s.to_string();
                        if exact && matches!(text.as_str(), "None" | "True" | "False") {
                            let message = format!("identifier field can't represent '{text}' constant");
                            return Err(vm.value_error(&message));
                        }
                        Field::Text(text)
                    }
                    None => return Err(vm.type_error(&format!("AST {} must be of type str", f.kind))),
                }
            }
            "int" => Field::Int(self.number(value)?),
            "constant" => Field::Const(self.constant(value)?),
            kind => Field::Node(Box::new(self.node(value, kind)?)),
        })
    }

    fn constant(&mut self, value: &Value) -> PyResult<Const> {
        let vm = self.vm;
        let refuse = || {
            let given = vm.type_of(value).name();
            Err(vm.type_error(&format!("got an invalid type in Constant: {given}")))
        };
        if value.is_none() {
            return Ok(Const::None);
        }
        if value.is_ellipsis() {
            return Ok(Const::Ellipsis);
        }
        if let Some(b) = value.as_bool() {
            return Ok(Const::Bool(b));
        }
        if vm.is_exact(value, vm.types().int) {
            if let Some(i) = int::to_i64(value) {
                return Ok(Const::Int(i));
            }
            let Some(big) = int::as_big(value) else { return refuse() };
            let (sign, magnitude) = big.into_owned().into_parts();
            let negative = sign == dashu_int::Sign::Negative;
            return Ok(Const::BigInt { negative, magnitude: magnitude.to_le_bytes().into() });
        }
        if let Some(x) = value.as_float().filter(|_| vm.is_exact(value, vm.types().float)) {
            return Ok(Const::Float(Bits::new(x)));
        }
        if vm.is_exact_str(value)
            && let Some(s) = value.downcast::<Str>()
        {
            return Ok(Const::Str(s.as_bytes().into()));
        }
        if vm.is_exact(value, vm.types().bytes)
            && let Some(b) = value.downcast::<Bytes>()
        {
            return Ok(Const::Bytes(b.as_bytes().into()));
        }
        if vm.is_exact(value, vm.types().complex)
            && let Some(c) = value.downcast::<Complex>()
        {
            return Ok(Const::Complex(Bits::new(c.re), Bits::new(c.im)));
        }
        let is_tuple = vm.is_exact(value, vm.types().tuple);
        if is_tuple || vm.is_exact(value, vm.types().frozenset) {
            let items = vm.collect(value)?;
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                let message = "maximum recursion depth exceeded during ast construction";
                return Err(vm.raise_text(vm.types().RecursionError, message));
            }
            let mut out = Vec::with_capacity(items.len());
            for item in &items {
                out.push(stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.constant(item))?);
            }
            self.depth -= 1;
            return Ok(if is_tuple { Const::Tuple(out.into()) } else { Const::FrozenSet(out.into()) });
        }
        refuse()
    }
}
