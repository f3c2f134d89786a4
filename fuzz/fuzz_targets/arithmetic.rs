//! Integers against a big-integer model: see `serpens_oracles::arithmetic`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serpens_oracles::Machine;
use std::cell::OnceCell;

thread_local! {
    static MACHINE: OnceCell<Machine> = const { OnceCell::new() };
}

fuzz_target!(|data: &[u8]| MACHINE.with(|machine| machine.get_or_init(Machine::new).check_arithmetic(data)));
