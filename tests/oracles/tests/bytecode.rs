//! The oracle of damaged bytecode, briefly. A program of its own: what it looks for would take other tests along.

use serpens_bytecode::verify::verify;
use serpens_bytecode::{Code, ExcEntry, Instr, LocationTable, Op};
use serpens_compiler::{Mode, Options, compile};
use serpens_oracles::{Input, bytecode::Machine};
use std::sync::Arc;

#[test]
fn damaged_bytecode_does_no_harm() {
    let machine = Machine::new();
    for seed in 0..6000 {
        machine.check(&Input::noise(seed, 64));
    }
}

/// Code whose only instruction fails, in a range that is its own handler's.
#[test]
fn a_loop_by_way_of_handlers_is_stopped() {
    let pass = compile("pass", "<loop>", Mode::Exec, Options::default()).expect("it compiles");
    let mut code = Code::clone(&pass);
    let depth = code.n_locals;
    code.n_regs = code.n_regs.max(depth + 1);
    code.instrs = Box::new([Instr::new(Op::Raise, 0, 0, 0, 0)]);
    code.handlers = Box::new([ExcEntry { start: 0, end: 1, handler: 0, depth }]);
    code.locations = LocationTable::default();
    verify(&code).expect("nothing is wrong with it but that it does not end");
    Machine::new().run(Arc::new(code));
}
