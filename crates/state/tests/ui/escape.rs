//! A value that outlives its entry.
use serpens_state::Interpreter;

fn escape(a: &Interpreter) {
    let list = a.try_with(|py| py.eval("[1, 2]", None, None).unwrap());
}

fn main() {}
