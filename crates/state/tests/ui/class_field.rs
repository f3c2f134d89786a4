//! A field that is tied to a thread, in an object that goes from thread to thread with its interpreter.
use serpens_macros::pyclass;
use std::rc::Rc;

#[pyclass(crate = serpens_state::api)]
struct Holder {
    shared: Rc<i64>,
}

fn main() {}
