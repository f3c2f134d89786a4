//! Origins: machines that have run and stand still, from which others start.
//!
//! An origin's objects are never written again. What can never change (texts, numbers, tuples and frozensets of such) every
//! machine that starts from it uses as it lies there. Everything else is an *original*: a machine gets a copy of its own
//! when it first reaches it. Dicts are the places where that stops: the copy of a dict looks into the original's entries,
//! and copies a value when somebody reads it (`types::dict::lazy`). So a machine that starts from an origin with a thousand
//! classes costs a few objects, and a class costs when it is used.
//!
//! A copy's identity is its original's: `id()` and hashes by identity are the same in all machines, so that dicts and sets
//! keep their places. A copy's count of references is that of the original from the start: references that were not copied
//! yet are among them, and the copy that takes such a reference over counts nothing.
//!
//! Rooms: this file has the origin and how a machine starts from one; [`check`] what can be copied; [`copies`] the copies of
//! one machine; [`kinds`] what each layout does about it; [`local`] interpreter-local storage; [`prepared`] modules that machines take by
//! name.
//!
//! Invariant: nothing writes to an origin, so that threads may share it. No original is reachable from a running machine but
//! through an entry of a lazy dict.
#![expect(unsafe_code, reason = "an origin is shared between threads")]

mod check;
mod copies;
mod kinds;
mod local;
mod prepared;

pub use check::Refusal;
pub use copies::Copier;
pub(crate) use copies::Copies;
pub use kinds::Copying;
pub(crate) use kinds::own_shape;
pub use local::Local;
pub(crate) use local::{Storage, Stored};
pub use prepared::{Prepared, PreparedModule};

use crate::heap::{ChunkPool, Heap};
use crate::image::part::PartKey;
use crate::object::{Header, flag};
use crate::types::function::Function;
use crate::types::str::Str;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::{HashMap, HashTable};
use serpens_lock::Breaker;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A machine that stands still.
pub struct Origin {
    interned: HashTable<Value>,
    parts: HashMap<PartKey, Value>,
    subclasses: HashMap<usize, Vec<usize>>,
    storage: Storage,
    /// Weak references with a callback, by the address of the object.
    weak: HashMap<usize, Vec<*const Header>>,
    builtins: Option<Value>,
    modules: Option<Value>,
    sys: Option<Value>,
    /// The word of an original: machines are told when they reach it.
    watched: u64,
    prepared: Prepared,
    dict_version: u64,
    type_version: u32,
    read_only: AtomicBool,
    /// Last: its heap holds all of the above.
    vm: Box<Vm>,
}

// SAFETY: an origin is never written after it was made: its objects are immortal, its tables are only looked up, and what
// has interior mutability in them (`Rc`s, `RefCell`s of interpreter-local storage) is only looked at (see `Copier::look`).
unsafe impl Send for Origin {}
// SAFETY: as above.
unsafe impl Sync for Origin {}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Origin").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}

impl Origin {
    /// Makes an origin of a machine that nobody runs or will run. [`Vm::check_origin`] has just found nothing against it,
    /// and [`Vm::seal_as_origin`] was called. Machines that reach the object with the word `watched` tell their hooks.
    /// `prepared` are modules of it that they take by name.
    pub fn new(vm: Box<Vm>, watched: Option<u64>, prepared: Prepared) -> Arc<Origin> {
        let weak = vm.weak_table().with_callbacks();
        vm.commons().pin();
        Arc::new(Origin {
            interned: vm.take_interned(),
            parts: vm.take_own_parts(),
            subclasses: vm.take_subclasses(),
            storage: vm.take_storage(),
            weak,
            builtins: vm.builtins.get(),
            modules: vm.modules.get(),
            sys: vm.sys_dict_if_made(),
            watched: watched.unwrap_or(0),
            prepared,
            dict_version: vm.next_dict_version(),
            type_version: vm.next_type_version(),
            read_only: AtomicBool::new(false),
            vm,
        })
    }

    /// Bytes of its heap, which all machines that start from it share.
    pub fn bytes(&self) -> usize {
        self.vm.heap().bytes()
    }

    /// Has the system end the process if anything writes to the origin's objects, for tests of that nobody does. Objects in
    /// blocks of their own are left out.
    pub fn set_read_only(&self, on: bool) {
        self.read_only.store(on, Ordering::Relaxed);
        self.vm.heap().protect(on);
    }

    /// The modules that machines take from it by name.
    pub fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// The origin that it started from itself.
    fn before(&self) -> Option<&Origin> {
        self.vm.origin()
    }

    pub(crate) fn find_interned(&self, hash: u64, bytes: &[u8]) -> Option<Value> {
        let same = |v: &Value| v.downcast::<Str>().is_some_and(|s| s.as_bytes() == bytes);
        match self.interned.find(hash, same) {
            Some(found) => Some(found.clone()),
            None => self.before()?.find_interned(hash, bytes),
        }
    }

    pub(crate) fn part(&self, key: PartKey) -> Option<Value> {
        match self.parts.get(&key) {
            Some(found) => Some(found.clone()),
            None => self.before()?.part(key),
        }
    }

    /// The identity of one of its objects.
    pub(crate) fn identity(&self, h: &Header) -> u64 {
        self.vm.identity_of(h)
    }

    /// What an object of this origin, or of one before it, has become here: an entry of a lazy dict may still name an original
    /// of which the origin got a copy later.
    fn latest<'a>(&'a self, original: &'a Header) -> &'a Header {
        let original = self.before().map_or(original, |o| o.latest(original));
        self.vm.copies().known(original).unwrap_or(original)
    }

    pub(crate) fn stored(&self, id: std::any::TypeId) -> Option<&Stored> {
        self.storage.get(&id)
    }

    /// Its weak references to `h` that have a callback.
    fn weak_to(&self, h: &Header) -> &[*const Header] {
        self.weak.get(&std::ptr::from_ref(h).addr()).map_or(&[], Vec::as_slice)
    }

    /// The classes that derive directly from `base`, one of its classes or of the image's.
    fn subclasses(&self, base: &TypeObj) -> &[usize] {
        self.subclasses.get(&std::ptr::from_ref(base).addr()).map_or(&[], Vec::as_slice)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        if self.read_only.load(Ordering::Relaxed) {
            self.set_read_only(false);
        }
    }
}

impl Vm {
    /// A machine that starts in the state of `origin`.
    pub fn from_origin(origin: Arc<Origin>, pool: Arc<ChunkPool>, breaker: Arc<Breaker>) -> Box<Vm> {
        let old = &origin.vm;
        let mut vm = Vm::with_heap(Heap::new(pool), breaker, old.types(), old.image(), old.names());
        vm.set_versions(origin.dict_version, origin.type_version);
        vm.gc.start_as(&old.gc);
        vm.set_recursion_limit(old.recursion_limit());
        vm.known_graphs().add_all(old.known_graphs());
        vm.set_origin(origin.clone());
        let copier = Copier::new(&vm);
        let take = |v: &Option<Value>| v.as_ref().map(|v| copier.take(v));
        vm.builtins.put(take(&origin.builtins));
        vm.modules.put(take(&origin.modules));
        if let Some(sys) = take(&origin.sys) {
            vm.set_sys_dict(sys);
        }
        drop(copier);
        vm
    }

    /// What the identity of a value is told by: the word, or that of the original that it is a copy of.
    #[inline(always)]
    pub fn identity(&self, value: &Value) -> u64 {
        match value.header() {
            Some(h) if h.has(flag::COPY) => self.identity_of(h),
            _ => value.bits(),
        }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn identity_of(&self, h: &Header) -> u64 {
        if h.is_frozen() {
            return self.known_graphs().identity(h);
        }
        match (self.copies().original(h), self.origin()) {
            (Some(original), Some(origin)) => origin.identity(original),
            // One of an origin's.
            (None, Some(origin)) => origin.identity(h),
            (_, None) => std::ptr::from_ref(h).addr() as u64,
        }
    }

    /// Whether this machine has reached an original.
    pub(crate) fn has_copy_of(&self, original: &Header) -> bool {
        self.copies().has_copy_of(self.origin().map_or(original, |o| o.latest(original)))
    }

    /// This machine's copy of an original, in exchange for a reference to the original that was copied or stands for it.
    pub(crate) fn take_copy(&self, original: &Header) -> Value {
        Copier::new(self).take_original(original)
    }

    /// A copy of what the origin ran in the place of a frozen function.
    pub(crate) fn copied_twin(&self, f: &Function) -> Option<Value> {
        let mut origin = self.origin()?;
        loop {
            if let Some(twin) = origin.vm.twins.of_origin(f) {
                return Some(Copier::new(self).get(twin.header()?));
            }
            origin = origin.before()?;
        }
    }

    /// Copies of the classes of the origin that derive directly from `base`.
    pub(crate) fn copied_subclasses(&self, base: &TypeObj) -> Vec<Value> {
        let Some(origin) = self.origin() else { return Vec::new() };
        let h = Header::of(base);
        let mut all = Vec::new();
        let mut at = Some((origin, if h.has(flag::COPY) { self.copies().original(h) } else { Some(h) }));
        // A class of an origin's origin is known to the origin by its copy, if at all.
        if let Some((origin, Some(known))) = at.take() {
            // SAFETY: the kind of the object is that of its copy.
            let known = unsafe { known.payload_unchecked::<TypeObj>() };
            let copier = Copier::new(self);
            for class in origin.subclasses(known) {
                // SAFETY: classes of an origin live as long as it does.
                let class = unsafe { &*(*class as *const TypeObj) };
                all.push(copier.get(Header::of(class)));
            }
        }
        all
    }

    /// As [`Vm::copied_subclasses`], without those of prepared modules that nobody has imported here.
    pub(crate) fn imported_subclasses(&self, base: &TypeObj) -> Vec<Value> {
        let mut all = self.copied_subclasses(base);
        all.retain(|class| TypeObj::from_value(class).is_none_or(|c| !self.is_hidden_class(c)));
        all
    }
}
