//! One item on its way: the value, who sent it, and what becomes of it if the sender is destroyed first.

use super::super::portable::Portable;
use super::super::sync::Arc;
use super::super::wait::{Outcome, Waiter};
use std::collections::VecDeque;

/// What takes the place of an item whose sender was destroyed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum UnboundOp {
    /// Nothing: the item vanishes.
    Remove = 1,
    /// An error, raised in the receiver.
    Error = 2,
    /// The constant `UNBOUND`.
    Unbound = 3,
}

impl UnboundOp {
    /// The operation with this number in CPython's native modules.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            1 => UnboundOp::Remove,
            2 => UnboundOp::Error,
            3 => UnboundOp::Unbound,
            _ => return None,
        })
    }

    /// Its number.
    #[must_use]
    pub fn number(self) -> i64 {
        self as i64
    }
}

/// What a queue or channel does unless an operation says otherwise. `fallback` means nothing here: it is kept for the
/// modules that convert values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Defaults {
    /// What becomes of unbound items.
    pub unbound: UnboundOp,
    /// What to do with a value that does not cross by itself.
    pub fallback: i32,
}

/// What came out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Received {
    /// The value.
    Value(Portable),
    /// The sender was destroyed; this is to take the value's place.
    Unbound(UnboundOp),
}

#[derive(Debug)]
pub(super) struct Item {
    value: Option<Portable>,
    sender: u64,
    unbound: UnboundOp,
    receipt: Receipt,
}

/// Who waits until the item is received, or dropped.
#[derive(Debug)]
struct Receipt(Option<Arc<Waiter>>);

impl Item {
    #[inline]
    pub(super) fn new(value: Portable, sender: u64, unbound: UnboundOp) -> Self {
        Self { value: Some(value), sender, unbound, receipt: Receipt(None) }
    }

    /// Lets `waiter` know when the item is received, or dropped.
    pub(super) fn with_receipt(self, waiter: Arc<Waiter>) -> Self {
        Self { receipt: Receipt(Some(waiter)), ..self }
    }

    pub(super) fn has_receipt(&self, waiter: &Arc<Waiter>) -> bool {
        self.receipt.0.as_ref().is_some_and(|own| Arc::ptr_eq(own, waiter))
    }

    /// What the receiver gets. `None` if the sender has withdrawn the item.
    #[inline]
    pub(super) fn deliver(mut self) -> Option<Delivery> {
        if self.receipt.0.is_some() && !self.receipt.acknowledge(Outcome::Notified) {
            return None;
        }
        Some(Delivery(self))
    }

    /// As [`Item::deliver`].
    pub(super) fn receive(self) -> Option<Received> {
        let Delivery(Item { value, unbound, .. }) = self.deliver()?;
        Some(match value {
            Some(value) => Received::Value(value),
            None => Received::Unbound(unbound),
        })
    }
}

/// What came out, as it lay there: to look at. It moves as one block of memory, which a value that is taken out does not.
#[derive(Debug)]
pub struct Delivery(Item);

impl Delivery {
    /// The value.
    ///
    /// # Errors
    /// What is to take its place, if the sender was destroyed.
    #[inline]
    pub fn value(&self) -> Result<&Portable, UnboundOp> {
        self.0.value.as_ref().ok_or(self.0.unbound)
    }
}

impl Receipt {
    #[cold]
    fn acknowledge(&mut self, outcome: Outcome) -> bool {
        let Some(waiter) = self.0.take() else {
            return true;
        };
        let in_time = waiter.claim(outcome);
        if in_time {
            waiter.wake();
        }
        in_time
    }
}

impl Drop for Receipt {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            self.acknowledge(Outcome::Dropped);
        }
    }
}

/// Unbinds what `sender` has sent. Returns what is to be dropped once no mutex is held.
pub(super) fn unbind(items: &mut VecDeque<Item>, sender: u64) -> Vec<(Option<Item>, Option<Portable>)> {
    let mut dropped = Vec::new();
    if !items.iter().any(|item| item.sender == sender && item.value.is_some()) {
        return dropped;
    }
    for mut item in std::mem::take(items) {
        if item.sender != sender || item.value.is_none() {
            items.push_back(item);
        } else if item.unbound == UnboundOp::Remove {
            dropped.push((Some(item), None));
        } else {
            dropped.push((None, item.value.take()));
            items.push_back(item);
        }
    }
    dropped
}
