//! The end of a heap: what objects hold outside of it is dropped, pages go back, and what others still look at is kept.
//!
//! Invariant: no release walks on once a heap is dying, and no Python code runs.
#![expect(unsafe_code, reason = "frees memory by address")]

use super::chunk::{CHUNK, Chunk};
use super::keep::{self, Keeper, Range};
use super::{Heap, LARGE_HEAD, LargeHead, MAX_SMALL, external, raw, release};
use crate::object::{Header, Kind, flag};
use crate::types::typeobj::tflag;
use crate::value::Value;
use std::alloc::Layout;
use std::ptr;
use std::sync::Arc;

impl Heap {
    /// Lets the memory of `ranges` outlive the heap. What `exporters` hold outside of the heap is never freed: they are not
    /// dropped with it. For the last moment before the machine is dropped: no Python runs afterwards.
    pub fn keep_at_end(&self, ranges: &[Range], exporters: &[Value]) -> Arc<Keeper> {
        for exporter in exporters {
            if let Some(header) = exporter.header().filter(|h| !h.is_immortal() && h.ty().has(tflag::RESOURCE)) {
                // A free block is passed over when the objects are dropped.
                header.set(flag::FREE);
            }
        }
        let keeper = keep::Keeper::new(self.pool.clone());
        *self.lent.borrow_mut() = Some(keep::Lent { ranges: ranges.to_vec(), keeper: keeper.clone() });
        keeper
    }

    /// Frees a block of its own, or has it kept.
    ///
    /// # Safety
    /// Nothing of this interpreter uses the block any more.
    pub(super) unsafe fn free_or_keep(&self, head: *mut LargeHead, size: usize) {
        if let Some(frozen) = &*self.frozen.borrow()
            && frozen.blocks.contains(&(head as usize))
        {
            frozen.keeper.keep_block(head.cast(), size);
            self.hold_frozen(head as usize, size, &frozen.keeper);
            return;
        }
        match &*self.lent.borrow() {
            Some(lent) if lent.holds(head as usize, size) => lent.keeper.keep_block(head.cast(), size),
            // SAFETY: the caller's promise.
            _ => unsafe { std::alloc::dealloc(head.cast(), Layout::from_size_align_unchecked(size, 16)) },
        }
    }

    /// What is both frozen and lent stays for as long as either is needed.
    fn hold_frozen(&self, at: usize, size: usize, keeper: &Arc<Keeper>) {
        if let Some(lent) = &*self.lent.borrow()
            && lent.holds(at, size)
        {
            lent.keeper.hold(at, size, keeper.clone());
        }
    }

    /// Who keeps the memory of frozen objects when the heap is gone.
    pub(crate) fn frozen_keeper(&self) -> Arc<Keeper> {
        let mut frozen = self.frozen.borrow_mut();
        frozen.get_or_insert_with(|| keep::Frozen::new(self.pool.clone())).keeper.clone()
    }

    /// Has the block of a frozen object outlive the heap.
    ///
    /// # Safety
    /// The object belongs to this heap.
    pub(crate) unsafe fn keep_object(&self, header: &Header) {
        let at = ptr::from_ref(header).addr();
        if header.has(flag::LARGE) {
            self.keep_large(at);
        } else {
            // SAFETY: a block that is not large lies in a chunk, whose head is at its start.
            unsafe { (*((at & !(CHUNK - 1)) as *const Chunk)).frozen.set(true) };
        }
    }

    /// Has storage of `bytes` bytes (as they were asked for) outlive the heap.
    ///
    /// # Safety
    /// It was allocated from this heap, or there are no bytes.
    pub(crate) unsafe fn keep_storage(&self, at: usize, bytes: usize) {
        if bytes > MAX_SMALL {
            self.keep_large(at);
        } else if bytes > 0 {
            // SAFETY: as above.
            unsafe { (*((at & !(CHUNK - 1)) as *const Chunk)).frozen.set(true) };
        }
    }

    fn keep_large(&self, at: usize) {
        if let Some(frozen) = &mut *self.frozen.borrow_mut() {
            frozen.blocks.insert(at - LARGE_HEAD);
        }
    }

    /// Releases walk on no more.
    pub(crate) fn set_dying(&self) {
        self.dying.set(true);
    }

    /// Drops what objects hold outside the heap and marks the heap as dying, so that no release walks on. Chunks without
    /// such objects are not looked at.
    pub(crate) fn teardown(&self) {
        self.set_dying();
        let mut later = Vec::new();
        let mut end = |header: &Header| {
            if header.is_frozen() && header.is_immortal() && self.graph().is_null() {
                // Others may look at it; its graph drops what it holds.
            } else if header.kind() == Kind::Type {
                later.push(header as *const Header);
            } else if header.has(flag::EXTERNAL) {
                // SAFETY: the heap is dying: the content is let go of once and never looked at again.
                unsafe { external::release(header) };
            } else if header.ty().has(tflag::RESOURCE) {
                // SAFETY: the heap is dying: the payload is dropped once and never looked at again.
                unsafe { (header.ty().drop_fn)(header as *const Header as *mut Header) };
            }
        };
        for chunk in self.objects.chunks.borrow().iter() {
            // SAFETY: chunks of the heap have heads.
            if unsafe { chunk.as_ref() }.resources.get() {
                self.each_in_chunk(*chunk, 0, &mut end);
            }
        }
        self.each_large(ptr::null_mut(), &mut end);
        for header in later {
            // SAFETY: types go last, since the objects above were dropped through them.
            unsafe { release::drop_type(header as *mut Header) };
        }
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        let mut large = self.large.get();
        while !large.is_null() {
            // SAFETY: nothing refers to the blocks any more.
            unsafe {
                let LargeHead { next, size, .. } = *large;
                self.free_or_keep(large, size);
                large = next;
            }
        }
        raw::free_all_large(self);
        for area in [&self.objects, &self.raw] {
            let mut last = area.bump.get() as usize;
            for chunk in area.chunks.borrow_mut().drain(..).rev() {
                let base = chunk.as_ptr() as usize;
                let used = if (base..=base + CHUNK).contains(&last) { last - base } else { CHUNK };
                last = 0;
                // SAFETY: chunks of the heap have heads.
                if unsafe { chunk.as_ref() }.frozen.get()
                    && let Some(frozen) = &*self.frozen.borrow()
                {
                    frozen.keeper.keep_chunk(chunk, used);
                    self.hold_frozen(base, CHUNK, &frozen.keeper);
                    continue;
                }
                match &*self.lent.borrow() {
                    Some(lent) if lent.holds(base, CHUNK) => lent.keeper.keep_chunk(chunk, used),
                    _ => self.pool.give(chunk, used),
                }
            }
        }
    }
}
