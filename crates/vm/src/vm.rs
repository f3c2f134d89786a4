//! [`Vm`]: one interpreter's machine.
//!
//! It owns the heap, the tables that differ from interpreter to interpreter (interned strings, subclasses, weak
//! references, modules) and points to the frozen image and to the thread state that runs at the moment.
//!
//! It must never know threads, files or how modules are found: what it needs of them it asks [`Hooks`], which the layer
//! above provides.
//!
//! Invariant: a `Vm` is used by one thread at a time, the one that holds the interpreter's lock.
#![expect(unsafe_code, reason = "pointers to the image and to the running thread's state")]

use crate::cell::VCell;
use crate::common::Commons;
use crate::error::{PyResult, Raised};
use crate::gc::Collector;
use crate::heap::{ChunkPool, Heap};
pub use crate::hooks::Hooks;
use crate::hooks::NoHooks;
use crate::image::part::PartKey;
use crate::image::{FROZEN_TYPES, Image, Types};
use crate::monitor::Monitor;
use crate::names::Names;
use crate::object::{Header, Kind, Payload, flag};
use crate::origin::{Copies, Origin, Storage};
use crate::thread::{DEFAULT_LIMIT, ThreadList, ThreadState};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::typeobj::lookup::MethodCache;
use crate::types::typeobj::{TypeDef, TypeObj};
use crate::types::weakref::WeakTable;
use crate::value::Value;
use hashbrown::{HashMap, HashTable};
use serpens_lock::Breaker;
use std::cell::{Cell, RefCell};
use std::ptr::{self, NonNull};
use std::rc::Rc;
use std::sync::Arc;

/// One interpreter's machine.
pub struct Vm {
    types: &'static Types,
    ts: Cell<*const ThreadState>,
    /// Requests to the eval loop.
    pub breaker: Arc<Breaker>,
    image: *const Image,
    names: *const Names,
    /// The dict of module `builtins`.
    pub builtins: VCell,
    /// `sys.modules`.
    pub modules: VCell,
    /// The dict of module `sys`, once it was asked for.
    sys: VCell,
    hooks: RefCell<Rc<dyn Hooks>>,
    interned: RefCell<HashTable<Value>>,
    subclasses: RefCell<HashMap<usize, Vec<usize>>>,
    /// The parts of the image that this interpreter has met.
    parts: RefCell<HashMap<PartKey, Value>>,
    /// This machine builds the image.
    builder: Cell<bool>,
    weak: WeakTable,
    method_cache: MethodCache,
    /// The cycle collector's state.
    pub gc: Collector,
    /// Who asks for what events.
    pub monitor: Monitor,
    /// The states of the interpreter's threads.
    pub(crate) threads: ThreadList,
    next_dict_version: Cell<u64>,
    next_type_version: Cell<u32>,
    storage: RefCell<Storage>,
    /// What owns the machine in the layer above.
    host: Cell<Option<NonNull<()>>>,
    finalizing: Cell<bool>,
    /// `sys.getrecursionlimit()`, of all its threads.
    recursion_limit: Cell<usize>,
    text_index: crate::types::str::index::TextIndex,
    /// What this interpreter runs in the place of frozen functions.
    pub(crate) twins: crate::freeze::Twins,
    /// Frozen containers that are being printed (recursion guard of repr).
    pub(crate) in_repr: RefCell<Vec<usize>>,
    /// Copies of objects of the origin.
    copies: Copies,
    /// Dropped after all fields that hold values.
    heap: Box<Heap>,
    /// Dropped after the heap, whose objects may refer to what these keep.
    graphs: crate::freeze::Known,
    /// As above.
    commons: Commons,
    /// Whence the machine started: objects of the heap are looked at through classes and content that lie there.
    origin: Option<Arc<Origin>>,
}

/// Allocations of so many bytes ask the system first: it may refuse them where a process has a limit.
const PROBED: usize = 16 << 20;

/// Whether the system would give so many bytes. Nothing touches them.
fn has_room(bytes: usize) -> bool {
    let mut probe = Vec::<u8>::new();
    let room = probe.try_reserve_exact(bytes).is_ok();
    std::hint::black_box(probe.as_ptr());
    room
}

impl Vm {
    /// A machine over a sealed image.
    pub fn new(image: &'static Image, pool: Arc<ChunkPool>, breaker: Arc<Breaker>) -> Box<Vm> {
        let vm = Vm::with_heap(Heap::new(pool), breaker, image.types(), image, image.names());
        vm.next_dict_version.set(image.first_dict_version());
        vm.next_type_version.set(image.first_type_version());
        vm.builtins.set(vm.shared_dict(image.builtins()));
        vm.modules.set(vm.new_dict());
        vm
    }

    pub(crate) fn with_heap(
        heap: Box<Heap>,
        breaker: Arc<Breaker>,
        types: &'static Types,
        image: *const Image,
        names: *const Names,
    ) -> Box<Vm> {
        let vm = Box::new(Vm {
            types,
            ts: Cell::new(ptr::null()),
            breaker,
            heap,
            image,
            names,
            builtins: VCell::empty(),
            modules: VCell::empty(),
            sys: VCell::empty(),
            hooks: RefCell::new(Rc::new(NoHooks)),
            interned: RefCell::default(),
            subclasses: RefCell::default(),
            parts: RefCell::default(),
            builder: Cell::new(false),
            weak: WeakTable::default(),
            method_cache: MethodCache::default(),
            gc: Collector::default(),
            monitor: Monitor::default(),
            threads: ThreadList::default(),
            next_dict_version: Cell::new(1),
            next_type_version: Cell::new(1),
            storage: RefCell::default(),
            host: Cell::new(None),
            finalizing: Cell::new(false),
            recursion_limit: Cell::new(DEFAULT_LIMIT),
            text_index: Default::default(),
            twins: Default::default(),
            in_repr: RefCell::default(),
            copies: Copies::default(),
            graphs: Default::default(),
            commons: Commons::default(),
            origin: None,
        });
        vm.heap.set_vm(&*vm);
        vm
    }

    /// The builtin types.
    #[inline(always)]
    pub fn types(&self) -> &'static Types {
        self.types
    }

    /// Interned names.
    #[inline(always)]
    pub fn names(&self) -> &Names {
        // SAFETY: the image outlives every machine, and its names are set before anything uses them.
        unsafe { &*self.names }
    }

    /// The frozen image.
    #[inline(always)]
    pub fn image(&self) -> &Image {
        // SAFETY: as above.
        unsafe { &*self.image }
    }

    /// The heap.
    #[inline(always)]
    pub fn heap(&self) -> &Heap {
        &self.heap
    }

    /// The state of the thread that runs.
    #[inline(always)]
    pub fn ts(&self) -> &ThreadState {
        debug_assert!(!self.ts.get().is_null(), "no thread is attached");
        // SAFETY: whoever attaches a thread keeps its state alive until it is detached.
        unsafe { &*self.ts.get() }
    }

    /// Whether a thread is attached.
    pub fn has_thread(&self) -> bool {
        !self.ts.get().is_null()
    }

    /// Makes `ts` the running thread and returns the one before (null: none).
    ///
    /// # Safety
    /// The caller holds the interpreter's lock and keeps `ts` alive until another is set.
    pub unsafe fn set_thread(&self, ts: *const ThreadState) -> *const ThreadState {
        self.ts.replace(ts)
    }

    /// Takes the state of a thread that enters for the first time onto the list of the interpreter's threads.
    pub fn know_thread(&self, ts: &ThreadState) {
        ts.join(&self.threads);
        if ts.recursion_limit() != self.recursion_limit.get() {
            ts.set_recursion_limit(self.recursion_limit.get());
        }
    }

    /// How deep calls may be nested in a thread of this interpreter.
    pub fn recursion_limit(&self) -> usize {
        self.recursion_limit.get()
    }

    /// Sets how deep calls may be nested, for all threads of this interpreter.
    pub fn set_recursion_limit(&self, limit: usize) {
        self.recursion_limit.set(limit);
        self.each_thread(|ts| ts.set_recursion_limit(limit));
    }

    /// What the machine asks of the layer above.
    pub fn hooks(&self) -> Rc<dyn Hooks> {
        self.hooks.borrow().clone()
    }

    /// Sets what the machine asks of the layer above.
    pub fn set_hooks(&self, hooks: Rc<dyn Hooks>) {
        *self.hooks.borrow_mut() = hooks;
    }

    /// The frozen graphs that this interpreter knows.
    pub(crate) fn known_graphs(&self) -> &crate::freeze::Known {
        &self.graphs
    }

    pub(crate) fn commons(&self) -> &Commons {
        &self.commons
    }

    pub(crate) fn weak_table(&self) -> &WeakTable {
        &self.weak
    }

    #[inline(always)]
    pub(crate) fn method_cache(&self) -> &MethodCache {
        &self.method_cache
    }

    pub(crate) fn next_dict_version(&self) -> u64 {
        let v = self.next_dict_version.get();
        self.next_dict_version.set(v + 1);
        v
    }

    pub(crate) fn next_type_version(&self) -> u32 {
        let v = self.next_type_version.get();
        self.next_type_version.set(if v == 0 || v + 1 == FROZEN_TYPES { 0 } else { v + 1 });
        v
    }

    pub(crate) fn storage(&self) -> &RefCell<Storage> {
        &self.storage
    }

    pub(crate) fn take_storage(&self) -> Storage {
        self.storage.take()
    }

    pub(crate) fn take_subclasses(&self) -> HashMap<usize, Vec<usize>> {
        self.subclasses.take()
    }

    /// The origin that the machine started from.
    #[inline(always)]
    pub(crate) fn origin(&self) -> Option<&Origin> {
        self.origin.as_deref()
    }

    pub(crate) fn origin_handle(&self) -> Option<Arc<Origin>> {
        self.origin.clone()
    }

    pub(crate) fn set_origin(&mut self, origin: Arc<Origin>) {
        self.origin = Some(origin);
    }

    pub(crate) fn copies(&self) -> &Copies {
        &self.copies
    }

    pub(crate) fn set_versions(&self, dict: u64, ty: u32) {
        self.next_dict_version.set(dict);
        self.next_type_version.set(ty);
    }

    /// What owns this machine in the layer above, as that layer has set it: the machine does not look at it.
    #[inline(always)]
    pub fn host(&self) -> Option<NonNull<()>> {
        self.host.get()
    }

    /// Says what owns this machine.
    pub fn set_host(&self, host: NonNull<()>) {
        self.host.set(Some(host));
    }

    /// A new object of layout `T`. The type's instances have that layout; a heap type is counted by its instance.
    #[inline]
    pub fn alloc<T: Payload>(&self, ty: &TypeObj, payload: T) -> Value {
        debug_assert_eq!(ty.kind, T::KIND);
        let inline = self.inline_slots(ty);
        let header = self.heap.new_object(ty.instance_size(inline), T::KIND, ty);
        // SAFETY: the block has room for the payload behind the header, then members and attributes.
        unsafe {
            header.add(1).cast::<T>().write(payload);
            if T::KIND.may_hold_resources() {
                self.heap.note_resource(header);
            }
            let h = header.as_ref();
            if ty.attrs_offset != 0 || ty.n_members != 0 {
                self.init_attrs(h, inline);
            }
            Header::of(ty).inc();
            Value::from_bits(header.as_ptr() as u64)
        }
    }

    /// A new instance of a class of layout `Instance`.
    #[inline]
    pub fn alloc_instance(&self, ty: &TypeObj) -> Value {
        debug_assert_eq!(ty.kind, Kind::Instance);
        let inline = self.inline_slots(ty);
        let header = self.heap.new_object(ty.instance_size(inline), Kind::Instance, ty);
        // SAFETY: the block was made for this.
        unsafe {
            self.init_attrs(header.as_ref(), inline);
            Header::of(ty).inc();
            Value::from_bits(header.as_ptr() as u64)
        }
    }

    pub(crate) fn is_builder(&self) -> bool {
        self.builder.get()
    }

    pub(crate) fn set_builder(&self) {
        self.builder.set(true);
    }

    pub(crate) fn own_part(&self, key: PartKey) -> Option<Value> {
        match self.parts.borrow().get(&key) {
            Some(found) => Some(found.clone()),
            None => self.origin()?.part(key),
        }
    }

    pub(crate) fn add_own_part(&self, key: PartKey, part: Value) {
        self.parts.borrow_mut().insert(key, part);
    }

    pub(crate) fn take_own_parts(&self) -> HashMap<PartKey, Value> {
        self.parts.take()
    }

    /// The dict of module `sys`, which is made now if nothing has asked for it before.
    pub fn sys_dict(&self) -> Option<Value> {
        match self.sys.get() {
            Some(dict) => Some(dict),
            None => self.hooks().make_sys(self),
        }
    }

    /// The dict of module `sys`, if something has asked for it.
    pub fn sys_dict_if_made(&self) -> Option<Value> {
        self.sys.get()
    }

    /// Sets the dict of module `sys`.
    pub fn set_sys_dict(&self, dict: Value) {
        self.sys.set(dict);
    }

    /// A new object of a native type that is not part of the image.
    pub fn alloc_native<T: Payload>(&self, def: &'static TypeDef, payload: T) -> Value {
        let ty = self.native_type(def);
        self.alloc(TypeObj::from_value(&ty).expect("a type"), payload)
    }

    /// The class of a value.
    #[inline(always)]
    pub fn type_of<'a>(&self, value: &'a Value) -> &'a TypeObj {
        if let Some(header) = value.header() {
            return header.ty();
        }
        self.type_of_immediate(value)
    }

    #[inline]
    fn type_of_immediate(&self, value: &Value) -> &'static TypeObj {
        let t = self.types;
        if value.is_small_int() {
            t.int
        } else if value.is_float() {
            t.float
        } else if value.as_bool().is_some() {
            t.bool
        } else if value.is_none() {
            t.NoneType
        } else if value.is_ellipsis() {
            t.ellipsis
        } else {
            t.NotImplementedType
        }
    }

    /// Whether a value is a `str` and not of a subclass.
    #[inline(always)]
    pub fn is_exact_str(&self, value: &Value) -> bool {
        value.header().is_some_and(|h| ptr::eq(h.ty_ptr(), self.types.str))
    }

    /// Whether a value is an instance of exactly that type.
    #[inline(always)]
    pub fn is_exact(&self, value: &Value, ty: &TypeObj) -> bool {
        ptr::eq(self.type_of(value), ty)
    }

    /// The interned `str` of WTF-8 bytes.
    pub fn intern_bytes(&self, bytes: &[u8]) -> Value {
        let hash = self.hash_bytes(bytes);
        if let Some(found) = self.image().find_interned(hash, bytes) {
            return found;
        }
        if let Some(found) = self.origin().and_then(|o| o.find_interned(hash, bytes)) {
            return found;
        }
        let same = |v: &Value| v.downcast::<Str>().is_some_and(|s| s.as_bytes() == bytes);
        if let Some(found) = self.interned.borrow().find(hash, same) {
            return found.clone();
        }
        if self.is_builder()
            && let Some(found) = self.find_in_parts(hash, bytes)
        {
            return found;
        }
        let value = self.fresh_str(bytes);
        if let Some(s) = value.downcast::<Str>() {
            s.hash(self);
            Header::of(s).set(flag::INTERNED);
        }
        self.interned
            .borrow_mut()
            .insert_unique(hash, value.clone(), |v| v.downcast::<Str>().map_or(0, |s| s.hash(self)));
        value
    }

    /// The interned `str` equal to `value`, a `str`.
    #[inline]
    pub fn intern_value(&self, value: &Value) -> Value {
        match value.downcast::<Str>() {
            Some(s) if s.is_interned() => value.clone(),
            Some(s) => self.intern_bytes(s.as_bytes()),
            None => value.clone(),
        }
    }

    pub(crate) fn add_interned(&self, value: Value) {
        let hash = |v: &Value| v.downcast::<Str>().map_or(0, |s| s.hash(self));
        self.interned.borrow_mut().insert_unique(hash(&value), value, hash);
    }

    pub(crate) fn take_interned(&self) -> HashTable<Value> {
        self.interned.take()
    }

    /// The hash of text and bytes: keyed by the process's hash seed.
    #[inline]
    pub fn hash_bytes(&self, bytes: &[u8]) -> u64 {
        self.image().hash_bytes(bytes)
    }

    /// Records that `sub` derives directly from `base`.
    pub(crate) fn add_subclass(&self, base: &TypeObj, sub: &TypeObj) {
        let key = base as *const TypeObj as usize;
        self.subclasses.borrow_mut().entry(key).or_default().push(sub as *const TypeObj as usize);
    }

    /// Forgets a class that dies or changes its bases.
    pub(crate) fn remove_subclass(&self, base: &TypeObj, sub: &TypeObj) {
        if let Ok(mut table) = self.subclasses.try_borrow_mut()
            && let Some(list) = table.get_mut(&(base as *const TypeObj as usize))
        {
            list.retain(|s| *s != sub as *const TypeObj as usize);
        }
    }

    /// Forgets the list of subclasses of a class that dies (all of them died before).
    pub(crate) fn remove_subclasses(&self, base: &TypeObj) {
        if let Ok(mut table) = self.subclasses.try_borrow_mut() {
            table.remove(&(base as *const TypeObj as usize));
        }
    }

    /// The direct subclasses of a class in this interpreter, in order of creation.
    pub fn subclasses(&self, base: &TypeObj) -> Vec<Value> {
        self.with_own_subclasses(base, self.copied_subclasses(base))
    }

    /// Those of the direct subclasses that the program can know: of modules that were imported.
    pub(crate) fn known_subclasses(&self, base: &TypeObj) -> Vec<Value> {
        self.with_own_subclasses(base, self.imported_subclasses(base))
    }

    fn with_own_subclasses(&self, base: &TypeObj, mut all: Vec<Value>) -> Vec<Value> {
        if !base.is_heap() {
            all.extend(self.image().subclasses(base));
        }
        if let Some(list) = self.subclasses.borrow().get(&(base as *const TypeObj as usize)) {
            // SAFETY: a dying class takes itself out of the table; until then one without references is not shown.
            let alive = list.iter().map(|t| unsafe { &*(*t as *const TypeObj) });
            let counted = alive.filter(|t| Header::of(*t).ref_count() != Some(0) && !Header::of(*t).has(flag::COPY));
            all.extend(counted.map(TypeObj::value));
        }
        all
    }

    /// A `MemoryError`.
    #[cold]
    pub fn memory_error(&self) -> Raised {
        self.raise_with(self.types().MemoryError, Vec::new())
    }

    /// Checks that `bytes` more may be allocated at once: `MemoryError` otherwise.
    #[inline]
    pub fn check_alloc(&self, bytes: usize) -> PyResult<()> {
        if bytes < 1 << 20 {
            return Ok(());
        }
        self.check_large_alloc(bytes)
    }

    #[cold]
    fn check_large_alloc(&self, bytes: usize) -> PyResult<()> {
        if bytes > crate::heap::MAX_ALLOC || self.heap.bytes().saturating_add(bytes) > self.heap.limit() {
            return Err(self.memory_error());
        }
        // Native code often fills a buffer and copies it into the object: there must be room for both.
        if bytes >= PROBED && !has_room(2 * bytes) {
            return Err(self.memory_error());
        }
        Ok(())
    }

    /// Byte offsets of texts that were indexed.
    pub(crate) fn text_index(&self) -> &crate::types::str::index::TextIndex {
        &self.text_index
    }

    /// Whether the interpreter is shutting down.
    pub fn is_finalizing(&self) -> bool {
        self.finalizing.get()
    }

    /// Marks the interpreter as shutting down.
    pub fn set_finalizing(&self) {
        self.finalizing.set(true);
    }

    /// Runs `__del__` of a dying object; an exception in it is reported.
    pub(crate) fn run_finalizer(&self, value: &Value) {
        if !self.has_thread() {
            return;
        }
        let pending = self.ts().save_pending();
        if let Some(f) = self.type_of(value).slots().del
            && f(self, value).is_err()
        {
            let e = self.take_raised();
            if value.header().is_some_and(|h| h.kind() == Kind::Generator) {
                self.hooks().unraisable(self, e, "Exception ignored while closing generator", value);
            } else {
                let method = self.type_of(value).lookup(self, &self.names().__del__);
                let object = method.as_ref().unwrap_or(value);
                self.hooks().unraisable(self, e, "Exception ignored while calling deallocator", object);
            }
        }
        self.ts().restore_pending(pending);
    }

    /// A safepoint for native loops that may take long: answers what is asked of the thread, if anything is.
    #[inline(always)]
    pub fn poll(&self) -> PyResult<()> {
        if self.breaker.pending() == 0 { Ok(()) } else { self.on_break() }
    }

    /// Answers the breaker and the heap: collection, hand-over of the lock, pending calls, signals.
    #[cold]
    #[inline(never)]
    pub fn on_break(&self) -> PyResult<()> {
        self.maybe_collect();
        match self.breaker.pending() {
            0 => Ok(()),
            requests => self.hooks().on_break(self, requests),
        }
    }

    /// Adds a name to the builtins.
    pub fn set_builtin(&self, name: &str, value: Value) {
        if let Some(dict) = self.builtins.get() {
            dict.downcast::<Dict>().expect("a dict").set_name(self, name, value);
        }
    }
}

impl Drop for Vm {
    fn drop(&mut self) {
        self.finalizing.set(true);
        self.heap.set_dying();
        self.commons.let_go(&self.heap);
        self.heap.teardown();
        self.heap.set_vm(ptr::null());
        // Everything that follows drops values of a dying heap, which does nothing.
    }
}
