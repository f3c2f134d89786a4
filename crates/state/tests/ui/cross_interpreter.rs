//! A value of one interpreter in another.
use serpens_state::Interpreter;

fn steal(a: &Interpreter, b: &Interpreter) {
    let _ = a.try_with(|py_a| {
        let list = py_a.eval("[1, 2]", None, None).unwrap();
        let _ = b.try_with(|py_b| py_b.main().unwrap().setattr("stolen", list));
    });
}

fn main() {}
