//! Memory that several interpreters see at the same address, without copies.
//!
//! [`SharedBuffer`] is the memory, [`BufferView`] a typed n-dimensional window on it, [`Lease`] a counted hold that
//! views are made of. Memory lives as long as anything refers to it; it never moves and never changes its size.
//!
//! Rust's safe API never races: frozen memory is read by slices, writable memory through atomics or copied in and
//! out by atomic words. Raw pointers are for a VM's buffer protocol, whose programs race among themselves as they do
//! in CPython.

mod block;
mod copy;
mod view;

pub use block::{AllocError, BufferOwner, Lease, ReadOnly, SharedBuffer};
pub use view::{BufferView, Layout, ViewError};
