//! The lane of a pipe: a small ring that items pass without the pipe's mutex, in order.
//!
//! One thread at a time pushes and one at a time pops; a pusher and a popper do not disturb each other. An item crosses
//! from core to core with one cache line, its slot's: the popper polls the slot's stamp and writes nothing there, and the
//! pusher looks at the popper's word only when the ring seems full.
//!
//! | word | bits | who may change it |
//! | --- | --- | --- |
//! | `tail` | items pushed, times `STEP`; `LOCKED` while one is pushed; `CLOSED` | who has set `LOCKED` |
//! | `head` | items popped, times `STEP`; `LOCKED` while one is popped | who has set `LOCKED` |
//! | a slot's stamp | number of the item that lies or lay there, from 1 | the pusher that holds `tail` |
//!
//! A locked word is free again within nanoseconds: nothing waits, calls back or drops an item while it holds one.
//!
//! `LOCKED` is set by a sequentially consistent exchange. So a thread that first announces its wait and then finds a word
//! unlocked and nothing to do will be seen by the next one that locks that word and then asks who waits.
#![expect(unsafe_code, reason = "items lie in cells that the words guard")]

use super::sync::{AtomicUsize, LANE, Ordering, Patience, SlotCell, full_fence, relax};
use std::cell::Cell;

const LOCKED: usize = 1;
const CLOSED: usize = 2;
const STEP: usize = 4;

/// Keeps what two threads write apart.
#[derive(Default)]
#[repr(align(64))]
struct Apart<T>(T);

#[derive(Default)]
struct Tail {
    word: AtomicUsize,
    /// `head` as it was seen last. For who has locked `word`.
    seen_head: Cell<usize>,
}

#[repr(align(64))]
struct Slot<T> {
    stamp: AtomicUsize,
    item: SlotCell<T>,
}

pub(crate) struct Lane<T> {
    tail: Apart<Tail>,
    head: Apart<AtomicUsize>,
    slots: [Slot<T>; LANE],
    patience: Patience,
}

// SAFETY: items are moved in and out by one thread at a time: a slot is written by who holds `tail`, while no item lies
// there, and read by who holds `head`, while one does. `seen_head` is for who holds `tail`.
unsafe impl<T: Send> Sync for Lane<T> {}

/// The sole right to push.
pub(crate) struct Pusher<'a, T> {
    lane: &'a Lane<T>,
    word: usize,
}

impl<T> Lane<T> {
    pub(crate) fn new() -> Self {
        Self {
            tail: Apart::default(),
            head: Apart::default(),
            slots: std::array::from_fn(|_| Slot { stamp: AtomicUsize::new(0), item: SlotCell::new() }),
            patience: Patience::new(),
        }
    }

    #[inline(always)]
    fn slot(&self, word: usize) -> &Slot<T> {
        &self.slots[word / STEP % LANE]
    }

    /// The stamp of the item with number `word / STEP`.
    #[inline(always)]
    fn stamp(word: usize) -> usize {
        (word / STEP).wrapping_add(1)
    }

    /// Waits for the right to push. `None` if the lane is closed.
    #[inline]
    pub(crate) fn pusher(&self) -> Option<Pusher<'_, T>> {
        let mut turns = 0;
        loop {
            let word = self.tail.0.word.load(Ordering::Relaxed);
            if word & CLOSED != 0 {
                return None;
            }
            if word & LOCKED == 0
                && self.tail.0.word.compare_exchange(word, word | LOCKED, Ordering::SeqCst, Ordering::Relaxed).is_ok()
            {
                full_fence();
                return Some(Pusher { lane: self, word });
            }
            relax(&mut turns);
        }
    }

    /// Takes the oldest item, if there is one.
    #[inline]
    pub(crate) fn pop(&self) -> Option<T> {
        let mut turns = 0;
        loop {
            let word = self.head.0.load(Ordering::Relaxed);
            if word & LOCKED == 0 {
                let slot = self.slot(word);
                if slot.stamp.load(Ordering::Acquire) != Self::stamp(word) {
                    // Nothing lies there, unless what was seen of the head is old.
                    if self.head.0.load(Ordering::Acquire) == word {
                        return None;
                    }
                    continue;
                }
                if self.head.0.compare_exchange(word, word | LOCKED, Ordering::SeqCst, Ordering::Relaxed).is_ok() {
                    full_fence();
                    // SAFETY: this thread holds `head`, and the stamp, which it has read with `Acquire`, tells that the
                    // item lies there.
                    let item = unsafe { slot.item.take() };
                    self.head.0.store(word.wrapping_add(STEP), Ordering::Release);
                    return Some(item);
                }
            }
            relax(&mut turns);
        }
    }

    /// Takes all items, the oldest first: nobody pops one of them meanwhile.
    pub(crate) fn pop_all(&self) -> [Option<T>; LANE] {
        let mut turns = 0;
        let mut word = loop {
            let word = self.head.0.load(Ordering::Relaxed) & !LOCKED;
            if self.head.0.compare_exchange(word, word | LOCKED, Ordering::SeqCst, Ordering::Relaxed).is_ok() {
                break word;
            }
            relax(&mut turns);
        };
        let items = std::array::from_fn(|_| {
            let slot = self.slot(word);
            if slot.stamp.load(Ordering::Acquire) != Self::stamp(word) {
                return None;
            }
            word = word.wrapping_add(STEP);
            // SAFETY: as in `pop`.
            Some(unsafe { slot.item.take() })
        });
        self.head.0.store(word, Ordering::Release);
        items
    }

    /// Whether a pop would find something. The answer may be old when it arrives.
    #[inline]
    pub(crate) fn is_ready(&self) -> bool {
        let word = self.head.0.load(Ordering::Relaxed) & !LOCKED;
        self.slot(word).stamp.load(Ordering::Acquire) == Self::stamp(word)
    }

    /// How many items lie in it. The answer may be old when it arrives.
    pub(crate) fn len(&self) -> usize {
        let head = self.head.0.load(Ordering::Acquire);
        Self::between(head, self.tail.0.word.load(Ordering::Acquire)).min(LANE)
    }

    fn between(head: usize, tail: usize) -> usize {
        (tail & !(LOCKED | CLOSED)).wrapping_sub(head & !LOCKED) / STEP
    }

    /// Lets who is pushing or popping right now go on.
    pub(crate) fn settle(&self) {
        if (self.tail.0.word.load(Ordering::Relaxed) | self.head.0.load(Ordering::Relaxed)) & LOCKED != 0 {
            self.patience.wait();
        }
    }

    /// Whether it holds nothing and nobody is pushing, for who has announced that it waits.
    pub(crate) fn is_idle(&self) -> bool {
        full_fence();
        let tail = self.tail.0.word.load(Ordering::SeqCst);
        tail & LOCKED == 0 && tail & !CLOSED == self.head.0.load(Ordering::SeqCst)
    }

    /// Whether it holds `limit` items and nobody is popping, for who has announced that it waits.
    pub(crate) fn is_stuffed(&self, limit: usize) -> bool {
        full_fence();
        let head = self.head.0.load(Ordering::SeqCst);
        head & LOCKED == 0 && Self::between(head, self.tail.0.word.load(Ordering::SeqCst)) >= limit
    }

    /// Refuses pushers from now on.
    pub(crate) fn close(&self) {
        if let Some(mut pusher) = self.pusher() {
            pusher.word |= CLOSED;
        }
    }
}

impl<T> Pusher<'_, T> {
    /// How many items lie in the lane, not more than that.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.lane.tail.0.seen_head.set(self.lane.head.0.load(Ordering::Acquire));
        self.seen()
    }

    #[inline(always)]
    fn seen(&self) -> usize {
        Lane::<T>::between(self.lane.tail.0.seen_head.get(), self.word)
    }

    /// Whether another item would be one of `limit` at most. A limit is at least 1; of those above the size of the lane the
    /// size counts.
    #[inline]
    pub(crate) fn has_room(&self, limit: usize) -> bool {
        let limit = limit.min(LANE);
        self.seen() < limit || self.len() < limit
    }

    /// Pushes. The lane must have room.
    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        let slot = self.lane.slot(self.word);
        // SAFETY: this thread holds `tail`, and there is room: what lay in the slot was taken before `head`, which was read
        // with `Acquire`, said so.
        unsafe { slot.item.put(item) };
        slot.stamp.store(Lane::<T>::stamp(self.word), Ordering::Release);
        self.word = self.word.wrapping_add(STEP);
    }
}

impl<T> Drop for Pusher<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lane.tail.0.word.store(self.word, Ordering::Release);
    }
}

impl<T> Drop for Lane<T> {
    fn drop(&mut self) {
        drop(self.pop_all());
    }
}
