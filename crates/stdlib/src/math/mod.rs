//! The module `math`.
//!
//! Rooms: [`real`] functions of floats; [`logs`] logarithms, also of integers too large for a float; [`special`] error
//! and gamma functions; [`integer`] number theory; [`sums`] sums, products and norms with little rounding.

mod integer;
mod logs;
mod real;
mod special;
mod sums;

use serpens_state::NativeModule;
use serpens_vm::{MethodDef, Raised, Value, Vm};

const FUNCTIONS: &[MethodDef] = &{
    const TABLES: [&[MethodDef]; 5] =
        [real::FUNCTIONS, logs::FUNCTIONS, special::FUNCTIONS, integer::FUNCTIONS, sums::FUNCTIONS];
    const N: usize = TABLES[0].len() + TABLES[1].len() + TABLES[2].len() + TABLES[3].len() + TABLES[4].len();
    concat::<N>(TABLES)
};

/// Tables put together at compile time.
const fn concat<const N: usize>(tables: [&'static [MethodDef]; 5]) -> [MethodDef; N] {
    let mut all = [const { MethodDef::new("", "()", |_, _| Ok(Value::NONE)) }; N];
    let (mut t, mut n) = (0, 0);
    while t < tables.len() {
        let mut i = 0;
        while i < tables[t].len() {
            let def = &tables[t][i];
            all[n] = MethodDef {
                name: def.name,
                signature: def.signature,
                doc: def.doc,
                call: def.call,
                kind: def.kind,
                arity: def.arity,
            };
            i += 1;
            n += 1;
        }
        t += 1;
    }
    all
}

/// The module.
pub static MODULE: NativeModule = NativeModule::new("math")
    .doc("This module provides access to the mathematical functions\ndefined by the C standard.")
    .functions(FUNCTIONS)
    .init(|vm, dict| {
        for (name, value) in [
            ("pi", std::f64::consts::PI),
            ("e", std::f64::consts::E),
            ("tau", std::f64::consts::TAU),
            ("inf", f64::INFINITY),
            ("nan", f64::NAN),
        ] {
            dict.set_name(vm, name, Value::float(value));
        }
        Ok(())
    });

/// `ValueError: math domain error`
#[cold]
fn domain_error(vm: &Vm) -> Raised {
    vm.value_error("math domain error")
}

/// `OverflowError: math range error`
#[cold]
fn range_error(vm: &Vm) -> Raised {
    vm.overflow_error("math range error")
}

/// `ValueError: what, got d`
#[cold]
fn expected(vm: &Vm, what: &str, d: f64) -> Raised {
    vm.value_error(&format!("expected {what}, got {}", serpens_vm::types::float::text::repr_f64(d)))
}
