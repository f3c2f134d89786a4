//! `product`, `permutations`, `combinations`, `combinations_with_replacement`.

use crate::data::{bind, required};
use serpens_vm::types::iter::iterator_slots;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{CallArgs, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::{Cell, RefCell};

/// Positions in pools of items, advanced from one result to the next.
pub struct Combine {
    /// One pool as a tuple; for `product` a tuple of pools.
    pool: Value,
    indices: RefCell<Vec<usize>>,
    cycles: RefCell<Vec<usize>>,
    len: usize,
    state: Cell<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    First,
    Running,
    Done,
}

serpens_vm::native_payload!(Combine { pool });

fn this(v: &Value) -> &Combine {
    v.downcast::<Combine>().expect("the descriptor has checked the receiver")
}

fn items(v: &Value) -> &[Value] {
    v.downcast::<Tuple>().map_or(&[], Tuple::as_slice)
}

impl Combine {
    fn new(pool: Value, indices: Vec<usize>, len: usize, empty: bool) -> Combine {
        Combine {
            pool,
            indices: RefCell::new(indices),
            cycles: RefCell::default(),
            len,
            state: Cell::new(if empty { State::Done } else { State::First }),
        }
    }

    /// Goes on to the next result by `advance`, which tells whether there is one; picks it by `pick`.
    fn step(
        &self,
        vm: &Vm,
        advance: impl FnOnce(&mut Vec<usize>) -> bool,
        pick: impl FnOnce(&[usize]) -> Vec<Value>,
    ) -> Option<Value> {
        match self.state.get() {
            State::Done => return None,
            State::First => self.state.set(State::Running),
            State::Running => {
                if !advance(&mut self.indices.borrow_mut()) {
                    self.state.set(State::Done);
                    return None;
                }
            }
        }
        Some(vm.tuple(pick(&self.indices.borrow())))
    }

    fn pick(&self, indices: &[usize]) -> Vec<Value> {
        let pool = items(&self.pool);
        indices.iter().take(self.len).map(|i| pool[*i].clone()).collect()
    }
}

/// The type `product`.
pub static PRODUCT: TypeDef = TypeDef::new::<Combine>("product")
    .module("itertools")
    .doc(
        "product(*iterables, repeat=1) --> product object\n\nCartesian product of input iterables.  Equivalent to nested \
         for-loops.",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(product_new),
        ..iterator_slots(|vm, v| {
            let p = this(v);
            let pools = items(&p.pool);
            Ok(p.step(
                vm,
                |indices| {
                    for (i, pool) in indices.iter_mut().zip(pools).rev() {
                        *i += 1;
                        if *i < items(pool).len() {
                            return true;
                        }
                        *i = 0;
                    }
                    false
                },
                |indices| indices.iter().zip(pools).map(|(i, pool)| items(pool)[*i].clone()).collect(),
            ))
        })
    });

fn product_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let mut repeat = 1;
    for (name, v) in args.named() {
        let name = name.downcast::<Str>().map_or("", Str::as_str_lossy);
        if name != "repeat" {
            return Err(vm.type_error(&format!("product() got an unexpected keyword argument '{name}'")));
        }
        repeat = vm.arg_isize(v)?;
        if repeat < 0 {
            return Err(vm.value_error("repeat argument cannot be negative"));
        }
    }
    let n = args.pos().len();
    let total = n.checked_mul(repeat as usize).filter(|t| *t < 1 << 40);
    let Some(total) = total else { return Err(vm.overflow_error("repeat argument too large")) };
    vm.check_alloc(total * 16)?;
    let mut pools = Vec::with_capacity(n);
    if repeat > 0 {
        for source in args.pos() {
            pools.push(vm.to_tuple(source)?);
        }
    }
    let all: Vec<Value> = (0..repeat).flat_map(|_| pools.iter().cloned()).collect();
    let empty = all.iter().any(|p| items(p).is_empty());
    let indices = vec![0; all.len()];
    Ok(vm.alloc(ty, Combine::new(vm.tuple(all), indices, total, empty)))
}

/// The size of a result: not negative.
fn size_argument(vm: &Vm, r: &Value) -> PyResult<usize> {
    match vm.arg_isize(r)? {
        r if r < 0 => Err(vm.value_error("r must be non-negative")),
        r => Ok(r as usize),
    }
}

/// The type `combinations`.
pub static COMBINATIONS: TypeDef = TypeDef::new::<Combine>("combinations")
    .module("itertools")
    .doc(
        "Return successive r-length combinations of elements in the iterable.\n\ncombinations(range(4), 3) --> (0,1,2), (0,1,3), \
         (0,2,3), (1,2,3)",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| {
            let [source, r] = bind(vm, args, "combinations", ["iterable", "r"], 2)?;
            let pool = vm.to_tuple(required(source))?;
            let r = size_argument(vm, required(r))?;
            let empty = r > items(&pool).len();
            Ok(vm.alloc(ty, Combine::new(pool, if empty { Vec::new() } else { (0..r).collect() }, r, empty)))
        }),
        ..iterator_slots(|vm, v| {
            let c = this(v);
            let n = items(&c.pool).len();
            Ok(c.step(
                vm,
                |indices| {
                    let r = indices.len();
                    let Some(i) = (0..r).rev().find(|i| indices[*i] != i + n - r) else { return false };
                    indices[i] += 1;
                    for j in i + 1..r {
                        indices[j] = indices[j - 1] + 1;
                    }
                    true
                },
                |indices| c.pick(indices),
            ))
        })
    });

/// The type `combinations_with_replacement`.
pub static COMBINATIONS_WITH_REPLACEMENT: TypeDef = TypeDef::new::<Combine>("combinations_with_replacement")
    .module("itertools")
    .doc(
        "Return successive r-length combinations of elements in the iterable allowing individual elements to have successive \
         repeats.\n\ncombinations_with_replacement('ABC', 2) --> ('A','A'), ('A','B'), ('A','C'), ('B','B'), ('B','C'), ('C','C')",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| {
            let [source, r] = bind(vm, args, "combinations_with_replacement", ["iterable", "r"], 2)?;
            let pool = vm.to_tuple(required(source))?;
            let r = size_argument(vm, required(r))?;
            vm.check_alloc(r.saturating_mul(8))?;
            let empty = r > 0 && items(&pool).is_empty();
            Ok(vm.alloc(ty, Combine::new(pool, vec![0; r], r, empty)))
        }),
        ..iterator_slots(|vm, v| {
            let c = this(v);
            let n = items(&c.pool).len();
            Ok(c.step(
                vm,
                |indices| {
                    let Some(i) = indices.iter().rposition(|i| i + 1 != n) else { return false };
                    let next = indices[i] + 1;
                    indices[i..].fill(next);
                    true
                },
                |indices| c.pick(indices),
            ))
        })
    });

/// The type `permutations`.
pub static PERMUTATIONS: TypeDef = TypeDef::new::<Combine>("permutations")
    .module("itertools")
    .doc(
        "Return successive r-length permutations of elements in the iterable.\n\npermutations(range(3), 2) --> (0,1), (0,2), (1,0), \
         (1,2), (2,0), (2,1)",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(permutations_new),
        ..iterator_slots(|vm, v| {
            let p = this(v);
            Ok(p.step(vm, |indices| next_permutation(indices, &mut p.cycles.borrow_mut()), |indices| p.pick(indices)))
        })
    });

fn permutations_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [source, r] = bind(vm, args, "permutations", ["iterable", "r"], 1)?;
    let pool = vm.to_tuple(required(source))?;
    let n = items(&pool).len();
    let r = match r.filter(|r| !r.is_none()) {
        None => n,
        Some(r) if !vm.is_int_like(r) => return Err(vm.type_error("Expected int as r")),
        Some(r) => size_argument(vm, r)?,
    };
    let payload = Combine::new(pool, (0..n).collect(), r, r > n);
    if r <= n {
        *payload.cycles.borrow_mut() = (0..r).map(|i| n - i).collect();
    }
    Ok(vm.alloc(ty, payload))
}

/// Goes on to the next permutation of the first `cycles.len()` places.
fn next_permutation(indices: &mut [usize], cycles: &mut [usize]) -> bool {
    let n = indices.len();
    for i in (0..cycles.len()).rev() {
        cycles[i] -= 1;
        if cycles[i] == 0 {
            indices[i..].rotate_left(1);
            cycles[i] = n - i;
        } else {
            indices.swap(i, n - cycles[i]);
            return true;
        }
    }
    false
}
