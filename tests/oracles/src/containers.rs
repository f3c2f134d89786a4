//! Lists, dicts and sets against Rust's, with cycles and collections in between.

use crate::{Input, Machine};
use serpens::prelude::*;
use serpens::{PyInt, PySet};
use std::collections::BTreeSet;

impl Machine {
    /// Compares a sequence of operations.
    pub fn check_containers(&self, data: &[u8]) {
        let outcome = self.interpreter.with(|py| run(py, &mut Input::new(data)).map_err(|e| e.traceback(py)));
        if let Err(text) = outcome {
            panic!("{text}");
        }
    }
}

/// The containers of the model. A dict keeps the order of insertion.
#[derive(Default)]
struct Model {
    list: Vec<i64>,
    dict: Vec<(i64, i64)>,
    set: BTreeSet<i64>,
}

fn run(py: Python<'_>, input: &mut Input<'_>) -> PyResult<()> {
    let (list, dict, set) = (PyList::empty(py), PyDict::new(py), PySet::new(py, [0_i64; 0])?);
    let mut model = Model::default();
    while !input.is_empty() {
        // Few keys, some of which are equal only as numbers and not small.
        let key = input.below(24) as i64 * if input.byte() < 32 { 1 << 55 } else { 1 };
        let value = i64::from(input.byte());
        match input.byte() % 14 {
            0 | 1 => {
                list.append(value)?;
                model.list.push(value);
            }
            2 => {
                let at = input.below(model.list.len() + 1);
                list.as_any().call_method1("insert", (at, value))?;
                model.list.insert(at, value);
            }
            3 if !model.list.is_empty() => {
                let at = input.below(model.list.len());
                let popped: i64 = list.as_any().call_method1("pop", (at,))?.extract()?;
                assert_eq!(popped, model.list.remove(at));
            }
            4 => {
                list.as_any().call_method0("sort")?;
                model.list.sort_unstable();
            }
            5 => {
                let (from, to) = (input.below(8), input.below(8) + 4);
                py.eval("lambda l, i, j: l.__delitem__(slice(i, j))", None, None)?.call1((&list, from, to))?;
                let to = to.min(model.list.len());
                model.list.drain(from.min(to)..to);
            }
            6..=8 => {
                dict.set_item(key, value)?;
                match model.dict.iter_mut().find(|(k, _)| *k == key) {
                    Some(entry) => entry.1 = value,
                    None => model.dict.push((key, value)),
                }
            }
            9 => {
                let popped: Option<i64> = dict.as_any().call_method1("pop", (key, py.None()))?.extract()?;
                let at = model.dict.iter().position(|(k, _)| *k == key);
                assert_eq!(popped, at.map(|at| model.dict.remove(at).1));
            }
            10 | 11 => {
                set.add(key)?;
                model.set.insert(key);
            }
            12 => {
                set.as_any().call_method1("discard", (key,))?;
                model.set.remove(&key);
            }
            _ => collect(py)?,
        }
        compare(&list, &dict, &set, &model)?;
    }
    Ok(())
}

/// Makes garbage that holds itself, and collects it.
fn collect(py: Python<'_>) -> PyResult<()> {
    for _ in 0..3 {
        let (list, dict) = (PyList::empty(py), PyDict::new(py));
        dict.set_item("list", &list)?;
        list.append(&dict)?;
        list.append(&list)?;
    }
    let freed = py.import("gc")?.call_method0("collect")?;
    assert!(freed.cast::<PyInt>().is_ok());
    Ok(())
}

fn compare(list: &Bound<'_, PyList>, dict: &Bound<'_, PyDict>, set: &Bound<'_, PySet>, model: &Model) -> PyResult<()> {
    assert_eq!(list.as_any().extract::<Vec<i64>>()?, model.list);
    let entries = dict.iter().map(|(k, v)| Ok((k.extract()?, v.extract()?))).collect::<PyResult<Vec<(i64, i64)>>>()?;
    assert_eq!(entries, model.dict);
    assert_eq!(set.as_any().extract::<BTreeSet<i64>>()?, model.set);
    assert_eq!((list.len(), dict.len(), set.as_any().len()?), (model.list.len(), model.dict.len(), model.set.len()));
    Ok(())
}
