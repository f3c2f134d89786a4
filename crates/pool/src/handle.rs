//! [`JoinHandle`]: what the submitter of a task holds, and the ways a task can end.

use crate::ticket::{Stop, Ticket};
use crate::worker::Runnable;
use parking_lot::Mutex;
use serpens_share::Wait;
use serpens_state::api::{PyErr, Python};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// A Python exception in plain text: what is left of it when its interpreter may be gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The name of its class, with the module unless that is `builtins`.
    pub class: String,
    /// `str()` of it.
    pub message: String,
    /// What Python prints for it.
    pub traceback: String,
}

impl Failure {
    /// The text of an exception.
    pub fn of(py: Python<'_>, error: &PyErr) -> Failure {
        let (class, message) = match error.value(py) {
            Ok(value) => (value.get_type().full_name(), value.to_string()),
            Err(other) => (String::new(), other.to_string()),
        };
        Failure { class, message, traceback: error.traceback(py) }
    }
}

/// Why a task has no result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TaskError {
    /// It was cancelled.
    Cancelled,
    /// It ran longer than it may.
    TimedOut,
    /// It raised a Python exception.
    Raised(Box<Failure>),
    /// Native code panicked; its interpreter was thrown away.
    Panicked(String),
    /// No interpreter could be made for it, or the initializer failed.
    Broken(String),
    /// The pool was shut down.
    Closed,
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TaskError::Cancelled => f.write_str("the task was cancelled"),
            TaskError::TimedOut => f.write_str("the task ran longer than it may"),
            TaskError::Raised(failure) if failure.message.is_empty() => f.write_str(&failure.class),
            TaskError::Raised(failure) => write!(f, "{}: {}", failure.class, failure.message),
            TaskError::Panicked(text) => write!(f, "the task panicked: {text}"),
            TaskError::Broken(text) => write!(f, "no interpreter for the task: {text}"),
            TaskError::Closed => f.write_str("the pool is shut down"),
        }
    }
}

impl std::error::Error for TaskError {}

impl From<Stop> for TaskError {
    fn from(stop: Stop) -> TaskError {
        match stop {
            Stop::Cancelled => TaskError::Cancelled,
            Stop::TimedOut => TaskError::TimedOut,
        }
    }
}

/// A task of the pool with the place of its result.
pub(crate) struct Packet<R> {
    ticket: Ticket,
    work: Mutex<Option<Box<dyn FnOnce(Python<'_>) -> Result<R, TaskError> + Send>>>,
    result: Mutex<Option<Result<R, TaskError>>>,
}

impl<R: Send + 'static> Packet<R> {
    pub(crate) fn new(
        limit: Option<Duration>,
        work: impl FnOnce(Python<'_>) -> Result<R, TaskError> + Send + 'static,
    ) -> Arc<Packet<R>> {
        Arc::new(Packet {
            ticket: Ticket::new(limit),
            work: Mutex::new(Some(Box::new(work))),
            result: Mutex::new(None),
        })
    }
}

impl<R: Send + 'static> Runnable for Packet<R> {
    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn run(&self, py: Python<'_>) -> bool {
        let work = self.work.lock().take();
        let result = match work {
            Some(work) => work(py),
            None => Err(TaskError::Closed),
        };
        let result = match self.ticket.end() {
            Some(stop) => Err(stop.into()),
            None => result,
        };
        let good = result.is_ok();
        *self.result.lock() = Some(result);
        self.ticket.finish();
        good
    }

    fn fail(&self, error: TaskError) {
        drop(self.work.lock().take());
        *self.result.lock() = Some(Err(error));
        self.ticket.finish();
    }
}

/// The result to come of a task. Dropping it lets the task run on; it is a future, too.
pub struct JoinHandle<R> {
    pub(crate) packet: Arc<Packet<R>>,
}

impl<R: Send + 'static> JoinHandle<R> {
    /// Waits for the result.
    ///
    /// # Errors
    /// How the task ended without one.
    pub fn join(self) -> Result<R, TaskError> {
        // Without limits the wait cannot fail.
        let _ = self.packet.ticket.done.wait(&Wait::FOREVER, || self.has_result());
        self.take()
    }

    /// Waits for the result, at most `limit`; gives the handle back after that.
    ///
    /// # Errors
    /// The handle, when the time is over.
    pub fn join_timeout(self, limit: Duration) -> Result<Result<R, TaskError>, JoinHandle<R>> {
        match self.packet.ticket.done.wait(&Wait::timeout(limit), || self.has_result()) {
            Ok(()) => Ok(self.take()),
            Err(_) => Err(self),
        }
    }

    /// Cancels the task: it does not begin, or it is stopped. False if it is done already.
    pub fn cancel(&self) -> bool {
        let ticket = &self.packet.ticket;
        if ticket.withdraw() {
            self.packet.fail(TaskError::Cancelled);
            return true;
        }
        ticket.stop(Stop::Cancelled)
    }

    /// Whether the task is done.
    pub fn is_finished(&self) -> bool {
        self.has_result()
    }

    /// Whether a worker runs it now.
    pub fn is_running(&self) -> bool {
        self.packet.ticket.is_running()
    }

    fn has_result(&self) -> bool {
        self.packet.ticket.is_done() && self.packet.result.lock().is_some()
    }

    fn take(&self) -> Result<R, TaskError> {
        self.packet.result.lock().take().unwrap_or(Err(TaskError::Closed))
    }
}

impl<R: Send + 'static> Future for JoinHandle<R> {
    type Output = Result<R, TaskError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.packet.ticket.done.watch(context.waker(), || self.has_result()) {
            Poll::Ready(self.take())
        } else {
            Poll::Pending
        }
    }
}

impl<R> fmt::Debug for JoinHandle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("done", &self.packet.ticket.is_done()).finish_non_exhaustive()
    }
}
