//! Lists, dicts and sets against Rust's: see `serpens_oracles::containers`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serpens_oracles::Machine;
use std::cell::OnceCell;

thread_local! {
    static MACHINE: OnceCell<Machine> = const { OnceCell::new() };
}

fuzz_target!(|data: &[u8]| MACHINE.with(|machine| machine.get_or_init(Machine::new).check_containers(data)));
