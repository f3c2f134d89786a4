//! Waiting for descriptors, and sockets: `select`, `_socket`.

pub mod deadline;
pub mod epoll;
pub mod poll;
pub mod select;
pub mod socket;

use serpens_state::NativeModule;

/// The modules of this folder.
pub static MODULES: &[&NativeModule] = &[&select::MODULE, &socket::MODULE];
