//! The oracle of damaged bytecode, briefly. A program of its own: what it looks for would take other tests along.

use serpens_oracles::{Input, bytecode::Machine};

#[test]
fn damaged_bytecode_does_no_harm() {
    let machine = Machine::new();
    for seed in 0..6000 {
        machine.check(&Input::noise(seed, 64));
    }
}
