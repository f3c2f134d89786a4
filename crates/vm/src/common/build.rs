//! Makes the common copy of an immutable value.
//!
//! Objects that the value has once the copy has once, too; how deep it nests costs no native stack.
//!
//! Invariant: what is copied has been surveyed, and nothing has run since.
#![expect(unsafe_code, reason = "objects are laid out by hand, in a heap that has no machine")]

use super::{Graph, Parcel, Survey};
use crate::heap::{External, Heap};
use crate::object::{Header, Kind};
use crate::types::bytes::Bytes;
use crate::types::complex::Complex;
use crate::types::int::Int;
use crate::types::set::Set;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::HashMap;
use std::any::Any;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicUsize};

/// Keeps the content of a long `str` or `bytes` where it is for as long as what it returns lives; `None`: it is to be copied.
pub type Lend<'a> = dyn FnMut(&Value, &[u8]) -> Option<Box<dyn Any + Send>> + 'a;

/// A copy that is being made.
pub(crate) struct Copying<'a, 'l> {
    vm: &'a Vm,
    pub(crate) heap: &'a Heap,
    /// Copies of what several refer to: address, and the copy.
    made: HashMap<usize, NonNull<Header>>,
    /// Containers whose copies are empty yet.
    open: Vec<(&'a Header, NonNull<Header>)>,
    older: HashMap<usize, Arc<Graph>>,
    lend: &'a mut Lend<'l>,
}

/// Makes the copy of a value that was surveyed.
pub(super) fn build(vm: &Vm, value: &Value, survey: &Survey, lend: &mut Lend<'_>) -> Parcel {
    let heap = Box::into_raw(Heap::new(vm.heap().pool()));
    // SAFETY: just made; the graph frees it.
    let own = unsafe { &*heap };
    let mut copying = Copying { vm, heap: own, made: HashMap::new(), open: Vec::new(), older: HashMap::new(), lend };
    let word = copying.copy(value).into_bits();
    while let Some((from, to)) = copying.open.pop() {
        copying.fill(from, to);
    }
    let graph = Arc::new(Graph {
        image: vm.image(),
        heap: AtomicPtr::new(heap),
        n_alive: AtomicUsize::new(own.n_objects()),
        is_native: survey.is_native,
        depth: survey.depth,
        older: copying.older.into_values().collect(),
    });
    own.set_graph(Arc::as_ptr(&graph));
    Parcel { graph, word }
}

impl<'a> Copying<'a, '_> {
    /// The copy of a value: a counted reference.
    #[inline]
    pub(crate) fn copy(&mut self, v: &'a Value) -> Value {
        match v.header() {
            None => v.clone(),
            Some(h) => self.copy_object(v, h),
        }
    }

    fn copy_object(&mut self, v: &'a Value, h: &'a Header) -> Value {
        if matches!(h.kind(), Kind::Tuple | Kind::Set | Kind::Int)
            && let Some(known) = self.vm.common_parcel(v)
        {
            self.refer(&known.graph);
            return (*known.value()).clone();
        }
        let once = h.ref_count() == Some(1);
        if !once && let Some(made) = self.made.get(&ptr::from_ref(h).addr()) {
            // SAFETY: it lies in the new heap.
            return unsafe { Value::from_header(made.as_ref()) };
        }
        match self.object(v, h) {
            Ok(made) => {
                if !once {
                    self.made.insert(ptr::from_ref(h).addr(), made);
                }
                // SAFETY: the object's one reference is this one.
                unsafe { Value::from_bits(made.as_ptr() as u64) }
            }
            Err(same) => same,
        }
    }

    /// Remembers that the copy refers to an object of an older graph.
    fn refer(&mut self, graph: &Arc<Graph>) {
        graph.each(&mut |graph| drop(self.older.insert(Arc::as_ptr(graph).addr(), graph.clone())));
    }

    /// A new object, or what stands for it in the image.
    fn object(&mut self, v: &'a Value, h: &'a Header) -> Result<NonNull<Header>, Value> {
        let (t, heap) = (self.vm.types(), self.heap);
        // SAFETY: the kind says what the payload is. A new object is complete, but for containers, before others see it.
        let made = unsafe {
            match h.kind() {
                Kind::Str => {
                    let s = h.payload_unchecked::<Str>();
                    if let Some(same) = s.well_known(self.vm) {
                        return Err(same);
                    }
                    let at = |p: &[u8]| NonNull::from(p).cast();
                    let elsewhere = (self.lend)(v, s.as_bytes()).map(|owner| External::new(at(s.as_bytes()), owner));
                    s.copy_to(self.vm, heap, elsewhere)
                }
                Kind::Bytes => {
                    let b = h.payload_unchecked::<Bytes>();
                    if b.is_empty() {
                        return Err(self.vm.image().empty_bytes());
                    }
                    let at = |p: &[u8]| NonNull::from(p).cast();
                    let elsewhere = (self.lend)(v, b.as_bytes()).map(|owner| External::new(at(b.as_bytes()), owner));
                    b.copy_to(self.vm, heap, elsewhere)
                }
                Kind::Int => {
                    let value = h.payload_unchecked::<Int>().value.clone();
                    let made = heap.new_object(size_of::<Header>() + size_of::<Int>(), Kind::Int, t.int);
                    made.add(1).cast::<Int>().write(Int { value });
                    heap.note_resource(made);
                    made
                }
                Kind::Complex => {
                    let c = h.payload_unchecked::<Complex>();
                    let made = heap.new_object(size_of::<Header>() + size_of::<Complex>(), Kind::Complex, t.complex);
                    made.add(1).cast::<Complex>().write(Complex { re: c.re, im: c.im });
                    made
                }
                Kind::Tuple => {
                    let n = h.payload_unchecked::<Tuple>().len();
                    if n == 0 {
                        return Err(self.vm.image().empty_tuple());
                    }
                    let made = heap.new_object(Tuple::ITEMS + n * 8, Kind::Tuple, t.tuple);
                    self.open.push((h, made));
                    made
                }
                Kind::Set => {
                    let made = heap.new_object(size_of::<Header>() + size_of::<Set>(), Kind::Set, t.frozenset);
                    made.add(1).cast::<Set>().write(Set::new(heap.alloc()));
                    self.open.push((h, made));
                    made
                }
                _ => unreachable!("a survey has let it through"),
            }
        };
        // SAFETY: just made.
        unsafe { made.as_ref() }.make_common();
        Ok(made)
    }

    /// Completes the copy of a container.
    fn fill(&mut self, from: &'a Header, to: NonNull<Header>) {
        // SAFETY: the kind says what the payloads are; the copy has room, and nobody else knows it.
        unsafe {
            if from.kind() == Kind::Tuple {
                let tuple = from.payload_unchecked::<Tuple>();
                Tuple::fill(to, tuple.as_slice().iter().map(|item| self.copy(item)));
            } else {
                let set = from.payload_unchecked::<Set>();
                set.copy_to(to.as_ref().payload_unchecked::<Set>(), self.heap.alloc(), &mut |key| self.copy(key));
            }
        }
    }
}
