//! The operating system: `posix`, `errno`, `pwd`, `fcntl`.

pub mod call;
pub mod path;
