//! The frozen image: builtin types, their methods, well-known strings. Built once per process, shared by all interpreters.
//!
//! It is built by a machine of its own, then sealed: every object becomes immortal, every text is hashed, every type and
//! dict gets its version. From then on nobody writes to it, not even a reference count, which is why threads may share it.
//!
//! What not every program needs (the types of native modules, the contents of `sys`) are *parts*: the same machine makes
//! each on its first use in the process, under a lock, and seals it before anybody else sees it. See [`part`].
#![expect(unsafe_code, reason = "sharing of the sealed image between threads")]

use crate::heap::{ChunkPool, Heap, HeapMark};
use crate::names::Names;
use crate::object::{Header, Kind, MAX_GRAPH, flag};
use crate::types;
use crate::types::bytes::Bytes;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::typeobj::dunder::DunderTable;
use crate::types::typeobj::{TypeDef, TypeObj};
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::{HashMap, HashTable};
use part::Parts;
use serpens_lock::Breaker;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

pub mod part;

macro_rules! core_types {
    ($($field:ident = $def:path,)*) => {
        /// The types of the frozen image.
        #[expect(missing_docs, non_snake_case, reason = "each field is the type of that name")]
        pub struct Types { $( pub $field: &'static TypeObj ),* }

        impl Types {
            const DEFS: &[&TypeDef] = &[$( &$def ),*];

            fn from_list(list: &[&'static TypeObj]) -> Types {
                let mut next = list.iter();
                Types { $( $field: next.next().expect("one type a definition") ),* }
            }

            /// All types, in order of definition.
            pub fn all(&self) -> Vec<&'static TypeObj> {
                vec![$( self.$field ),*]
            }
        }
    };
}

core_types! {
    object = types::object::TYPE,
    type_ = types::typeobj::methods::TYPE,
    int = types::int::TYPE,
    bool = types::int::BOOL,
    float = types::float::TYPE,
    complex = types::complex::TYPE,
    str = types::str::methods::TYPE,
    bytes = types::bytes::TYPE,
    bytearray = types::bytearray::TYPE,
    memoryview = types::memoryview::TYPE,
    tuple = types::tuple::methods::TYPE,
    list = types::list::methods::TYPE,
    dict = types::dict::methods::TYPE,
    set = types::set::TYPE,
    frozenset = types::set::FROZENSET,
    slice = types::slice::TYPE,
    range = types::range::TYPE,
    NoneType = types::singletons::NONE,
    NotImplementedType = types::singletons::NOT_IMPLEMENTED,
    ellipsis = types::singletons::ELLIPSIS,
    function = types::function::TYPE,
    builtin_function = types::builtin::TYPE,
    method = types::method::TYPE,
    method_descriptor = types::descr::METHOD_DESCRIPTOR,
    classmethod_descriptor = types::descr::CLASSMETHOD_DESCRIPTOR,
    wrapper_descriptor = types::descr::WRAPPER_DESCRIPTOR,
    method_wrapper = types::descr::METHOD_WRAPPER,
    getset_descriptor = types::descr::GETSET_DESCRIPTOR,
    member_descriptor = types::descr::MEMBER_DESCRIPTOR,
    property = types::property::TYPE,
    classmethod = types::property::CLASSMETHOD,
    staticmethod = types::property::STATICMETHOD,
    super_ = types::super_::TYPE,
    code = types::code::TYPE,
    cell = types::cell::TYPE,
    frame = types::frame::TYPE,
    frame_locals_proxy = types::frame::LOCALS_PROXY,
    traceback = types::traceback::TYPE,
    module = types::module::TYPE,
    generator = types::generator::GENERATOR,
    coroutine = types::generator::COROUTINE,
    coroutine_wrapper = types::generator::COROUTINE_WRAPPER,
    async_generator = types::generator::ASYNC_GENERATOR,
    async_generator_asend = types::generator::ASEND,
    async_generator_athrow = types::generator::ATHROW,
    async_generator_wrapped_value = types::generator::WRAPPED_VALUE,
    anext_awaitable = types::generator::ANEXT_AWAITABLE,
    weakref = types::weakref::TYPE,
    weakproxy = types::weakref::PROXY,
    weakcallableproxy = types::weakref::CALLABLE_PROXY,
    mappingproxy = types::mappingproxy::TYPE,
    dict_keys = types::dict::views::KEYS,
    dict_values = types::dict::views::VALUES,
    dict_items = types::dict::views::ITEMS,
    dict_keyiterator = types::dict::views::KEY_ITERATOR,
    dict_valueiterator = types::dict::views::VALUE_ITERATOR,
    dict_itemiterator = types::dict::views::ITEM_ITERATOR,
    dict_reversekeyiterator = types::dict::views::REVERSE_KEY_ITERATOR,
    dict_reversevalueiterator = types::dict::views::REVERSE_VALUE_ITERATOR,
    dict_reverseitemiterator = types::dict::views::REVERSE_ITEM_ITERATOR,
    list_iterator = types::iter::LIST_ITERATOR,
    list_reverseiterator = types::iter::LIST_REVERSEITERATOR,
    tuple_iterator = types::iter::TUPLE_ITERATOR,
    str_iterator = types::iter::STR_ITERATOR,
    bytes_iterator = types::iter::BYTES_ITERATOR,
    bytearray_iterator = types::iter::BYTEARRAY_ITERATOR,
    memory_iterator = types::iter::MEMORY_ITERATOR,
    set_iterator = types::iter::SET_ITERATOR,
    range_iterator = types::range::ITERATOR,
    longrange_iterator = types::range::LONG_ITERATOR,
    iterator = types::iter::SEQ_ITERATOR,
    callable_iterator = types::iter::CALLABLE_ITERATOR,
    enumerate = types::iter::ENUMERATE,
    reversed = types::iter::REVERSED,
    zip = types::iter::ZIP,
    map = types::iter::MAP,
    filter = types::iter::FILTER,
    SimpleNamespace = types::namespace::TYPE,
    GenericAlias = types::generic_alias::TYPE,
    UnionType = types::generic_alias::UNION,
    TypeVar = types::typevar::TYPE_VAR,
    ParamSpec = types::typevar::PARAM_SPEC,
    ParamSpecArgs = types::typevar::PARAM_SPEC_ARGS,
    ParamSpecKwargs = types::typevar::PARAM_SPEC_KWARGS,
    TypeVarTuple = types::typevar::TYPE_VAR_TUPLE,
    TypeAliasType = types::typevar::TYPE_ALIAS,
    Generic = types::typevar::GENERIC,
    NoDefaultType = types::typevar::NO_DEFAULT,
    Template = types::template::TEMPLATE,
    TemplateIter = types::template::TEMPLATE_ITER,
    Interpolation = types::template::INTERPOLATION,
    BaseException = types::exception::table::BaseException,
    BaseExceptionGroup = types::exception::table::BaseExceptionGroup,
    ExceptionGroup = types::exception::table::ExceptionGroup,
    GeneratorExit = types::exception::table::GeneratorExit,
    KeyboardInterrupt = types::exception::table::KeyboardInterrupt,
    SystemExit = types::exception::table::SystemExit,
    Exception = types::exception::table::Exception,
    ArithmeticError = types::exception::table::ArithmeticError,
    FloatingPointError = types::exception::table::FloatingPointError,
    OverflowError = types::exception::table::OverflowError,
    ZeroDivisionError = types::exception::table::ZeroDivisionError,
    AssertionError = types::exception::table::AssertionError,
    AttributeError = types::exception::table::AttributeError,
    BufferError = types::exception::table::BufferError,
    EOFError = types::exception::table::EOFError,
    ImportError = types::exception::table::ImportError,
    ModuleNotFoundError = types::exception::table::ModuleNotFoundError,
    LookupError = types::exception::table::LookupError,
    IndexError = types::exception::table::IndexError,
    KeyError = types::exception::table::KeyError,
    MemoryError = types::exception::table::MemoryError,
    NameError = types::exception::table::NameError,
    UnboundLocalError = types::exception::table::UnboundLocalError,
    OSError = types::exception::table::OSError,
    BlockingIOError = types::exception::table::BlockingIOError,
    ChildProcessError = types::exception::table::ChildProcessError,
    ConnectionError = types::exception::table::ConnectionError,
    BrokenPipeError = types::exception::table::BrokenPipeError,
    ConnectionAbortedError = types::exception::table::ConnectionAbortedError,
    ConnectionRefusedError = types::exception::table::ConnectionRefusedError,
    ConnectionResetError = types::exception::table::ConnectionResetError,
    FileExistsError = types::exception::table::FileExistsError,
    FileNotFoundError = types::exception::table::FileNotFoundError,
    InterruptedError = types::exception::table::InterruptedError,
    IsADirectoryError = types::exception::table::IsADirectoryError,
    NotADirectoryError = types::exception::table::NotADirectoryError,
    PermissionError = types::exception::table::PermissionError,
    ProcessLookupError = types::exception::table::ProcessLookupError,
    TimeoutError = types::exception::table::TimeoutError,
    ReferenceError = types::exception::table::ReferenceError,
    RuntimeError = types::exception::table::RuntimeError,
    NotImplementedError = types::exception::table::NotImplementedError,
    PythonFinalizationError = types::exception::table::PythonFinalizationError,
    RecursionError = types::exception::table::RecursionError,
    StopAsyncIteration = types::exception::table::StopAsyncIteration,
    StopIteration = types::exception::table::StopIteration,
    SyntaxError = types::exception::table::SyntaxError,
    IncompleteInputError = types::exception::table::IncompleteInputError,
    IndentationError = types::exception::table::IndentationError,
    TabError = types::exception::table::TabError,
    SystemError = types::exception::table::SystemError,
    TypeError = types::exception::table::TypeError,
    ValueError = types::exception::table::ValueError,
    UnicodeError = types::exception::table::UnicodeError,
    UnicodeDecodeError = types::exception::table::UnicodeDecodeError,
    UnicodeEncodeError = types::exception::table::UnicodeEncodeError,
    UnicodeTranslateError = types::exception::table::UnicodeTranslateError,
    Warning = types::exception::table::Warning,
    BytesWarning = types::exception::table::BytesWarning,
    DeprecationWarning = types::exception::table::DeprecationWarning,
    EncodingWarning = types::exception::table::EncodingWarning,
    FutureWarning = types::exception::table::FutureWarning,
    ImportWarning = types::exception::table::ImportWarning,
    PendingDeprecationWarning = types::exception::table::PendingDeprecationWarning,
    ResourceWarning = types::exception::table::ResourceWarning,
    RuntimeWarning = types::exception::table::RuntimeWarning,
    SyntaxWarning = types::exception::table::SyntaxWarning,
    UnicodeWarning = types::exception::table::UnicodeWarning,
    UserWarning = types::exception::table::UserWarning,
}

/// The frozen image.
pub struct Image {
    types: Option<&'static Types>,
    names: Option<Box<Names>>,
    dunders: Option<DunderTable>,
    interned: HashTable<Value>,
    latin1: Vec<Value>,
    empty_str: Option<Value>,
    empty_tuple: Option<Value>,
    empty_bytes: Option<Value>,
    /// The dict of `builtins` as interpreters start with it.
    builtins: Option<Value>,
    subclasses: HashMap<usize, Vec<Value>>,
    /// Types by the address of their definition.
    defs: HashMap<usize, &'static TypeObj>,
    seed: foldhash::fast::FixedState,
    first_dict_version: u64,
    first_type_version: u32,
    parts: Parts,
    frozen: FrozenNumbers,
}

/// Numbers that what is frozen anywhere in the process gets, so that no two interpreters give the same.
#[derive(Default)]
struct FrozenNumbers {
    graph: AtomicU32,
    dict: AtomicU64,
    ty: AtomicU32,
}

/// Versions of frozen dicts and classes come after those that interpreters give by themselves.
const FROZEN_DICTS: u64 = 1 << 62;
pub(crate) const FROZEN_TYPES: u32 = 1 << 31;

// SAFETY: after `Image::build` returns, nothing in the image is written: its objects are immortal (their counts are never
// touched), texts are hashed, versions are given, and types without the HEAP flag refuse assignments. Parts are made under
// a lock in memory that nobody else sees, and published by another.
unsafe impl Send for Image {}
// SAFETY: as above.
unsafe impl Sync for Image {}

/// Versions that are left for parts made after interpreters began to give out theirs.
const SPARE_DICT_VERSIONS: u64 = 1 << 32;
const SPARE_TYPE_VERSIONS: u32 = 1 << 20;
/// Bytes of a text above which its hash is not kept in the image.
const LONG: usize = 128;

impl Image {
    /// Builds and seals an image with no builtins. `hash_seed` keys the hash of text and bytes.
    pub fn build(hash_seed: u64) -> &'static Image {
        Image::build_with(hash_seed, &|_, _| ())
    }

    /// Builds and seals an image. `fill` puts the contents of `builtins` into a dict, all of it objects made by the
    /// machine it is given.
    pub fn build_with(hash_seed: u64, fill: &dyn Fn(&Vm, &Dict)) -> &'static Image {
        let image: *mut Image = Box::leak(Box::new(Image {
            types: None,
            names: None,
            dunders: None,
            interned: HashTable::new(),
            latin1: Vec::new(),
            empty_str: None,
            empty_tuple: None,
            empty_bytes: None,
            builtins: None,
            subclasses: HashMap::new(),
            defs: HashMap::new(),
            seed: foldhash::fast::FixedState::with_seed(hash_seed),
            first_dict_version: 0,
            first_type_version: 0,
            parts: Parts::default(),
            frozen: FrozenNumbers::default(),
        }));
        // SAFETY: the image is in nobody else's hands until this function returns; it is written field by field, and each
        // field is read by the machine below only after it was written.
        unsafe {
            let heap = Heap::new(Arc::new(ChunkPool::new()));
            let list: Vec<&'static TypeObj> = TypeObj::raw_types(&heap, Types::DEFS);
            let types: &'static Types = Box::leak(Box::new(Types::from_list(&list)));
            (*image).types = Some(types);
            (*image).defs = Types::DEFS.iter().zip(&list).map(|(d, t)| (*d as *const TypeDef as usize, *t)).collect();
            let names_at = Box::into_raw(Box::<Names>::new_uninit());
            let vm = Vm::builder(heap, types, image, names_at.cast());
            (*image).empty_str = Some(vm.fresh_str(b""));
            for c in 0..=255u8 {
                let mut buf = [0; 2];
                let text = char::from(c).encode_utf8(&mut buf);
                (*image).latin1.push(vm.fresh_str(text.as_bytes()));
            }
            (*image).empty_tuple = Some(vm.alloc_empty_tuple());
            (*image).empty_bytes = Some(vm.fresh_bytes(b""));
            vm.adopt_interned((*image).latin1.iter().chain(&(*image).empty_str));
            (*names_at).write(Names::new(&vm));
            (*image).names = Some(Box::from_raw(names_at.cast()));
            (*image).dunders = Some(DunderTable::new(&vm));
            vm.fill_core_types(Types::DEFS, &list);
            let builtins = vm.new_dict();
            vm.builtins.set(builtins.clone());
            fill(&vm, builtins.downcast::<Dict>().expect("just made"));
            (*image).builtins = Some(builtins);
            (*image).seal(vm, types);
            &*image
        }
    }

    fn seal(&mut self, vm: Box<Vm>, types: &'static Types) {
        seal_objects(&vm, None);
        for ty in types.all() {
            // Types outside of the core are seen by those who ask for them.
            let mut subs = vm.subclasses(ty);
            subs.retain(|s| TypeObj::from_value(s).is_some_and(|s| types.all().iter().any(|t| t.is(s))));
            if !subs.is_empty() {
                self.subclasses.insert(ty as *const TypeObj as usize, subs);
            }
        }
        self.interned = vm.take_interned();
        self.first_dict_version = vm.next_dict_version() + SPARE_DICT_VERSIONS;
        self.first_type_version = vm.next_type_version() + SPARE_TYPE_VERSIONS;
        self.parts.begin(vm);
    }

    /// The builtin types.
    pub fn types(&self) -> &'static Types {
        self.types.expect("set when the image is built")
    }

    pub(crate) fn names(&self) -> &Names {
        self.names.as_ref().expect("set when the image is built")
    }

    pub(crate) fn dunders(&self) -> &DunderTable {
        self.dunders.as_ref().expect("set when the image is built")
    }

    pub(crate) fn empty_str(&self) -> Value {
        self.empty_str.clone().expect("set when the image is built")
    }

    pub(crate) fn latin1_char(&self, c: u8) -> Value {
        self.latin1[c as usize].clone()
    }

    pub(crate) fn empty_tuple(&self) -> Value {
        self.empty_tuple.clone().expect("set when the image is built")
    }

    pub(crate) fn empty_bytes(&self) -> Value {
        self.empty_bytes.clone().expect("set when the image is built")
    }

    pub(crate) fn builtins(&self) -> &Value {
        self.builtins.as_ref().expect("set when the image is built")
    }

    /// The type of a definition, if it was part of the image from the start.
    pub(crate) fn core_type(&self, def: &'static TypeDef) -> Option<&'static TypeObj> {
        self.defs.get(&(def as *const TypeDef as usize)).copied()
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The number of a new frozen graph; `None` when there are no more.
    pub(crate) fn next_graph(&self) -> Option<u32> {
        let n = self
            .frozen
            .graph
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| Some(n + 1).filter(|n| *n <= MAX_GRAPH));
        n.ok().map(|n| n + 1)
    }

    /// The version of a dict that is being frozen.
    pub(crate) fn next_frozen_dict_version(&self) -> u64 {
        FROZEN_DICTS + self.frozen.dict.fetch_add(1, Ordering::Relaxed)
    }

    /// The version of a class that is being frozen; 0, which nothing is remembered of, when there are no more.
    pub(crate) fn next_frozen_type_version(&self) -> u32 {
        let last = u32::MAX - FROZEN_TYPES - 1;
        let n =
            self.frozen.ty.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| Some(n + 1).filter(|n| *n < last));
        n.map_or(0, |n| FROZEN_TYPES + n)
    }

    pub(crate) fn first_dict_version(&self) -> u64 {
        self.first_dict_version
    }

    pub(crate) fn first_type_version(&self) -> u32 {
        self.first_type_version
    }

    /// Direct subclasses within the image.
    pub(crate) fn subclasses(&self, base: &TypeObj) -> Vec<Value> {
        self.subclasses.get(&(base as *const TypeObj as usize)).cloned().unwrap_or_default()
    }

    pub(crate) fn find_interned(&self, hash: u64, bytes: &[u8]) -> Option<Value> {
        self.interned.find(hash, |v| v.downcast::<Str>().is_some_and(|s| s.as_bytes() == bytes)).cloned()
    }

    /// The hash of text and bytes. Zero for nothing only; -1 is left to errors as in CPython.
    #[inline]
    pub(crate) fn hash_bytes(&self, bytes: &[u8]) -> u64 {
        if bytes.is_empty() {
            return 0;
        }
        let mut hasher = self.seed.build_hasher();
        hasher.write(bytes);
        match hasher.finish() {
            0 | u64::MAX => u64::MAX - 1,
            h => h,
        }
    }

    /// Has the system end the process if anything writes to the image's pages, for tests of that nobody does.
    pub fn set_read_only(&self, on: bool) {
        self.parts.set_read_only(on);
    }

    /// Bytes of the image's heap.
    pub fn bytes(&self) -> usize {
        self.parts.bytes()
    }
}

/// Makes the objects that the builder has made (since `mark`) what objects of the image are: classes that refuse
/// assignments and have their version, texts with their hash, dicts with their version, all of them immortal.
fn seal_objects(vm: &Vm, mark: Option<&HeapMark>) {
    let each = |f: &mut dyn FnMut(&Header)| match mark {
        Some(mark) => vm.heap().each_object_since(mark, f),
        None => vm.heap().each_object(f),
    };
    each(&mut |h| {
        // SAFETY: the kind says what the payload is.
        unsafe {
            match h.kind() {
                Kind::Type => h.payload_unchecked::<TypeObj>().seal(vm),
                // What is long is documentation.
                Kind::Str if h.payload_unchecked::<Str>().as_bytes().len() > LONG => {}
                Kind::Str => drop(h.payload_unchecked::<Str>().hash(vm)),
                Kind::Bytes => drop(h.payload_unchecked::<Bytes>().hash(vm)),
                Kind::Dict => h.payload_unchecked::<Dict>().seal(vm),
                _ => {}
            }
        }
        if std::ptr::eq(h.ty_ptr(), vm.types().frozenset) && vm.has_thread() {
            // SAFETY: alive.
            let value = unsafe { Value::from_header(h) };
            // One that holds what has no hash is not asked for it later either.
            drop(vm.caught(vm.hash(&value)));
        }
    });
    each(&mut |h| h.immortalize());
}

impl Vm {
    /// The machine that builds an image.
    fn builder(heap: Box<Heap>, types: &'static Types, image: *const Image, names: *const Names) -> Box<Vm> {
        let vm = Vm::with_heap(heap, Arc::new(Breaker::new()), types, image, names);
        vm.set_builder();
        vm
    }

    fn adopt_interned<'a>(&self, texts: impl Iterator<Item = &'a Value>) {
        for text in texts {
            if let Some(s) = text.downcast::<Str>() {
                s.hash(self);
                Header::of(s).set(flag::INTERNED);
                self.add_interned(text.clone());
            }
        }
    }
}
