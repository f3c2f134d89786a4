//! Locks, events and the like that interpreters share. Every wait takes a [`Wait`](super::wait::Wait), so it can end in
//! time and be interrupted.
//!
//! Who holds a lock is a number that the caller chooses (`who`: a thread's or an interpreter's id), as an owner may be
//! destroyed while it holds: `abandon` then frees what it held. None of these is fair: a thread that comes by may be
//! faster than one that was just woken.

mod atomic_int;
mod barrier;
mod bell;
mod condition;
mod event;
mod gate;
mod lock;
mod semaphore;

pub use atomic_int::AtomicInt;
pub use barrier::{Barrier, BarrierError};
pub use bell::Bell;
pub use condition::{Condition, Releasable};
pub use event::Event;
pub use lock::{Lock, NotHeld, RLock};
pub use semaphore::Semaphore;
