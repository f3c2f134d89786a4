//! What crosses between interpreters, and how it is found: queues and channels whose items know who sent them.
//!
//! Their behaviour is that of CPython 3.14's `_interpqueues` and `_interpchannels`, except that both block without
//! polling. A runtime owns one [`Registry`] of each kind; nothing here is process-wide. Interpreters are ids (`u64`)
//! and nothing more.

mod channel;
mod ends;
mod item;
mod queue;
mod registry;

pub use channel::{Channel, ChannelError, ChannelInfo, Pass, Receipt};
pub use ends::{Side, Status};
pub use item::{Defaults, Delivery, Received, UnboundOp};
pub use queue::Queue;
pub use registry::{Bound, Registered, Registry, RegistryError};

/// The registry of a runtime's queues. Ids begin at 1.
pub type QueueRegistry = Registry<Queue>;

/// The registry of a runtime's channels. Ids begin at 0.
pub type ChannelRegistry = Registry<Channel>;
