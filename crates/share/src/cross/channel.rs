//! Channels between interpreters, as `_interpchannels` has them.
//!
//! Lock order: `ends`, then the pipe. Nothing is dropped, woken or waited for while `ends` is locked, except by the
//! pipe itself.

use super::ends::Ends;
use super::item::{Delivery, Item, unbind};
use super::{ChannelRegistry, Defaults, Received, Registered, Side, Status, UnboundOp};
use crate::pipe::{End, Pipe, RecvError, SendFailure};
use crate::portable::Portable;
use crate::select::Source;
use crate::sync::{AtomicU32, Mutex, Ordering, spin};
use crate::wait::{Outcome, Wait, Waiter};
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

/// A channel of portable values, whose ends know the interpreters that use them.
#[derive(Debug)]
pub struct Channel {
    id: u64,
    defaults: Defaults,
    pipe: Pipe<Item>,
    ends: Mutex<Ends>,
    /// Changes, with `ends` locked, whenever a [`Pass`] may lose its meaning. Never 0.
    epoch: AtomicU32,
}

/// One interpreter's right to use one end, as far as it is known: it spares the look at who uses the channel while that
/// has not changed. A pass is good for the channel that it was first used with.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    interpreter: u64,
    epoch: u32,
}

impl Pass {
    /// A pass that the channel will check when it is first shown.
    #[must_use]
    pub fn new(interpreter: u64) -> Self {
        Self { interpreter, epoch: 0 }
    }

    /// Whose it is.
    #[must_use]
    pub fn interpreter(&self) -> u64 {
        self.interpreter
    }
}

/// What a sender waits for who wants to know that its item was received.
#[derive(Debug)]
pub struct Receipt(Arc<Waiter>);

impl Receipt {
    /// Whether the item was received, or dropped for good.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.0.is_decided()
    }
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
    /// There is no room now.
    Full,
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
            ChannelError::Full => "is full",
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

impl From<SendFailure> for ChannelError {
    fn from(failure: SendFailure) -> Self {
        match failure {
            SendFailure::Full => ChannelError::Full,
            SendFailure::Closed => ChannelError::Closed,
            SendFailure::TimedOut => ChannelError::TimedOut,
            SendFailure::Interrupted => ChannelError::Interrupted,
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

    /// Makes a channel for at most `capacity` items at once, at least one.
    pub fn create_bounded(&self, defaults: Defaults, capacity: usize) -> Arc<Channel> {
        self.insert(|id| Channel::bounded(id, defaults, capacity))
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
        self.next_epoch(&ends);
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
        Self::bounded(id, defaults, usize::MAX)
    }

    /// A channel outside of any registry, for at most `capacity` items at once, at least one.
    #[must_use]
    pub fn bounded(id: u64, defaults: Defaults, capacity: usize) -> Self {
        Self { id, defaults, pipe: Pipe::new(capacity), ends: Mutex::new(Ends::new()), epoch: AtomicU32::new(1) }
    }

    /// How many items it holds at most, if there is a bound.
    pub fn capacity(&self) -> Option<usize> {
        Some(self.pipe.capacity()).filter(|n| *n != usize::MAX)
    }

    /// Whether nobody can send any more.
    pub fn is_closed(&self) -> bool {
        self.pipe.is_closed()
    }

    /// Sends `value`, and does not wait for room or for a receiver. `pass` is for the sending end.
    ///
    /// # Errors
    /// `Full`, `Closed`, `Released`.
    #[inline]
    pub fn send_by(&self, pass: &mut Pass, value: Portable, unbound: Option<UnboundOp>) -> Result<(), ChannelError> {
        self.admit(pass, Side::Send)?;
        Ok(self.pipe.try_push(self.item(pass, value, unbound)).map_err(|error| error.failure)?)
    }

    /// Sends `value` when there is room. Gives the value back with the error.
    ///
    /// # Errors
    /// `Closed`, `Released`, `TimedOut`, `Interrupted`.
    pub fn send_when_room(
        &self,
        pass: &mut Pass,
        value: Portable,
        unbound: Option<UnboundOp>,
        wait: &Wait<'_>,
    ) -> Result<(), (ChannelError, Portable)> {
        if let Err(error) = self.admit(pass, Side::Send) {
            return Err((error, value));
        }
        self.pipe.push(self.item(pass, value, unbound), wait).map_err(|error| {
            let value = match error.value.receive() {
                Some(Received::Value(value)) => value,
                _ => Portable::None,
            };
            (error.failure.into(), value)
        })
    }

    /// Sends `value`, and tells when it is received.
    ///
    /// # Errors
    /// `Full`, `Closed`, `Released`.
    pub fn send_registered(
        &self,
        pass: &mut Pass,
        value: Portable,
        unbound: Option<UnboundOp>,
    ) -> Result<Receipt, ChannelError> {
        self.admit(pass, Side::Send)?;
        let waiter = Waiter::new();
        let item = self.item(pass, value, unbound).with_receipt(waiter.clone());
        self.pipe.try_push(item).map_err(|error| error.failure)?;
        Ok(Receipt(waiter))
    }

    /// Waits until the item of `receipt` is received. The thread must be the one that sent it. After `Interrupted` the
    /// wait may go on, or [`Channel::withdraw`] ends it; in all other cases it is over.
    ///
    /// # Errors
    /// `ClosedMeanwhile`, `TimedOut` (the item is withdrawn), `Interrupted`.
    pub fn await_receipt(&self, receipt: &Receipt, wait: &Wait<'_>) -> Result<(), ChannelError> {
        spin(|| receipt.is_settled().then_some(()));
        match wait.rest(&receipt.0) {
            Some(Outcome::Notified) => Ok(()),
            Some(Outcome::TimedOut) => {
                self.remove(receipt);
                Err(ChannelError::TimedOut)
            }
            Some(_) => Err(ChannelError::ClosedMeanwhile),
            None => Err(ChannelError::Interrupted),
        }
    }

    /// Takes an item back. False if it was received or dropped before.
    pub fn withdraw(&self, receipt: &Receipt) -> bool {
        let in_time = receipt.0.claim(Outcome::Interrupted);
        if in_time {
            self.remove(receipt);
        }
        in_time
    }

    /// Receives the oldest item, without waiting. `pass` is for the receiving end.
    ///
    /// # Errors
    /// `Empty`, `Closed`, `Released`.
    #[inline]
    pub fn try_recv_by(&self, pass: &mut Pass) -> Result<Delivery, ChannelError> {
        loop {
            self.admit(pass, Side::Recv)?;
            let item = self.pipe.try_pop()?;
            if self.pipe.is_closed() {
                self.settle();
            }
            if let Some(delivery) = item.deliver() {
                return Ok(delivery);
            }
        }
    }

    /// Receives the oldest item when there is one.
    ///
    /// # Errors
    /// `Closed`, `Released`, `TimedOut`, `Interrupted`.
    pub fn recv_by(&self, pass: &mut Pass, wait: &Wait<'_>) -> Result<Delivery, ChannelError> {
        loop {
            self.admit(pass, Side::Recv)?;
            let delivery = self.pipe.pop(wait)?.deliver();
            if self.pipe.is_closed() {
                self.settle();
            }
            if let Some(delivery) = delivery {
                return Ok(delivery);
            }
        }
    }

    /// Whether a receive would return at once.
    #[inline]
    pub fn is_ready(&self) -> bool {
        self.pipe.is_ready(End::Pop)
    }

    /// Whether a send would find room, or the channel closed.
    #[inline]
    pub fn has_room(&self) -> bool {
        self.pipe.is_ready(End::Push)
    }

    #[inline]
    fn item(&self, pass: &Pass, value: Portable, unbound: Option<UnboundOp>) -> Item {
        Item::new(value, pass.interpreter, unbound.unwrap_or(self.defaults.unbound))
    }

    /// Lets the interpreter of `pass` use an end, or says why not.
    #[inline]
    fn admit(&self, pass: &mut Pass, side: Side) -> Result<(), ChannelError> {
        if pass.epoch == self.epoch.load(Ordering::Acquire) { Ok(()) } else { self.check(pass, side) }
    }

    #[cold]
    fn check(&self, pass: &mut Pass, side: Side) -> Result<(), ChannelError> {
        let mut ends = self.ends.lock();
        match side {
            Side::Recv => Self::associate_receiver(&mut ends, pass.interpreter)?,
            _ if ends.status != Status::Open => return Err(ChannelError::Closed),
            _ if !ends.send.associate(pass.interpreter) => return Err(ChannelError::Released),
            _ => (),
        }
        pass.epoch = self.epoch.load(Ordering::Relaxed);
        Ok(())
    }

    /// Voids all passes. `_ends` are locked.
    fn next_epoch(&self, _ends: &Ends) {
        let next = self.epoch.load(Ordering::Relaxed).wrapping_add(1).max(1);
        self.epoch.store(next, Ordering::Release);
    }

    fn settle(&self) {
        let mut ends = self.ends.lock();
        let dropped = self.after_change(&mut ends);
        drop(ends);
        drop(dropped);
    }

    /// Takes the item of `receipt` out.
    fn remove(&self, receipt: &Receipt) {
        let mut ends = self.ends.lock();
        let withdrawn = self.pipe.edit(|items| {
            let at = items.iter().position(|item| item.has_receipt(&receipt.0));
            at.and_then(|at| items.remove(at))
        });
        let dropped = self.after_change(&mut ends);
        drop(ends);
        drop((withdrawn, dropped));
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
        let receipt = self.send_registered(&mut Pass::new(sender), value, unbound)?;
        let result = self.await_receipt(&receipt, wait);
        if result == Err(ChannelError::Interrupted) && !self.withdraw(&receipt) {
            return self.await_receipt(&receipt, wait);
        }
        result
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
                self.settle();
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

    /// Whether somebody has closed it. One that everybody has left is closed, too, but nobody has said so.
    pub fn was_closed(&self) -> bool {
        let ends = self.ends.lock();
        ends.status == Status::Closed && !ends.deserted
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
        if ends.status == Status::Closed || (ends.status == Status::Closing && side == Side::Send) {
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
            self.next_epoch(&ends);
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
        self.next_epoch(&ends);
        let dropped = self.after_change(&mut ends);
        drop(ends);
        drop(dropped);
        Ok(())
    }

    /// For [`select`](crate::select::select): ready when there is something to receive.
    pub fn receiving(&self) -> Source<'_> {
        Source::new(&self.pipe, End::Pop)
    }

    /// For [`select`](crate::select::select): ready when there is room.
    pub fn sending(&self) -> Source<'_> {
        Source::new(&self.pipe, End::Push)
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
            None => self.pipe.try_push(item).map_err(|error| (error.failure.into(), error.value)),
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
        ends.deserted |= ends.status != Status::Closed && ends.is_deserted();
        let done = match ends.status {
            Status::Open => ends.is_deserted(),
            Status::Closing => self.pipe.len() == 0 || ends.is_deserted(),
            Status::Closed => false,
        };
        if done { self.shut_with(ends) } else { VecDeque::new() }
    }

    fn shut_with(&self, ends: &mut Ends) -> VecDeque<Item> {
        ends.status = Status::Closed;
        self.next_epoch(ends);
        self.pipe.close();
        self.pipe.edit(std::mem::take)
    }
}
