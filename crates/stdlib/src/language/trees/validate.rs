//! What a tree must keep to beyond the table of classes: contexts, lists that may not be empty, lists of the same length.

use serpens_bytecode::constant::Const;
use serpens_compiler::tree::{Field, Node};
use serpens_vm::{PyResult, Vm};

/// Refuses a tree that no source has.
pub fn validate(vm: &Vm, node: &Node) -> PyResult<()> {
    Validator { vm }.node(node)
}

struct Validator<'a> {
    vm: &'a Vm,
}

fn list(f: Option<&Field>) -> &[Field] {
    match f {
        Some(Field::List(items)) => items,
        _ => &[],
    }
}

fn as_node(f: &Field) -> Option<&Node> {
    match f {
        Field::Node(n) => Some(n),
        _ => None,
    }
}

/// The class of an expression's context, if it has one.
fn context_of(n: &Node) -> Option<&'static str> {
    let at = match n.class {
        "Attribute" | "Subscript" => 2,
        "Starred" | "Name" | "List" | "Tuple" => 1,
        _ => return None,
    };
    n.fields.get(at).and_then(as_node).map(|n| n.class)
}

impl Validator<'_> {
    fn refuse<T>(&self, message: &str) -> PyResult<T> {
        Err(self.vm.value_error(message))
    }

    fn node(&self, n: &Node) -> PyResult<()> {
        stacker::maybe_grow(32 * 1024, 512 * 1024, || {
            self.shape(n)?;
            n.fields.iter().try_for_each(|f| self.field(f))
        })
    }

    fn field(&self, f: &Field) -> PyResult<()> {
        match f {
            Field::Node(n) => self.node(n),
            Field::List(items) => items.iter().try_for_each(|f| self.field(f)),
            Field::None | Field::Text(_) | Field::Int(_) | Field::Const(_) => Ok(()),
        }
    }

    fn not_empty(&self, n: &Node, at: usize, what: &str) -> PyResult<()> {
        if list(n.fields.get(at)).is_empty() {
            return self.refuse(&format!("empty {what} on {}", n.class));
        }
        Ok(())
    }

    fn same_length(&self, n: &Node, a: usize, b: usize, message: &str) -> PyResult<()> {
        if list(n.fields.get(a)).len() != list(n.fields.get(b)).len() {
            return self.refuse(message);
        }
        Ok(())
    }

    /// The expression in a field must have a context.
    fn context(&self, f: Option<&Field>, wanted: &str) -> PyResult<()> {
        let nodes: Vec<&Node> = match f {
            Some(Field::Node(n)) => vec![n],
            Some(Field::List(items)) => items.iter().filter_map(as_node).collect(),
            _ => return Ok(()),
        };
        for n in nodes {
            match context_of(n) {
                Some(has) if has != wanted => {
                    return self.refuse(&format!("expression must have {wanted} context but has {has} instead"));
                }
                None if wanted != "Load" => {
                    return self.refuse(&format!("expression which can't be assigned to in {wanted} context"));
                }
                _ => {}
            }
            if wanted != "Load" && matches!(n.class, "List" | "Tuple" | "Starred") {
                self.context(n.fields.first(), wanted)?;
            }
        }
        Ok(())
    }

    fn name(&self, f: Option<&Field>) -> PyResult<()> {
        if let Some(Field::Text(t)) = f
            && matches!(t.as_str(), "None" | "True" | "False")
        {
            return self.refuse(&format!("identifier field can't represent '{t}' constant"));
        }
        Ok(())
    }

    fn loads(&self, n: &Node, fields: &[usize]) -> PyResult<()> {
        fields.iter().try_for_each(|i| self.context(n.fields.get(*i), "Load"))
    }

    fn shape(&self, n: &Node) -> PyResult<()> {
        let f = |i: usize| n.fields.get(i);
        match n.class {
            "Expression" | "Expr" | "Return" | "Await" | "Yield" | "YieldFrom" | "Set" => self.loads(n, &[0]),
            "FunctionDef" | "AsyncFunctionDef" => {
                self.not_empty(n, 2, "body")?;
                self.loads(n, &[3, 4])
            }
            "ClassDef" => {
                self.not_empty(n, 3, "body")?;
                self.loads(n, &[1, 4])
            }
            "Delete" => {
                self.not_empty(n, 0, "targets")?;
                self.context(f(0), "Del")
            }
            "Assign" => {
                self.not_empty(n, 0, "targets")?;
                self.context(f(0), "Store")?;
                self.loads(n, &[1])
            }
            "AugAssign" => {
                self.context(f(0), "Store")?;
                self.loads(n, &[2])
            }
            "AnnAssign" => {
                let target = f(0).and_then(as_node).map_or("", |t| t.class);
                if target != "Name" && matches!(f(3), Some(Field::Int(i)) if *i != 0) {
                    return Err(self.vm.type_error("AnnAssign with simple non-Name target"));
                }
                self.context(f(0), "Store")?;
                self.loads(n, &[1, 2])
            }
            "TypeAlias" => {
                if f(0).and_then(as_node).is_none_or(|t| t.class != "Name") {
                    return Err(self.vm.type_error("TypeAlias with non-Name name"));
                }
                self.context(f(0), "Store")?;
                self.loads(n, &[2])
            }
            "For" | "AsyncFor" => {
                self.context(f(0), "Store")?;
                self.loads(n, &[1])?;
                self.not_empty(n, 2, "body")
            }
            "While" | "If" => {
                self.loads(n, &[0])?;
                self.not_empty(n, 1, "body")
            }
            "With" | "AsyncWith" => {
                self.not_empty(n, 0, "items")?;
                self.not_empty(n, 1, "body")
            }
            "withitem" => {
                self.loads(n, &[0])?;
                self.context(f(1), "Store")
            }
            "Match" => {
                self.loads(n, &[0])?;
                self.not_empty(n, 1, "cases")
            }
            "match_case" => {
                self.loads(n, &[1])?;
                self.not_empty(n, 2, "body")
            }
            "Raise" => {
                if matches!(f(0), Some(Field::None)) && matches!(f(1), Some(Field::Node(_))) {
                    return self.refuse("Raise with cause but no exception");
                }
                self.loads(n, &[0, 1])
            }
            "Try" | "TryStar" => {
                self.not_empty(n, 0, "body")?;
                let handlers = list(f(1)).is_empty();
                if handlers && list(f(3)).is_empty() {
                    return self.refuse(&format!("{} has neither except handlers nor finalbody", n.class));
                }
                if handlers && !list(f(2)).is_empty() {
                    return self.refuse(&format!("{} has orelse but no except handlers", n.class));
                }
                Ok(())
            }
            "ExceptHandler" => {
                self.loads(n, &[0])?;
                self.not_empty(n, 2, "body")
            }
            "Assert" => self.loads(n, &[0, 1]),
            "Import" => self.not_empty(n, 0, "names"),
            "ImportFrom" => {
                if matches!(f(2), Some(Field::Int(i)) if *i < 0) {
                    return self.refuse("Negative ImportFrom level");
                }
                self.not_empty(n, 1, "names")
            }
            "Global" | "Nonlocal" => self.not_empty(n, 0, "names"),
            "BoolOp" => {
                if list(f(1)).len() < 2 {
                    return self.refuse("BoolOp with less than 2 values");
                }
                self.loads(n, &[1])
            }
            "NamedExpr" => {
                if f(0).and_then(as_node).is_none_or(|t| t.class != "Name") {
                    return Err(self.vm.type_error("NamedExpr target must be a Name"));
                }
                self.loads(n, &[1])
            }
            "BinOp" => self.loads(n, &[0, 2]),
            "UnaryOp" | "Lambda" | "FormattedValue" => {
                self.loads(n, &[if n.class == "FormattedValue" { 0 } else { 1 }])
            }
            "IfExp" => self.loads(n, &[0, 1, 2]),
            "Dict" => {
                self.same_length(n, 0, 1, "Dict doesn't have the same number of keys as values")?;
                self.loads(n, &[0, 1])
            }
            "ListComp" | "SetComp" | "GeneratorExp" | "DictComp" => {
                let at = if n.class == "DictComp" { 2 } else { 1 };
                if list(f(at)).is_empty() {
                    return self.refuse("comprehension with no generators");
                }
                self.loads(n, if at == 2 { &[0, 1] } else { &[0] })
            }
            "comprehension" => {
                self.context(f(0), "Store")?;
                self.loads(n, &[1, 2])
            }
            "Compare" => {
                if list(f(2)).is_empty() {
                    return self.refuse("Compare with no comparators");
                }
                self.same_length(n, 1, 2, "Compare has a different number of comparators and operands")?;
                self.loads(n, &[0, 2])
            }
            "Call" => self.loads(n, &[0, 1]),
            "keyword" => self.loads(n, &[1]),
            "JoinedStr" | "TemplateStr" => self.loads(n, &[0]),
            "Attribute" => self.loads(n, &[0]),
            "Subscript" => self.loads(n, &[0, 1]),
            "Starred" if context_of(n) == Some("Load") => self.loads(n, &[0]),
            "List" | "Tuple" if context_of(n) == Some("Load") => self.loads(n, &[0]),
            "Name" => self.name(f(0)),
            "Slice" => self.loads(n, &[0, 1, 2]),
            "arguments" => self.arguments(n),
            _ => self.pattern(n),
        }
    }

    fn arguments(&self, n: &Node) -> PyResult<()> {
        let count = |i: usize| list(n.fields.get(i)).len();
        if count(6) > count(0) + count(1) {
            return self.refuse("more positional defaults than args on arguments");
        }
        self.same_length(n, 3, 4, "length of kwonlyargs is not the same as kw_defaults on arguments")?;
        self.loads(n, &[4, 6])
    }

    fn pattern(&self, n: &Node) -> PyResult<()> {
        let f = |i: usize| n.fields.get(i);
        match n.class {
            "MatchSingleton" => match f(0) {
                Some(Field::Const(Const::None | Const::Bool(_))) => Ok(()),
                _ => self.refuse("MatchSingleton can only contain True, False and None"),
            },
            "MatchValue" => match f(0).and_then(as_node) {
                Some(v) if is_match_value(v) => self.loads(n, &[0]),
                _ => self.refuse("patterns may only match literals and attribute lookups"),
            },
            "MatchMapping" => {
                let message = "MatchMapping doesn't have the same number of keys as patterns";
                self.same_length(n, 0, 1, message)?;
                if matches!(f(2), Some(Field::Text(t)) if t == "_") {
                    return self.refuse("can't capture name '_' in patterns");
                }
                Ok(())
            }
            "MatchClass" => {
                let message = "MatchClass doesn't have the same number of keyword attributes as patterns";
                self.same_length(n, 2, 3, message)?;
                let mut cls = f(0).and_then(as_node);
                while let Some(c) = cls
                    && c.class == "Attribute"
                {
                    cls = c.fields.first().and_then(as_node);
                }
                if cls.is_none_or(|c| c.class != "Name") {
                    return self.refuse("MatchClass cls field can only contain Name or Attribute nodes.");
                }
                Ok(())
            }
            "MatchStar" | "MatchAs" => {
                let at = usize::from(n.class == "MatchAs");
                if matches!(f(at), Some(Field::Text(t)) if t == "_") {
                    return self.refuse("can't capture name '_' in patterns");
                }
                if at == 1 && matches!(f(1), Some(Field::None)) && matches!(f(0), Some(Field::Node(_))) {
                    return self.refuse("MatchAs must specify a target name if a pattern is given");
                }
                self.name(f(at))
            }
            "MatchOr" if list(f(0)).len() < 2 => self.refuse("MatchOr requires at least 2 patterns"),
            _ => Ok(()),
        }
    }
}

/// Whether an expression may be the value that a pattern compares with.
fn is_match_value(n: &Node) -> bool {
    match n.class {
        "Constant" => matches!(
            n.fields.first(),
            Some(Field::Const(
                Const::Int(_)
                    | Const::BigInt { .. }
                    | Const::Float(_)
                    | Const::Complex(..)
                    | Const::Str(_)
                    | Const::Bytes(_)
            ))
        ),
        "Attribute" | "BinOp" | "UnaryOp" | "JoinedStr" | "TemplateStr" => true,
        _ => false,
    }
}
