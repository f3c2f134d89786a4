//! The per-interpreter lock of a runtime that hosts many interpreters in one process.
//!
//! Each interpreter has one [`Lock`], and a thread runs the interpreter only while it holds that lock. Locks of
//! different interpreters share nothing, so interpreters never wait for each other. With the lock come the
//! [`Breaker`], one word by which anyone asks the running thread to stop at its next safepoint, and
//! [`PendingCalls`], work that other threads leave for the holder.
//!
//! This crate knows nothing of Python, of values or of frames, and it must never block anywhere but in the lock.
//!
//! Reading order: [`breaker`] (the word), [`lock`] (the state machine), `line` (the queue behind the first waiter),
//! [`attach`] (a guard for Rust callers), [`pending`]. Every primitive comes from the private `sync` facade, so that
//! the test build compiles the same files a second time over loom and checks every interleaving (`src/model/`).
//!
//! ```
//! use serpens_lock::{Breaker, Lock};
//! use std::sync::Arc;
//!
//! let breaker = Arc::new(Breaker::new());
//! let lock = Lock::new(breaker.clone());
//! lock.acquire();
//! for _ in 0..1_000 {
//!     // One iteration of an eval loop, then its back-edge:
//!     if breaker.pending() & Breaker::GIVE_UP != 0 {
//!         lock.yield_now();
//!     }
//! }
//! lock.release();
//! ```

pub mod attach;
pub mod breaker;
mod line;
pub mod lock;
pub mod pending;
mod sync;

#[cfg(test)]
mod model;

pub use attach::Attached;
pub use breaker::Breaker;
pub use lock::{Lock, LockStats};
pub use pending::{Call, PendingCalls};
