//! The registry of object layouts.

/// The layout of an object: which Rust type lies behind its header. A subclass has the layout of its base.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Nothing but attributes: `object` and instances of plain classes.
    Instance,
    /// A type object.
    Type,
    /// A heap integer.
    Int,
    /// A float of a subclass (exact floats are immediates).
    Float,
    /// A complex number.
    Complex,
    /// Text.
    Str,
    /// Bytes.
    Bytes,
    /// A bytearray.
    ByteArray,
    /// A memoryview.
    MemoryView,
    /// A tuple.
    Tuple,
    /// A list.
    List,
    /// A dict.
    Dict,
    /// A set or frozenset.
    Set,
    /// A slice.
    Slice,
    /// A range.
    Range,
    /// A Python function.
    Function,
    /// A built-in function or method.
    Builtin,
    /// A bound method.
    Method,
    /// A method of a native type, unbound.
    MethodDescr,
    /// A slot of a native type as a method.
    SlotWrapper,
    /// A member or getset descriptor.
    GetSet,
    /// A slot of `__slots__`.
    Member,
    /// A property.
    Property,
    /// classmethod.
    ClassMethod,
    /// staticmethod.
    StaticMethod,
    /// super.
    Super,
    /// A code object.
    Code,
    /// A cell.
    Cell,
    /// A frame object.
    Frame,
    /// A traceback.
    Traceback,
    /// A module.
    Module,
    /// A generator, coroutine or asynchronous generator.
    Generator,
    /// An exception.
    Exception,
    /// A weak reference.
    WeakRef,
    /// A mappingproxy.
    MappingProxy,
    /// Any iterator of the core.
    Iterator,
    /// A view of a dict.
    DictView,
    /// A type of a native module or of the rest of the core: told apart by `TypeObj::native_id`.
    Native,
}

impl Kind {
    /// Whether payloads of this layout may own something outside of the heap.
    #[inline(always)]
    pub(crate) const fn may_hold_resources(self) -> bool {
        matches!(
            self,
            Kind::Native | Kind::Int | Kind::Code | Kind::Frame | Kind::Range | Kind::MemoryView | Kind::Type
        )
    }
}
