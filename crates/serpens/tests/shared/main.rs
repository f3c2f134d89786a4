//! Objects that several interpreters see where they lie: frozen graphs, and values that they have in common.

mod common;
mod frozen;

use serpens::Runtime;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// Resident memory is the process's: the tests here take turns.
static TURN: Mutex<()> = Mutex::new(());

/// An image stays for good: one runtime for all.
static RUNTIME: OnceLock<Runtime> = OnceLock::new();

fn runtime() -> &'static Runtime {
    RUNTIME.get_or_init(Runtime::new)
}

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    statm.split_whitespace().nth(1).and_then(|n| n.parse::<usize>().ok()).expect("a number") * 4096
}

/// Bytes that the process has more after `n` calls, of which it has seen a few before.
fn grown_by(n: usize, mut cycle: impl FnMut()) -> usize {
    (0..20).for_each(|_| cycle());
    let before = resident();
    (0..n).for_each(|_| cycle());
    resident().saturating_sub(before)
}
