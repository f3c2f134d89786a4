//! What the fuzz targets of `fuzz/fuzz_targets` check. Each oracle takes any bytes, makes a case of them, and panics if
//! Serpens does what it must not. The tests here run each of them on a few hundred pseudo-random inputs.
//!
//! - [`text`]: any text compiles or is a syntax error; what compiles passes the verifier and survives serialisation;
//! - [`bytecode`]: damaged code objects are refused, or run without harm;
//! - [`arithmetic`]: integers against a big-integer model;
//! - [`containers`]: lists, dicts and sets, with collections in between, against Rust's.
//!
//! It must not depend on a fuzzing engine.

pub mod arithmetic;
pub mod bytecode;
pub mod containers;
mod input;
pub mod text;

pub use input::Input;

use serpens::{Interpreter, Runtime};

/// An interpreter whose objects are compared with a model.
pub struct Machine {
    interpreter: Interpreter,
}

impl Default for Machine {
    fn default() -> Machine {
        Machine::new()
    }
}

impl Machine {
    /// A machine of its own.
    pub fn new() -> Machine {
        Machine { interpreter: Runtime::new().create().expect("an interpreter starts") }
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, Machine};

    fn briefly(n: u64, oracle: impl Fn(&[u8])) {
        for seed in 0..n {
            oracle(&Input::noise(seed, 64 + (seed as usize * 37) % 512));
        }
    }

    #[test]
    fn text_compiles_or_is_a_syntax_error() {
        briefly(300, super::text::check);
    }

    #[test]
    fn integers_agree_with_the_model() {
        let machine = Machine::new();
        briefly(300, |data| machine.check_arithmetic(data));
    }

    #[test]
    fn containers_agree_with_the_model() {
        let machine = Machine::new();
        briefly(200, |data| machine.check_containers(data));
    }
}
