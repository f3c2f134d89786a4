//! A native module that keeps Python state in a static: the second interpreter would find the first one's.
use serpens_macros::pyfunction;
use serpens_state::api::Py;
use std::sync::Mutex;

static CACHE: Mutex<Option<Py>> = Mutex::new(None);

#[pyfunction(crate = serpens_state::api)]
fn remember(object: Py) {
    *CACHE.lock().unwrap() = Some(object);
}

fn main() {}
