//! Channels for Rust users: any number of senders and receivers, any type that is `Send`.
//!
//! When all receivers are gone, sends fail; when all senders are gone, receivers drain what is left and fail then.
//! [`Sender::close`] does the same by hand.

use super::pipe::{End, Pipe, RecvError, SendError};
use super::select::Source;
use super::sync::{Arc, AtomicUsize, Ordering};
use super::wait::Wait;
use std::fmt;
use std::time::Duration;

struct Shared<T> {
    pipe: Pipe<T>,
    n_senders: AtomicUsize,
    n_receivers: AtomicUsize,
}

/// The end that sends. Clones send into the same channel.
pub struct Sender<T>(Arc<Shared<T>>);

/// The end that receives. Each item goes to one of the clones.
pub struct Receiver<T>(Arc<Shared<T>>);

/// A channel without bound.
#[must_use]
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    bounded(usize::MAX)
}

/// A channel that holds at most `capacity` items, and at least one.
#[must_use]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared {
        pipe: Pipe::new(capacity),
        n_senders: AtomicUsize::new(1),
        n_receivers: AtomicUsize::new(1),
    });
    (Sender(shared.clone()), Receiver(shared))
}

impl<T> Sender<T> {
    /// Sends, waiting for room.
    ///
    /// # Errors
    /// `Closed`, with the value.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.0.pipe.push(value, &Wait::FOREVER)
    }

    /// Sends if there is room.
    ///
    /// # Errors
    /// `Full` or `Closed`, with the value.
    pub fn try_send(&self, value: T) -> Result<(), SendError<T>> {
        self.0.pipe.try_push(value)
    }

    /// Sends, waiting for room at most `timeout`.
    ///
    /// # Errors
    /// `TimedOut` or `Closed`, with the value.
    pub fn send_timeout(&self, value: T, timeout: Duration) -> Result<(), SendError<T>> {
        self.0.pipe.push(value, &Wait::timeout(timeout))
    }

    /// Sends, waiting for room within the limits of `wait`.
    ///
    /// # Errors
    /// `TimedOut`, `Interrupted` or `Closed`, with the value.
    pub fn send_within(&self, value: T, wait: &Wait<'_>) -> Result<(), SendError<T>> {
        self.0.pipe.push(value, wait)
    }

    /// Fails sends from now on. False if it was closed before.
    pub fn close(&self) -> bool {
        self.0.pipe.close()
    }

    /// Whether sends fail.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.pipe.is_closed()
    }

    /// How many items wait to be received.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.pipe.len()
    }

    /// Whether none does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// For [`select`](crate::select::select): ready when there is room.
    #[must_use]
    pub fn source(&self) -> Source<'_>
    where
        T: Send,
    {
        Source::new(&self.0.pipe, End::Push)
    }
}

impl<T> Receiver<T> {
    /// Receives, waiting for an item.
    ///
    /// # Errors
    /// `Closed`.
    pub fn recv(&self) -> Result<T, RecvError> {
        self.0.pipe.pop(&Wait::FOREVER)
    }

    /// Receives if there is an item.
    ///
    /// # Errors
    /// `Empty` or `Closed`.
    pub fn try_recv(&self) -> Result<T, RecvError> {
        self.0.pipe.try_pop()
    }

    /// Receives, waiting at most `timeout`.
    ///
    /// # Errors
    /// `TimedOut` or `Closed`.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvError> {
        self.0.pipe.pop(&Wait::timeout(timeout))
    }

    /// Receives, waiting within the limits of `wait`.
    ///
    /// # Errors
    /// `TimedOut`, `Interrupted` or `Closed`.
    pub fn recv_within(&self, wait: &Wait<'_>) -> Result<T, RecvError> {
        self.0.pipe.pop(wait)
    }

    /// What comes, until the channel is closed and drained.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        std::iter::from_fn(|| self.recv().ok())
    }

    /// What is there.
    pub fn try_iter(&self) -> impl Iterator<Item = T> + '_ {
        std::iter::from_fn(|| self.try_recv().ok())
    }

    /// Fails sends from now on. False if it was closed before.
    pub fn close(&self) -> bool {
        self.0.pipe.close()
    }

    /// Whether sends fail.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.pipe.is_closed()
    }

    /// How many items wait to be received.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.pipe.len()
    }

    /// Whether none does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// For [`select`](crate::select::select): ready when there is an item.
    #[must_use]
    pub fn source(&self) -> Source<'_>
    where
        T: Send,
    {
        Source::new(&self.0.pipe, End::Pop)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.n_senders.fetch_add(1, Ordering::Relaxed);
        Self(self.0.clone())
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.0.n_receivers.fetch_add(1, Ordering::Relaxed);
        Self(self.0.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if self.0.n_senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.pipe.close();
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if self.0.n_receivers.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.pipe.close();
            drop(self.0.pipe.edit(std::mem::take));
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sender").field(&self.0.pipe).finish()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Receiver").field(&self.0.pipe).finish()
    }
}
