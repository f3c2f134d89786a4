//! Damaged code objects are refused, or run without harm: see `serpens_oracles::bytecode`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serpens_oracles::bytecode::Machine;
use std::cell::OnceCell;

thread_local! {
    static MACHINE: OnceCell<Machine> = const { OnceCell::new() };
}

fuzz_target!(|data: &[u8]| MACHINE.with(|machine| machine.get_or_init(Machine::new).check(data)));
