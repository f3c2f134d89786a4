//! A work-stealing pool of isolated interpreters.
//!
//! Each worker is a thread with an interpreter of its own, which stays warm from task to task. Tasks go to a common
//! queue; workers take them in batches into queues of their own and steal from each other. A task is a Rust closure
//! over [`Python`](serpens_state::api::Python), or a [`Task`]: source text, an expression, a call by name, with arguments that cross as
//! [`Portable`](serpens_share::Portable).
//!
//! - [`pool`]: [`Pool`] and its [`Builder`]; [`task`]: [`Task`]; [`handle`]: [`JoinHandle`] and how a task can end;
//! - `idle`: how workers park; `worker`: their loop; `home`: the interpreters, for workers, tasks, tenants;
//! - `ticket`: the state of one task; `watchdog`: time limits; [`metrics`]: what was counted;
//! - [`python`]: the module `serpens_pool`.
//!
//! Invariants: an interpreter runs one task at a time. A task that is cancelled or out of time gets an exception that it
//! cannot catch for good. A panic ends its task and its interpreter, not the worker. A closed pool has run or cancelled
//! every task.
//!
//! ```
//! use serpens_pool::{Pool, Task};
//! # let runtime = serpens_state::Runtime::builder().modules(&serpens_stdlib::modules()).library(serpens_stdlib::library()).build();
//!
//! let pool = Pool::builder(&runtime).workers(2).build().unwrap();
//! let handles: Vec<_> = (0..4).map(|n| pool.submit(Task::call("builtins:pow").arg(2).arg(n))).collect();
//! let powers: Vec<_> = handles.into_iter().map(|h| h.join().unwrap()).collect();
//! assert_eq!(powers, [1, 2, 4, 8].map(serpens_share::Portable::Int));
//!
//! let length = pool.spawn(|py| py.eval("'spam' * 3", None, None)?.len());
//! assert_eq!(length.join().unwrap().unwrap(), 12);
//! ```

pub mod handle;
mod home;
mod idle;
pub mod metrics;
pub mod pool;
pub mod python;
mod sync;
pub mod task;
mod ticket;
mod watchdog;
mod worker;

#[cfg(test)]
mod model;

pub use handle::{Failure, JoinHandle, TaskError};
pub use metrics::Metrics;
pub use pool::{Builder, Isolation, Pool};
pub use task::Task;
