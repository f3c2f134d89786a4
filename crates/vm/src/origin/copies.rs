//! The copies that a machine has of an origin's objects.
//!
//! A copy is made in two steps: a block with the words of the original, known in the table from then on, and later the
//! replacement of what in it points to originals. The second steps wait in a list, so that cycles end and deep structures use
//! no native stack. No Python code runs before the list is empty.
#![expect(unsafe_code, reason = "objects are copied word by word")]

use super::check::copying;
use super::{Copying, kinds};
use crate::cell::VCell;
use crate::heap::Heap;
use crate::instance;
use crate::object::{Header, Kind, Payload, flag};
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::HashMap;
use std::cell::{Cell, RefCell};
use std::ptr;

/// Flags that a copy takes over.
const KEPT: u16 = flag::ASCII | flag::FINALIZED | flag::EXTERNAL | flag::GC_FROZEN;

/// The copies of one machine.
#[derive(Default)]
pub(crate) struct Copies {
    /// Copy by original, as addresses of headers.
    to: RefCell<HashMap<usize, usize>>,
    /// Original by copy.
    from: RefCell<HashMap<usize, usize>>,
    /// Shapes by those of the origin.
    pub(super) shapes: RefCell<HashMap<usize, usize>>,
    /// Copies that are not complete.
    open: RefCell<Vec<(usize, usize)>>,
    working: Cell<bool>,
    /// Which of the origin's prepared modules this machine has taken; empty: none.
    pub(super) taken: RefCell<Vec<bool>>,
}

impl Copies {
    /// The original of a copy.
    pub(super) fn original(&self, copy: &Header) -> Option<&Header> {
        // SAFETY: nobody changes the table meanwhile; that of an origin is looked at by many threads, and never changed.
        let at = unsafe { &*self.from.as_ptr() }.get(&ptr::from_ref(copy).addr()).copied()?;
        // SAFETY: originals live as long as the machine.
        Some(unsafe { &*(at as *const Header) })
    }

    /// The copy of an original, if there is one.
    pub(super) fn known(&self, original: &Header) -> Option<&Header> {
        // SAFETY: as in `original`; a dying copy takes itself out of the table.
        unsafe {
            let copy = (&*self.to.as_ptr()).get(&ptr::from_ref(original).addr())?;
            Some(&*(*copy as *const Header))
        }
    }

    /// Whether there is a copy of an original.
    pub(crate) fn has_copy_of(&self, original: &Header) -> bool {
        self.known(original).is_some()
    }

    /// A copy dies: nothing stands for it any more.
    #[cold]
    pub(crate) fn forget(&self, copy: &Header) {
        if let Some(original) = self.from.borrow_mut().remove(&ptr::from_ref(copy).addr()) {
            self.to.borrow_mut().remove(&original);
        }
    }
}

/// Makes copies. What was begun is complete when the last one is dropped.
pub struct Copier<'a> {
    vm: &'a Vm,
    outermost: bool,
}

impl<'a> Copier<'a> {
    pub(super) fn new(vm: &'a Vm) -> Copier<'a> {
        Copier { vm, outermost: !vm.copies().working.replace(true) }
    }

    /// The machine that gets the copies.
    pub fn vm(&self) -> &'a Vm {
        self.vm
    }

    /// What stands in a copy where the original has `v`: the copy of that, or itself. The reference is the one that the
    /// original's stood for: each is to be taken once.
    pub fn take(&self, v: &Value) -> Value {
        match v.header() {
            Some(h) if h.has(flag::ORIGINAL) => self.take_original(h),
            _ => v.clone(),
        }
    }

    /// The word of what stands in a copy where the original has `v`; no reference is taken.
    pub fn word(&self, v: &Value) -> u64 {
        match v.header() {
            Some(h) if h.has(flag::ORIGINAL) => ptr::from_ref(self.copy_of(h)).addr() as u64,
            _ => v.bits(),
        }
    }

    /// As [`Copier::take`], for a field.
    pub fn cell(&self, cell: &VCell) -> VCell {
        // SAFETY: the cell is an origin's, which is not written.
        VCell::from(unsafe { cell.peek() }.map(|v| self.take(v)))
    }

    /// Looks into a cell of interpreter-local storage of an origin without marking it borrowed.
    pub fn look<'c, T>(&self, cell: &'c RefCell<T>) -> &'c T {
        // SAFETY: origins are never written, so nobody borrows the cell mutably.
        unsafe { &*cell.as_ptr() }
    }

    /// Gives a field of a copy a value of its own, where it has the words of the original's. For the functions of
    /// [`Copying::Then`], of the copy they are called for.
    ///
    /// # Panics
    /// If the copy has another layout, or the field does not lie in it.
    pub fn renew<T: Payload, F>(&self, copy: &Header, field: impl Fn(&T) -> &F, own: impl FnOnce(&F) -> F) {
        assert!(copy.has(flag::COPY) && T::matches(copy), "not the copy that is completed");
        // SAFETY: the layout was just checked.
        let field = field(unsafe { copy.payload_unchecked::<T>() });
        let (start, at) = (ptr::from_ref(copy).addr(), ptr::from_ref(field).addr());
        assert!((start..start + Heap::block_size(copy)).contains(&at), "not a field of the copy");
        let value = own(field);
        // SAFETY: the field lies in the copy, which nobody else knows yet; the words in it are the original's to drop.
        unsafe { ptr::write(ptr::with_exposed_provenance_mut::<F>(at), value) };
    }

    pub(super) fn take_original(&self, original: &Header) -> Value {
        // SAFETY: the count of the copy has the reference already.
        unsafe { Value::from_bits(ptr::from_ref(self.copy_of(original)).addr() as u64) }
    }

    /// A new reference to the copy of an object, or to itself if it is none that is copied.
    pub(super) fn get(&self, h: &Header) -> Value {
        let own = if h.has(flag::ORIGINAL) { self.copy_of(h) } else { h };
        // SAFETY: a copy is alive until the last reference to it goes, which would have been in its count.
        unsafe { Value::from_header(own) }
    }

    /// The copy, begun now if there is none.
    pub(super) fn copy_of(&self, original: &Header) -> &'a Header {
        let vm: &'a Vm = self.vm;
        let original = vm.origin().map_or(original, |o| o.latest(original));
        match vm.copies().known(original) {
            Some(copy) => copy,
            None => self.begin(original),
        }
    }

    /// A block with the words of the original, and its place in the table.
    fn begin(&self, original: &Header) -> &'a Header {
        let class = Header::of(original.ty());
        // Instances count their class: the reference goes with the copy.
        let class = if class.has(flag::ORIGINAL) { self.copy_of(class) } else { class };
        let size = Heap::block_size(original);
        // SAFETY: classes have the layout of classes, and live as long as their instances.
        let ty = unsafe { class.payload_unchecked() };
        let block = self.vm.heap().new_object(size, original.kind(), ty);
        // SAFETY: both blocks have that size; the words behind the header become the copy's own in `complete`.
        let copy = unsafe {
            let head = size_of::<Header>();
            let from = ptr::from_ref(original).cast::<u8>().add(head);
            ptr::copy_nonoverlapping(from, block.as_ptr().cast::<u8>().add(head), size - head);
            &*block.as_ptr()
        };
        copy.set_count(original.count_before());
        copy.set(original.flags(KEPT) | flag::COPY);
        if copy.kind().may_hold_resources() || copy.has(flag::EXTERNAL) {
            self.vm.heap().note_resource(block);
        }
        if copy.kind() == Kind::Type {
            kinds::begin_class(copy);
        }
        let (from, to) = (ptr::from_ref(original).addr(), block.as_ptr().addr());
        let copies = self.vm.copies();
        copies.to.borrow_mut().insert(from, to);
        copies.from.borrow_mut().insert(to, from);
        copies.open.borrow_mut().push((from, to));
        if self.vm.origin().is_some_and(|o| o.watched == from as u64) {
            self.vm.hooks().reached_watched(self.vm);
        }
        copy
    }

    /// Replaces everything in a copy that points to originals.
    fn complete(&self, original: &Header, copy: &Header) {
        let (start, size) = (ptr::from_ref(copy).addr(), Heap::block_size(copy));
        let mut replace = |v: &Value| {
            let at = ptr::from_ref(v).addr();
            // What lies elsewhere is for the layout's own function.
            if !(start..start + size).contains(&at) {
                return;
            }
            if let Some(h) = v.header().filter(|h| h.has(flag::ORIGINAL)) {
                let word = self.take_original(h).into_bits();
                // SAFETY: the word lies in the block, which nobody else knows yet; it stood for no counted reference.
                unsafe { copy.word_at(at - start) }.set(word);
            }
        };
        let ty = copy.ty();
        // SAFETY: the class of an object knows its layout.
        unsafe { (ty.traverse_fn)(copy, &mut replace) };
        instance::own_attrs(self, copy);
        if original.has(flag::WEAK) {
            self.copy_callbacks(original);
        }
        if copy.has(flag::EXTERNAL) {
            // SAFETY: the words of the original's, whose content lives as long as the origin.
            unsafe { crate::heap::external::borrow_content(copy) };
        }
        if let Copying::Then(then) = copying(original) {
            then(self, copy);
        }
    }

    /// Weak references whose callback waits for the end of an object come with it.
    fn copy_callbacks(&self, original: &Header) {
        let Some(origin) = self.vm.origin() else { return };
        for reference in origin.weak_to(original) {
            // SAFETY: objects of an origin live as long as it does.
            self.copy_of(unsafe { &**reference });
        }
    }
}

impl Drop for Copier<'_> {
    fn drop(&mut self) {
        if !self.outermost {
            return;
        }
        loop {
            let next = self.vm.copies().open.borrow_mut().pop();
            let Some((from, to)) = next else { break };
            // SAFETY: both are alive: nothing was dropped since the copy was begun.
            unsafe { self.complete(&*(from as *const Header), &*(to as *const Header)) };
        }
        self.vm.copies().working.set(false);
    }
}
