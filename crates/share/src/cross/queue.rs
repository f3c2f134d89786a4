//! Queues between interpreters, as `_interpqueues` has them.

use super::item::{Item, unbind};
use super::{Defaults, QueueRegistry, Received, Registered, UnboundOp};
use crate::pipe::{End, Pipe, RecvError, SendError};
use crate::portable::Portable;
use crate::select::Source;
use crate::wait::Wait;
use std::sync::Arc;
use std::task::Waker;

/// A queue of portable values. Any number of interpreters put and get.
#[derive(Debug)]
pub struct Queue {
    id: u64,
    maxsize: i64,
    defaults: Defaults,
    pipe: Pipe<Item>,
}

impl QueueRegistry {
    /// Makes a queue with no reference yet. A `maxsize` of 0 or below is without bound.
    pub fn create(&self, maxsize: i64, defaults: Defaults) -> Arc<Queue> {
        self.insert(|id| Queue::new(id, maxsize, defaults))
    }
}

impl Registered for Queue {
    const FIRST_ID: u64 = 1;

    fn shut(&self) {
        self.pipe.close();
        drop(self.pipe.edit(std::mem::take));
    }

    fn clear_interpreter(&self, interpreter: u64) {
        if self.pipe.len() > 0 {
            drop(self.pipe.edit(|items| unbind(items, interpreter)));
        }
    }
}

impl Queue {
    /// A queue outside of any registry.
    #[must_use]
    pub fn new(id: u64, maxsize: i64, defaults: Defaults) -> Self {
        let capacity = if maxsize > 0 { maxsize.unsigned_abs() as usize } else { usize::MAX };
        Self { id, maxsize, defaults, pipe: Pipe::new(capacity) }
    }

    /// Its id.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The bound it was made with.
    pub fn maxsize(&self) -> i64 {
        self.maxsize
    }

    /// What it does unless told otherwise.
    pub fn defaults(&self) -> Defaults {
        self.defaults
    }

    /// How many items it holds.
    pub fn len(&self) -> usize {
        self.pipe.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it holds as many as it may.
    pub fn is_full(&self) -> bool {
        self.len() >= self.pipe.capacity()
    }

    /// Whether it was destroyed.
    pub fn is_destroyed(&self) -> bool {
        self.pipe.is_closed()
    }

    /// Puts `value`, sent by interpreter `sender`, without waiting.
    ///
    /// # Errors
    /// `Full`; `Closed` if the queue was destroyed. The value comes back.
    pub fn try_put(&self, sender: u64, value: Portable, unbound: Option<UnboundOp>) -> Result<(), SendError<Portable>> {
        self.pipe.try_push(self.item(sender, value, unbound)).map_err(value_back)
    }

    /// Puts `value` when there is room.
    ///
    /// # Errors
    /// `TimedOut`, `Interrupted`, or `Closed` if the queue was destroyed. The value comes back.
    pub fn put(
        &self,
        sender: u64,
        value: Portable,
        unbound: Option<UnboundOp>,
        wait: &Wait<'_>,
    ) -> Result<(), SendError<Portable>> {
        self.pipe.push(self.item(sender, value, unbound), wait).map_err(value_back)
    }

    /// Takes the oldest item, without waiting.
    ///
    /// # Errors
    /// `Empty`; `Closed` if the queue was destroyed.
    pub fn try_get(&self) -> Result<Received, RecvError> {
        Ok(received(self.pipe.try_pop()?))
    }

    /// Takes the oldest item when there is one.
    ///
    /// # Errors
    /// `TimedOut`, `Interrupted`, or `Closed` if the queue was destroyed.
    pub fn get(&self, wait: &Wait<'_>) -> Result<Received, RecvError> {
        Ok(received(self.pipe.pop(wait)?))
    }

    /// For [`select`](crate::select::select): ready when there is an item.
    pub fn getting(&self) -> Source<'_> {
        Source::new(&self.pipe, End::Pop)
    }

    /// For [`select`](crate::select::select): ready when there is room.
    pub fn putting(&self) -> Source<'_> {
        Source::new(&self.pipe, End::Push)
    }

    /// Wakes `waker` once when there is an item. False if there is one now.
    pub fn wake_when_filled(&self, waker: &Waker) -> bool {
        self.getting().wake_when_ready(waker)
    }

    fn item(&self, sender: u64, value: Portable, unbound: Option<UnboundOp>) -> Item {
        Item::new(value, sender, unbound.unwrap_or(self.defaults.unbound))
    }
}

/// Items of a queue have no receipt, so nobody withdraws them.
fn received(item: Item) -> Received {
    item.receive().unwrap_or(Received::Unbound(UnboundOp::Error))
}

fn value_back(error: SendError<Item>) -> SendError<Portable> {
    let value = match error.value.receive() {
        Some(Received::Value(value)) => value,
        _ => Portable::None,
    };
    SendError { value, failure: error.failure }
}
