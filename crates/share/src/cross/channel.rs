//! Channels between interpreters, as `_interpchannels` has them.
//!
//! Lock order: `ends`, then the pipe. Nothing is dropped, woken or waited for while `ends` is locked, except by the
//! pipe itself.

use super::ends::Ends;
use super::item::{Item, unbind};
use super::{ChannelRegistry, Defaults, Received, Registered, Side, Status, UnboundOp};
use crate::pipe::{End, Pipe, RecvError};
use crate::portable::Portable;
use crate::select::Source;
use crate::sync::Mutex;
use crate::wait::{Outcome, Wait, Waiter};
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

/// A channel of portable values without bound, whose ends know the interpreters that use them.
#[derive(Debug)]
pub struct Channel {
    id: u64,
    defaults: Defaults,
    pipe: Pipe<Item>,
    ends: Mutex<Ends>,
}

/// Why an operation on a channel failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChannelError {
    /// The channel is closed.
    Closed,
    /// The channel was closed during the wait.
    ClosedMeanwhile,
    /// This interpreter has released this end.
    Released,
    /// There is nothing to receive now.
    Empty,
    /// It holds items, and the close was not forced.
    NotEmpty,
    /// The time was over.
    TimedOut,
    /// The wait was interrupted.
    Interrupted,
}

impl fmt::Display for ChannelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ChannelError::Closed => "is closed",
            ChannelError::ClosedMeanwhile => "has closed",
            ChannelError::Released => "is already closed",
            ChannelError::Empty => "is empty",
            ChannelError::NotEmpty => "may not be closed if not empty (try force=True)",
            ChannelError::TimedOut => "timed out",
            ChannelError::Interrupted => "interrupted",
        })
    }
}

impl std::error::Error for ChannelError {}

impl From<RecvError> for ChannelError {
    fn from(error: RecvError) -> Self {
        match error {
            RecvError::Empty => ChannelError::Empty,
            RecvError::Closed => ChannelError::Closed,
            RecvError::TimedOut => ChannelError::TimedOut,
            RecvError::Interrupted => ChannelError::Interrupted,
        }
    }
}

/// A channel at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChannelInfo {
    /// Whether it can be used.
    pub status: Status,
    /// How many items it holds.
    pub count: usize,
    /// How many interpreters are associated with the sending end.
    pub n_send: usize,
    /// How many have released the sending end.
    pub n_send_released: usize,
    /// How many interpreters are associated with the receiving end.
    pub n_recv: usize,
    /// How many have released the receiving end.
    pub n_recv_released: usize,
}

impl ChannelRegistry {
    /// Makes a channel that nobody uses yet.
    pub fn create(&self, defaults: Defaults) -> Arc<Channel> {
        self.insert(|id| Channel::new(id, defaults))
    }
}

impl Registered for Channel {
    const FIRST_ID: u64 = 0;

    fn shut(&self) {
        let mut ends = self.ends.lock();
        let dropped = self.shut_with(&mut ends);
        drop(ends);
        drop(dropped);
    }

    fn clear_interpreter(&self, interpreter: u64) {
        let mut ends = self.ends.lock();
        if ends.status == Status::Closed {
            return;
        }
        ends.forget(interpreter);
        let unbound = self.pipe.edit(|items| unbind(items, interpreter));
        let dropped = self.after_change(&mut ends);
        drop(ends);
        drop((unbound, dropped));
    }
}

impl Channel {
    /// A channel outside of any registry.
    #[must_use]
    pub fn new(id: u64, defaults: Defaults) -> Self {
        Self { id, defaults, pipe: Pipe::new(usize::MAX), ends: Mutex::new(Ends::new()) }
    }

    /// Its id.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// What it does unless told otherwise.
    pub fn defaults(&self) -> Defaults {
        self.defaults
    }

    /// Sends `value` from interpreter `sender`, and does not wait for a receiver.
    ///
    /// # Errors
    /// `Closed`, `Released`.
    pub fn send(&self, sender: u64, value: Portable, unbound: Option<UnboundOp>) -> Result<(), ChannelError> {
        self.push(sender, Item::new(value, sender, unbound.unwrap_or(self.defaults.unbound)))
    }

    /// Sends `value` and waits until it is received. An item that nobody took in time is withdrawn.
    ///
    /// # Errors
    /// `Closed`, `Released`, `ClosedMeanwhile`, `TimedOut`, `Interrupted`.
    pub fn send_and_wait(
        &self,
        sender: u64,
        value: Portable,
        unbound: Option<UnboundOp>,
        wait: &Wait<'_>,
    ) -> Result<(), ChannelError> {
        let receipt = Waiter::new();
        let item = Item::new(value, sender, unbound.unwrap_or(self.defaults.unbound));
        self.push(sender, item.with_receipt(receipt.clone()))?;
        let error = match wait.sleep(&receipt) {
            Outcome::Notified => return Ok(()),
            Outcome::Dropped => return Err(ChannelError::ClosedMeanwhile),
            Outcome::TimedOut => ChannelError::TimedOut,
            Outcome::Interrupted => ChannelError::Interrupted,
        };
        let mut ends = self.ends.lock();
        let withdrawn = self.pipe.edit(|items| {
            let at = items.iter().position(|item| item.has_receipt(&receipt));
            at.and_then(|at| items.remove(at))
        });
        let dropped = self.after_change(&mut ends);
        drop(ends);
        drop((withdrawn, dropped));
        Err(error)
    }

    /// Receives the oldest item for interpreter `receiver`, without waiting.
    ///
    /// # Errors
    /// `Empty`, `Closed`, `Released`.
    pub fn try_recv(&self, receiver: u64) -> Result<Received, ChannelError> {
        loop {
            let mut ends = self.ends.lock();
            Self::associate_receiver(&mut ends, receiver)?;
            let item = self.pipe.try_pop()?;
            let dropped = self.after_change(&mut ends);
            drop(ends);
            drop(dropped);
            if let Some(received) = item.receive() {
                return Ok(received);
            }
        }
    }

    /// Receives the oldest item for interpreter `receiver` when there is one.
    ///
    /// # Errors
    /// `Closed`, `Released`, `TimedOut`, `Interrupted`.
    pub fn recv(&self, receiver: u64, wait: &Wait<'_>) -> Result<Received, ChannelError> {
        Self::associate_receiver(&mut self.ends.lock(), receiver)?;
        loop {
            let received = self.pipe.pop(wait)?.receive();
            if self.pipe.is_closed() {
                drop(self.after_change(&mut self.ends.lock()));
            }
            if let Some(received) = received {
                return Ok(received);
            }
        }
    }

    /// How many items it holds.
    ///
    /// # Errors
    /// `Closed`.
    pub fn count(&self) -> Result<usize, ChannelError> {
        match self.ends.lock().status {
            Status::Closed => Err(ChannelError::Closed),
            _ => Ok(self.pipe.len()),
        }
    }

    /// Whether it can be used.
    pub fn status(&self) -> Status {
        self.ends.lock().status
    }

    /// Everything about it at once.
    pub fn info(&self) -> ChannelInfo {
        let ends = self.ends.lock();
        let open = ends.status == Status::Open;
        ChannelInfo {
            status: ends.status,
            count: self.pipe.len(),
            n_send: if open { ends.send.open().count() } else { 0 },
            n_send_released: ends.send.n_released(),
            n_recv: ends.recv.open().count(),
            n_recv_released: ends.recv.n_released(),
        }
    }

    /// The interpreters associated with an end, in the order of their first use of it.
    ///
    /// # Errors
    /// `Closed`.
    pub fn interpreters(&self, side: Side) -> Result<Vec<u64>, ChannelError> {
        let ends = self.ends.lock();
        if ends.status == Status::Closed {
            return Err(ChannelError::Closed);
        }
        let mut found: Vec<u64> = Vec::new();
        if side != Side::Recv && ends.status == Status::Open {
            found.extend(ends.send.open());
        }
        if side != Side::Send {
            let more: Vec<u64> = ends.recv.open().filter(|one| !found.contains(one)).collect();
            found.extend(more);
        }
        Ok(found)
    }

    /// Closes the channel for all interpreters. With items left, a close of the sending end lets them be received
    /// first, a forced close drops them, and any other close fails.
    ///
    /// # Errors
    /// `Closed`, `NotEmpty`.
    pub fn close(&self, side: Side, force: bool) -> Result<(), ChannelError> {
        let mut ends = self.ends.lock();
        match ends.status {
            Status::Closed => return Err(ChannelError::Closed),
            Status::Closing if side == Side::Send && !force => return Err(ChannelError::Closed),
            _ => (),
        }
        if !force && self.pipe.len() > 0 {
            if side != Side::Send {
                return Err(ChannelError::NotEmpty);
            }
            ends.status = Status::Closing;
            self.pipe.close();
            return Ok(());
        }
        let dropped = self.shut_with(&mut ends);
        drop(ends);
        drop(dropped);
        Ok(())
    }

    /// Bars `interpreter` from an end from now on. The channel closes when nobody is left.
    ///
    /// # Errors
    /// `Closed`.
    pub fn release(&self, interpreter: u64, side: Side) -> Result<(), ChannelError> {
        let mut ends = self.ends.lock();
        if ends.status == Status::Closed {
            return Err(ChannelError::Closed);
        }
        ends.release(interpreter, side);
        let dropped = self.after_change(&mut ends);
        drop(ends);
        drop(dropped);
        Ok(())
    }

    /// For [`select`](crate::select::select): ready when there is something to receive.
    pub fn receiving(&self) -> Source<'_> {
        Source::new(&self.pipe, End::Pop)
    }

    fn push(&self, sender: u64, item: Item) -> Result<(), ChannelError> {
        let mut ends = self.ends.lock();
        let refused = if ends.status != Status::Open {
            Some(ChannelError::Closed)
        } else if !ends.send.associate(sender) {
            Some(ChannelError::Released)
        } else {
            None
        };
        let result = match refused {
            Some(error) => Err((error, item)),
            None => self.pipe.try_push(item).map_err(|error| (ChannelError::Closed, error.value)),
        };
        drop(ends);
        result.map_err(|(error, _item)| error)
    }

    fn associate_receiver(ends: &mut Ends, receiver: u64) -> Result<(), ChannelError> {
        if ends.status == Status::Closed {
            Err(ChannelError::Closed)
        } else if !ends.recv.associate(receiver) {
            Err(ChannelError::Released)
        } else {
            Ok(())
        }
    }

    /// Closes the channel if nobody is left, or if it was closing and is empty now.
    fn after_change(&self, ends: &mut Ends) -> VecDeque<Item> {
        let done = match ends.status {
            Status::Open => ends.is_deserted(),
            Status::Closing => self.pipe.len() == 0 || ends.is_deserted(),
            Status::Closed => false,
        };
        if done { self.shut_with(ends) } else { VecDeque::new() }
    }

    fn shut_with(&self, ends: &mut Ends) -> VecDeque<Item> {
        ends.status = Status::Closed;
        self.pipe.close();
        self.pipe.edit(std::mem::take)
    }
}
