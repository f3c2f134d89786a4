//! [`Commons`]: the graphs that an interpreter knows, and what it has sent of its own.
//!
//! Invariant: whoever holds a common object of a graph holds the graph, by this table or by something that this interpreter keeps
//! until its end (its origin, a frozen graph). A graph that is freed may go from the table at any time.
#![expect(unsafe_code, reason = "references by address")]

use super::{Graph, Parcel};
use crate::gc::each_reference;
use crate::heap::Heap;
use crate::object::{Header, Kind, flag};
use crate::types::typeobj::tflag;
use hashbrown::HashMap;
use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::Arc;

/// Graphs that are known before freed ones are looked for.
const MIN_KNOWN: usize = 64;

/// What an interpreter has in common with others. Dropped after its heap.
#[derive(Default)]
pub(crate) struct Commons {
    known: RefCell<HashMap<usize, Arc<Graph>>>,
    /// As many graphs may be known before freed ones are looked for.
    allowed: Cell<usize>,
    /// By address: what was sent of this interpreter's own objects.
    sent: RefCell<HashMap<usize, Parcel>>,
}

impl Commons {
    /// Holds a graph from now on.
    pub(super) fn know(&self, graph: &Arc<Graph>) {
        let mut known = self.known.borrow_mut();
        if known.contains_key(&Arc::as_ptr(graph).addr()) {
            return;
        }
        graph.each(&mut |graph| drop(known.insert(Arc::as_ptr(graph).addr(), graph.clone())));
        if known.len() > self.allowed.get().max(MIN_KNOWN) {
            known.retain(|_, graph| !graph.is_freed());
            self.allowed.set(known.len() * 2);
        }
    }

    /// What was sent of an object before.
    pub(super) fn sent(&self, h: &Header) -> Option<Parcel> {
        // What never dies is not marked.
        if !h.has(flag::SENT) && !h.is_immortal() {
            return None;
        }
        self.sent.borrow().get(&ptr::from_ref(h).addr()).cloned()
    }

    /// Remembers what was sent of an object.
    pub(super) fn remember(&self, h: &Header, parcel: Parcel) {
        if !h.is_immortal() {
            h.set(flag::SENT);
        }
        self.sent.borrow_mut().insert(ptr::from_ref(h).addr(), parcel);
    }

    /// An object that was sent dies.
    #[cold]
    pub(crate) fn forget(&self, h: &Header) {
        let parcel = self.sent.borrow_mut().remove(&ptr::from_ref(h).addr());
        drop(parcel);
    }

    /// Forgets what was sent: it will be copied again.
    pub(crate) fn forget_all(&self) {
        let sent = self.sent.take();
        drop(sent);
    }

    /// The interpreter becomes an origin: whatever is reached from it may be referred to without being counted.
    pub(crate) fn pin(&self) {
        self.forget_all();
        self.known.borrow().values().for_each(|graph| graph.pin());
    }

    /// The heap is about to go by the page: gives the references of its objects back where somebody else knows the graph.
    pub(crate) fn let_go(&self, heap: &Heap) {
        self.forget_all();
        self.known.borrow_mut().retain(|_, graph| !graph.is_freed());
        if self.known.borrow().values().all(|graph| Arc::strong_count(graph) == 1) {
            return;
        }
        heap.each_object(&mut |h| {
            if !is_dropped(h) {
                each_reference(h, &mut |child| {
                    if child.is_common() && child.dec() {
                        // SAFETY: the object's count has become zero; nobody looks at the words of this heap any more.
                        unsafe { super::release(child) };
                    }
                });
            }
        });
    }
}

/// Whether an object's references are released in another way, or were never counted.
fn is_dropped(h: &Header) -> bool {
    h.is_immortal() || h.has(flag::DYING | flag::EXTERNAL) || h.kind() == Kind::Type || h.ty().has(tflag::RESOURCE)
}
