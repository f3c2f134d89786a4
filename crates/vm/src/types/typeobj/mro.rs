//! C3 linearisation.

use super::TypeObj;
use crate::error::PyResult;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// The MRO of a class with these bases, without the class itself. TypeError if there is none.
    pub(crate) fn merge_mro(&self, bases: &[Value]) -> PyResult<Vec<Value>> {
        if let [base] = bases {
            return Ok(TypeObj::from_value(base).map(|t| t.mro_slice().to_vec()).unwrap_or_default());
        }
        for (i, base) in bases.iter().enumerate() {
            if bases[..i].iter().any(|b| b.is(base)) {
                let name = TypeObj::from_value(base).map_or("?", |t| t.name());
                return Err(self.type_error(&format!("duplicate base class {name}")));
            }
        }
        let mut lists: Vec<Vec<Value>> =
            bases.iter().filter_map(|b| TypeObj::from_value(b)).map(|b| b.mro_slice().to_vec()).collect();
        lists.push(bases.to_vec());
        let mut result: Vec<Value> = Vec::new();
        loop {
            lists.retain(|l| !l.is_empty());
            if lists.is_empty() {
                return Ok(result);
            }
            let good = lists
                .iter()
                .map(|l| l[0].clone())
                .find(|c| !lists.iter().any(|l| l[1..].iter().any(|other| other.is(c))));
            let Some(next) = good else {
                let mut names: Vec<String> = Vec::new();
                for list in &lists {
                    let name = TypeObj::from_value(&list[0]).map_or("?", |t| t.name()).to_string();
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
                return Err(self.type_error(&format!(
                    "Cannot create a consistent method resolution order (MRO) for bases {}",
                    names.join(", ")
                )));
            };
            for list in &mut lists {
                if list[0].is(&next) {
                    list.remove(0);
                }
            }
            result.push(next);
        }
    }
}
