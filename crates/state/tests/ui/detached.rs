//! A value that goes along while its thread is not in the interpreter.
use serpens_state::Interpreter;

fn look(a: &Interpreter) {
    let _ = a.try_with(|py| {
        let list = py.eval("[1, 2]", None, None).unwrap();
        py.detach(|| list.len())
    });
}

fn main() {}
