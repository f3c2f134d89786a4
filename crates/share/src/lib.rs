//! Sharing-safe types: what may be seen by several interpreters, or by several threads of any Rust program.
//!
//! - [`portable`]: [`Portable`], the form of a value that crosses.
//! - [`buffer`]: [`SharedBuffer`] and its views: memory at one address for all.
//! - [`array`]: [`SharedArray`], atomic numbers in such memory.
//! - [`map`]: [`SharedMap`], a concurrent map of portable values.
//! - [`mpmc`]: channels for Rust users; [`mod@select`] waits for several.
//! - [`cross`]: queues and channels between interpreters, which know who sent what.
//! - [`prims`]: locks, events, conditions, semaphores, barriers.
//! - [`wait`]: time limits and interrupts, the same for everything that blocks.
//!
//! This crate knows nothing of Python objects or of the VM, holds no process-wide state, and never polls while it waits:
//! a thread spins for a few microseconds and parks.
//!
//! The examples `sharing`, `coordination` and `ping_pong` use it all without a VM.
//!
//! Reading order: `wait`, `lane` and `pipe` (the queue under all channels), `mpmc`, `select`, `portable`, `buffer`, `cross`. What
//! waits takes its primitives from the private `sync` facade; the test build compiles those files again over loom
//! (`src/model/`) and checks every interleaving.
//!
//! ```
//! use serpens_share::{BufferView, Portable, SharedBuffer, mpmc};
//! use std::sync::Arc;
//!
//! let buffer = SharedBuffer::zeroed(8).unwrap();
//! let (sender, receiver) = mpmc::unbounded();
//! let other = std::thread::spawn(move || {
//!     let Ok(Portable::Buffer(view)) = receiver.recv() else { panic!("no buffer came") };
//!     view.buffer().write_at(0, b"hello").unwrap();
//! });
//! sender.send(Portable::Buffer(Arc::new(BufferView::of_bytes(&buffer)))).unwrap();
//! other.join().unwrap();
//! assert_eq!(&buffer.to_vec(), b"hello\0\0\0");
//! ```

pub mod array;
pub mod buffer;
pub mod cross;
mod lane;
pub mod map;
pub mod mpmc;
mod pipe;
pub mod portable;
pub mod prims;
pub mod select;
mod sync;
pub mod wait;

#[cfg(test)]
mod model;

pub use array::SharedArray;
pub use buffer::{BufferOwner, BufferView, Lease, SharedBuffer};
pub use cross::{
    Channel, ChannelError, ChannelInfo, ChannelRegistry, Defaults, Pass, Queue, QueueRegistry, Receipt, Received,
    RegistryError, Side, Status, UnboundOp,
};
pub use map::SharedMap;
pub use mpmc::{Receiver, Sender, bounded, unbounded};
pub use pipe::{RecvError, SendError, SendFailure};
pub use portable::{Portable, Text, Tuple};
pub use select::{Source, select};
pub use wait::{Interrupt, Wait, WaitError};
