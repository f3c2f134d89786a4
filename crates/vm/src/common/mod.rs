//! Immutable values that interpreters have in common: long tuples, frozensets and big integers cross by reference.
//!
//! When such a value is sent for the first time, a copy of it is made in a small heap that belongs to no interpreter, a
//! [`Graph`] ([`build`]); [`survey`] says before whether that is possible. Every interpreter that receives it refers to the very
//! same objects, whose counts are atomic ([`crate::object::Header`]); nothing else of them is ever written. The sender's table
//! knows what it has sent ([`table`]), so that sending it again, or sending on what was received, copies nothing. Where the
//! image is another, the value is built anew ([`rebuild`]).
//!
//! An object refers to others of its graph by counted references, so that each dies when nobody has it any more. The graph's
//! memory goes with the last of its objects.
//!
//! An interpreter that ends does not visit its objects, so the references among them would stay counted. It therefore holds
//! every graph that it knows; where others know one of them too, its objects are visited for that ([`table`]). A reference that is
//! missed costs memory until the last of them ends, and no more.
//!
//! Invariant: a common object refers to immediates, to the frozen image, and to common objects of its graph or of older ones.
#![expect(unsafe_code, reason = "objects by address, shared between threads because nobody writes them")]

mod build;
mod rebuild;
mod survey;
mod table;

pub use build::Lend;
pub use survey::Survey;
pub(crate) use table::Commons;

use crate::error::PyResult;
use crate::gc::each_reference;
use crate::heap::{Heap, heap_of};
use crate::image::Image;
use crate::object::{Header, Kind};
use crate::types::set::Set;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use std::fmt;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering, fence};

/// Objects that interpreters have in common, and the heap that they lie in.
pub(crate) struct Graph {
    /// The image of the interpreters that may know it.
    image: *const Image,
    /// Null once it is freed.
    heap: AtomicPtr<Heap>,
    /// Objects that have references.
    n_alive: AtomicUsize,
    /// Whether all of it crosses without a fallback.
    is_native: bool,
    /// How deep it nests.
    depth: u32,
    /// Older graphs that it refers to, and those that they refer to.
    older: Vec<Arc<Graph>>,
}

// SAFETY: nobody writes the objects but their counts, which are atomic; the heap is dropped once, when nobody looks at them any
// more. What it holds outside may be dropped by any thread: big integers, and leases, which are `Send`.
unsafe impl Send for Graph {}
// SAFETY: as above.
unsafe impl Sync for Graph {}

impl Graph {
    /// The graph of a common object.
    pub(crate) fn of(h: &Header) -> Arc<Graph> {
        debug_assert!(h.is_common());
        // SAFETY: a common object lies in its graph's heap, which knows the graph. Whoever has the object holds the graph, or
        // holds something that does.
        unsafe {
            let graph = heap_of(h).graph();
            Arc::increment_strong_count(graph);
            Arc::from_raw(graph)
        }
    }

    /// Itself and the older ones that it refers to.
    pub(crate) fn each(self: &Arc<Graph>, f: &mut dyn FnMut(&Arc<Graph>)) {
        self.older.iter().chain([self]).for_each(f);
    }

    fn is_freed(&self) -> bool {
        self.heap.load(Ordering::Acquire).is_null()
    }

    /// Gives the memory back.
    fn free(&self) {
        let heap = self.heap.swap(ptr::null_mut(), Ordering::AcqRel);
        if !heap.is_null() {
            // SAFETY: it was a box, and is taken once.
            let heap = unsafe { Box::from_raw(heap) };
            if !self.older.is_empty() {
                self.let_go_of_older(&heap);
            }
            heap.teardown();
        }
    }

    /// Objects that still count as alive, because references to them were missed, hold references to those of older graphs.
    fn let_go_of_older(&self, heap: &Heap) {
        heap.each_object(&mut |h| {
            if h.is_unreferenced_common() {
                return;
            }
            each_reference(h, &mut |child| {
                // SAFETY: a common object's heap knows its graph; the count has become zero.
                unsafe {
                    if child.is_common() && !ptr::eq(heap_of(child).graph(), self) && child.dec() {
                        release(child);
                    }
                }
            });
        });
    }

    /// Lets all of it live for as long as somebody holds the graph.
    fn pin(&self) {
        let hold = |n: usize| if n == 0 { None } else { Some(n + 1) };
        if self.n_alive.fetch_update(Ordering::Acquire, Ordering::Relaxed, hold).is_ok() {
            // SAFETY: it is not freed while one more object counts as alive.
            let heap = unsafe { &*self.heap.load(Ordering::Acquire) };
            heap.each_object(&mut |h| h.pin_common());
        }
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        self.free();
    }
}

/// Releases a common object whose last reference went, and what dies with it.
///
/// # Safety
/// The object's count has just become zero.
#[cold]
pub(crate) unsafe fn release(h: &Header) {
    if !h.is_common() {
        return;
    }
    // What others did with the objects comes before what is done now.
    fence(Ordering::Acquire);
    let mut dead: Vec<*const Header> = Vec::new();
    let mut next: *const Header = h;
    loop {
        // SAFETY: the memory of a dead object stays until it is counted as dead, below.
        let h = unsafe { &*next };
        let let_go = |v: &Value| {
            if let Some(child) = v.header().filter(|c| c.dec() && c.is_common()) {
                fence(Ordering::Acquire);
                dead.push(child);
            }
        };
        match h.kind() {
            // SAFETY: the kind says what the payload is.
            Kind::Tuple => unsafe { h.payload_unchecked::<Tuple>() }.as_slice().iter().for_each(let_go),
            // SAFETY: as above.
            Kind::Set => unsafe { h.payload_unchecked::<Set>() }.keys_ref().for_each(let_go),
            _ => {}
        }
        // SAFETY: the graph is freed with the last of its objects, and known to whoever has let go of one.
        let graph = unsafe { &*heap_of(h).graph() };
        if graph.n_alive.fetch_sub(1, Ordering::AcqRel) == 1 {
            graph.free();
        }
        match dead.pop() {
            Some(more) => next = more,
            None => return,
        }
    }
}

/// A common object on its way to another interpreter.
pub struct Parcel {
    graph: Arc<Graph>,
    /// A counted reference.
    word: u64,
}

impl Parcel {
    /// A parcel of a common object.
    fn of(value: &Value) -> Option<Parcel> {
        let h = value.header().filter(|h| h.is_common())?;
        Some(Parcel { graph: Graph::of(h), word: value.clone().into_bits() })
    }

    fn header(&self) -> &Header {
        // SAFETY: the word is that of an object, which the reference keeps.
        unsafe { &*(self.word as *const Header) }
    }

    /// Whether all of it crosses without a fallback.
    pub fn is_native(&self) -> bool {
        self.graph.is_native
    }

    /// The value, for as long as the parcel is there.
    fn value(&self) -> std::mem::ManuallyDrop<Value> {
        // SAFETY: the reference stays the parcel's own.
        std::mem::ManuallyDrop::new(unsafe { Value::from_bits(self.word) })
    }
}

impl Clone for Parcel {
    fn clone(&self) -> Parcel {
        self.header().inc();
        Parcel { graph: self.graph.clone(), word: self.word }
    }
}

impl Drop for Parcel {
    fn drop(&mut self) {
        // SAFETY: the parcel's reference is released once, while it holds the graph.
        drop(unsafe { Value::from_bits(self.word) });
    }
}

impl fmt::Debug for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parcel").field("word", &self.word).finish_non_exhaustive()
    }
}

impl Vm {
    /// What is sent of a tuple, frozenset or int that interpreters have in common, or that was sent before.
    #[inline]
    pub fn common_parcel(&self, value: &Value) -> Option<Parcel> {
        let h = value.header()?;
        if h.is_common() { Parcel::of(value) } else { self.commons().sent(h) }
    }

    /// Makes a copy of a value that interpreters may have in common. `lend` keeps long content where it is. `MemoryError` if this
    /// interpreter may not have that much memory.
    pub fn make_common(&self, value: &Value, survey: &Survey, lend: &mut Lend<'_>) -> PyResult<Parcel> {
        self.check_alloc(survey.bytes)?;
        let parcel = build::build(self, value, survey, lend);
        if let Some(h) = value.header() {
            self.commons().remember(h, parcel.clone());
        }
        Ok(parcel)
    }

    /// The object that was sent, which is the very same for all who receive it.
    pub fn receive_common(&self, parcel: &Parcel) -> PyResult {
        if !ptr::eq(parcel.graph.image, self.image()) {
            return rebuild::rebuild(self, &parcel.value());
        }
        self.commons().know(&parcel.graph);
        Ok((*parcel.value()).clone())
    }
}
