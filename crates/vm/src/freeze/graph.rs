//! [`Graph`]: what keeps a frozen graph in place, and the graphs that an interpreter knows.
//!
//! The number of an object's graph stands in its header, beside the mark that it never dies. An interpreter holds every
//! graph of which it made or received an object until it ends; so does a message on its way. When the last of them lets go,
//! what the objects hold outside of their heap is dropped, and their pages go back if their heap is gone.
//!
//! Invariant: a graph refers to objects of the frozen image, of itself and of graphs that are older; so graphs that keep each
//! other form no cycle.
#![expect(unsafe_code, reason = "objects by address, shared between threads because nobody writes them")]

use super::twin::Twins;
use crate::common;
use crate::error::PyResult;
use crate::heap::{Keeper, external_release};
use crate::image::Image;
use crate::object::Header;
use crate::origin::Origin;
use crate::shape::Shape;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::HashMap;
use std::cell::RefCell;
use std::fmt;
use std::ptr;
use std::sync::Arc;

/// What an object of a graph holds outside of its heap.
pub(super) enum Resource {
    /// A class: its shapes.
    Class(*mut Header),
    /// Content that lies elsewhere.
    External(*const Header),
    /// A payload, and how it is dropped.
    Payload(*mut Header, unsafe fn(*mut Header)),
}

/// A frozen graph.
pub struct Graph {
    pub(super) id: u32,
    /// The image of the interpreters that may know it.
    pub(super) image: *const Image,
    pub(super) n_objects: usize,
    pub(super) resources: Vec<Resource>,
    /// The shapes of its instances. They are boxed: instances know their addresses.
    #[expect(clippy::vec_box, reason = "their addresses are known")]
    pub(super) _shapes: Vec<Box<Shape>>,
    /// The memory of its objects, once their heap is gone.
    pub(super) memory: Arc<Keeper>,
    /// Older graphs that it refers to.
    pub(super) _older: Vec<Arc<Graph>>,
    /// Graphs of common objects that it refers to.
    pub(super) _commons: Vec<Arc<common::Graph>>,
    /// Where its interpreter started, whose objects it refers to.
    pub(super) _origin: Option<Arc<Origin>>,
    /// Identities of objects that were copies of an origin's, by address.
    pub(super) identities: HashMap<usize, u64>,
}

// SAFETY: nobody writes the objects; the resources are dropped once, when nobody looks at them any more, and may be dropped
// by any thread: natives that may be frozen promise it.
unsafe impl Send for Graph {}
// SAFETY: as above.
unsafe impl Sync for Graph {}

impl Graph {
    /// Its number, which no other graph of the process has.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Has the system end the process if anything writes to what is left of its heap, for tests of that nobody does. Once the
    /// interpreter that froze it has ended, that is the chunks that its objects lie in.
    pub fn set_read_only(&self, on: bool) {
        self.memory.protect(on);
    }

    /// How many objects were frozen with it.
    pub fn n_objects(&self) -> usize {
        self.n_objects
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        for resource in self.resources.drain(..) {
            // SAFETY: nobody knows the graph any more, so nobody looks at its objects; the memory is given back after this.
            unsafe {
                match resource {
                    Resource::Class(at) => ptr::drop_in_place(at.add(1).cast::<TypeObj>()),
                    Resource::External(at) => external_release(&*at),
                    Resource::Payload(at, drop) => drop(at),
                }
            }
        }
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph").field("id", &self.id).field("n_objects", &self.n_objects).finish_non_exhaustive()
    }
}

/// The graphs that an interpreter knows. Dropped after its heap, which may refer to them.
#[derive(Default)]
pub struct Known(RefCell<HashMap<u32, Arc<Graph>>>);

impl Known {
    pub(super) fn add(&self, graph: Arc<Graph>) {
        self.0.borrow_mut().entry(graph.id).or_insert(graph);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// The identity of an object of a graph, which all interpreters tell it by.
    pub(crate) fn identity(&self, h: &Header) -> u64 {
        let at = ptr::from_ref(h).addr();
        let kept = self.0.borrow().get(&h.graph_id()).and_then(|g| g.identities.get(&at).copied());
        kept.unwrap_or(at as u64)
    }

    /// What another interpreter knows, too.
    pub(crate) fn add_all(&self, other: &Known) {
        // SAFETY: the other is an origin's, which is never written.
        let other = unsafe { &*other.0.as_ptr() };
        self.0.borrow_mut().extend(other.iter().map(|(id, graph)| (*id, graph.clone())));
    }

    pub(super) fn get(&self, id: u32) -> Option<Arc<Graph>> {
        self.0.borrow().get(&id).cloned()
    }
}

/// A frozen object on its way to another interpreter: the graph, and where the object lies.
#[derive(Clone, Debug)]
pub struct Parcel {
    graph: Arc<Graph>,
    word: u64,
}

impl Parcel {
    /// The graph that the object belongs to.
    pub fn graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    /// Whether both are the same object.
    pub fn is(&self, other: &Parcel) -> bool {
        self.word == other.word
    }
}

impl Vm {
    /// Whether this interpreter has frozen something or received something frozen.
    pub fn knows_frozen(&self) -> bool {
        !self.known_graphs().is_empty()
    }

    /// What is sent of a frozen object; `None` if the value is no object of a frozen graph.
    #[inline]
    pub fn frozen_parcel(&self, value: &Value) -> Option<Parcel> {
        let id = value.header().filter(|h| h.is_frozen())?.graph_id();
        let graph = if id == 0 { None } else { self.known_graphs().get(id) };
        graph.map(|graph| Parcel { graph, word: value.bits() })
    }

    /// The object that was sent, which is the very same. `RuntimeError` if it was sent from interpreters of another image.
    pub fn receive_frozen(&self, parcel: &Parcel) -> PyResult {
        if !ptr::eq(parcel.graph.image, self.image()) {
            return Err(self.runtime_error("a frozen object of another runtime"));
        }
        self.known_graphs().add(parcel.graph.clone());
        // SAFETY: the word is an object of the graph, which this interpreter keeps from now on; nobody counts references.
        Ok(unsafe { Value::from_bits(parcel.word) })
    }

    /// Keeps a value until this interpreter ends.
    pub(crate) fn keep_for_good(&self, value: Value) {
        self.twins.keep(value);
    }

    pub(super) fn twins(&self) -> &Twins {
        &self.twins
    }
}
