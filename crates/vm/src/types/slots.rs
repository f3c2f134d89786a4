//! Slots: the operations of a type as function pointers. Special methods of Python classes are reached through them too,
//! so that every operation of the machine is one load and one call.

use crate::error::PyResult;
use crate::native::CallArgs;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// The binary operators, in the order of the tables below.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum BinOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    TrueDiv,
    /// `//`
    FloorDiv,
    /// `%`
    Mod,
    /// `**`
    Pow,
    /// `@`
    MatMul,
    /// `<<`
    Shl,
    /// `>>`
    Shr,
    /// `&`
    And,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `divmod()`, which has no in-place form
    DivMod,
}

/// Number of binary operators.
pub const N_BINOPS: usize = 14;

impl BinOp {
    /// All of them, in order.
    pub const ALL: [BinOp; N_BINOPS] = [
        BinOp::Add,
        BinOp::Sub,
        BinOp::Mul,
        BinOp::TrueDiv,
        BinOp::FloorDiv,
        BinOp::Mod,
        BinOp::Pow,
        BinOp::MatMul,
        BinOp::Shl,
        BinOp::Shr,
        BinOp::And,
        BinOp::Or,
        BinOp::Xor,
        BinOp::DivMod,
    ];

    /// The operator as messages show it.
    pub const fn symbol(self) -> &'static str {
        match self {
            BinOp::Add => "+",
            BinOp::Sub => "-",
            BinOp::Mul => "*",
            BinOp::TrueDiv => "/",
            BinOp::FloorDiv => "//",
            BinOp::Mod => "%",
            BinOp::Pow => "** or pow()",
            BinOp::MatMul => "@",
            BinOp::Shl => "<<",
            BinOp::Shr => ">>",
            BinOp::And => "&",
            BinOp::Or => "|",
            BinOp::Xor => "^",
            BinOp::DivMod => "divmod()",
        }
    }

    /// The special method's name without underscores: `add` of `__add__`, `__radd__`, `__iadd__`.
    pub const fn stem(self) -> &'static str {
        match self {
            BinOp::Add => "add",
            BinOp::Sub => "sub",
            BinOp::Mul => "mul",
            BinOp::TrueDiv => "truediv",
            BinOp::FloorDiv => "floordiv",
            BinOp::Mod => "mod",
            BinOp::Pow => "pow",
            BinOp::MatMul => "matmul",
            BinOp::Shl => "lshift",
            BinOp::Shr => "rshift",
            BinOp::And => "and",
            BinOp::Or => "or",
            BinOp::Xor => "xor",
            BinOp::DivMod => "divmod",
        }
    }
}

/// The rich comparisons.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CmpOp {
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl CmpOp {
    /// All of them, in order.
    pub const ALL: [CmpOp; 6] = [CmpOp::Lt, CmpOp::Le, CmpOp::Eq, CmpOp::Ne, CmpOp::Gt, CmpOp::Ge];

    /// The operator as messages show it.
    pub const fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }

    /// The comparison with the operands swapped.
    pub const fn swapped(self) -> CmpOp {
        [CmpOp::Gt, CmpOp::Ge, CmpOp::Eq, CmpOp::Ne, CmpOp::Lt, CmpOp::Le][self as usize]
    }

    /// What the comparison says of an ordering.
    #[inline(always)]
    pub const fn of(self, ord: std::cmp::Ordering) -> bool {
        match self {
            CmpOp::Lt => ord.is_lt(),
            CmpOp::Le => ord.is_le(),
            CmpOp::Eq => ord.is_eq(),
            CmpOp::Ne => ord.is_ne(),
            CmpOp::Gt => ord.is_gt(),
            CmpOp::Ge => ord.is_ge(),
        }
    }

    /// The special method.
    pub const fn method(self) -> &'static str {
        ["__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"][self as usize]
    }
}

/// `f(self) -> value`.
pub type UnaryFn = fn(&Vm, &Value) -> PyResult;
/// `f(a, b) -> value or NotImplemented`; called for either operand's type with the operands in source order.
pub type BinaryFn = fn(&Vm, &Value, &Value) -> PyResult;
/// `f(self, key, value or delete)`.
pub type SetItemFn = fn(&Vm, &Value, &Value, Option<&Value>) -> PyResult<()>;

/// A view of an object's memory, as the buffer protocol hands it out.
pub struct Buffer {
    /// The object that owns the memory; it does not move or resize it while exports exist.
    pub owner: Value,
    /// First byte.
    pub ptr: *mut u8,
    /// Bytes.
    pub len: usize,
    /// Whether it may not be written.
    pub readonly: bool,
    /// Bytes of an item.
    pub itemsize: usize,
    /// Format of an item as `struct` has it.
    pub format: std::borrow::Cow<'static, str>,
    /// Items in each dimension.
    pub shape: smallvec::SmallVec<[isize; 1]>,
    /// Bytes between items in each dimension.
    pub strides: smallvec::SmallVec<[isize; 1]>,
    /// Called when the view is released.
    pub release: Option<fn(&Vm, &Value)>,
}

/// The operations of a type. An empty slot means the type does not have the operation.
#[derive(Clone)]
#[expect(missing_docs, reason = "named after the special methods")]
pub struct Slots {
    pub new: Option<fn(&Vm, &TypeObj, &CallArgs<'_>) -> PyResult>,
    pub init: Option<fn(&Vm, &Value, &CallArgs<'_>) -> PyResult<()>>,
    pub del: Option<fn(&Vm, &Value) -> PyResult<()>>,
    pub call: Option<fn(&Vm, &Value, &CallArgs<'_>) -> PyResult>,
    pub repr: Option<UnaryFn>,
    pub str: Option<UnaryFn>,
    pub hash: Option<fn(&Vm, &Value) -> PyResult<i64>>,
    pub richcmp: Option<fn(&Vm, &Value, &Value, CmpOp) -> PyResult>,
    pub getattr: Option<fn(&Vm, &Value, &Value) -> PyResult>,
    pub setattr: Option<fn(&Vm, &Value, &Value, Option<&Value>) -> PyResult<()>>,
    pub descr_get: Option<fn(&Vm, &Value, Option<&Value>, Option<&Value>) -> PyResult>,
    pub descr_set: Option<fn(&Vm, &Value, &Value, Option<&Value>) -> PyResult<()>>,
    pub iter: Option<UnaryFn>,
    pub iternext: Option<fn(&Vm, &Value) -> PyResult<Option<Value>>>,
    pub bool: Option<fn(&Vm, &Value) -> PyResult<bool>>,
    pub len: Option<fn(&Vm, &Value) -> PyResult<usize>>,
    pub getitem: Option<BinaryFn>,
    pub setitem: Option<SetItemFn>,
    pub contains: Option<fn(&Vm, &Value, &Value) -> PyResult<bool>>,
    pub binary: [Option<BinaryFn>; N_BINOPS],
    pub inplace: [Option<BinaryFn>; N_BINOPS],
    pub pow3: Option<fn(&Vm, &Value, &Value, &Value) -> PyResult>,
    pub neg: Option<UnaryFn>,
    pub pos: Option<UnaryFn>,
    pub abs: Option<UnaryFn>,
    pub invert: Option<UnaryFn>,
    pub int: Option<UnaryFn>,
    pub float: Option<UnaryFn>,
    pub index: Option<UnaryFn>,
    pub await_: Option<UnaryFn>,
    pub aiter: Option<UnaryFn>,
    pub anext: Option<UnaryFn>,
    pub buffer: Option<fn(&Vm, &Value, bool) -> PyResult<Buffer>>,
}

impl Slots {
    /// No operations.
    pub const EMPTY: Slots = Slots {
        new: None,
        init: None,
        del: None,
        call: None,
        repr: None,
        str: None,
        hash: None,
        richcmp: None,
        getattr: None,
        setattr: None,
        descr_get: None,
        descr_set: None,
        iter: None,
        iternext: None,
        bool: None,
        len: None,
        getitem: None,
        setitem: None,
        contains: None,
        binary: [None; N_BINOPS],
        inplace: [None; N_BINOPS],
        pow3: None,
        neg: None,
        pos: None,
        abs: None,
        invert: None,
        int: None,
        float: None,
        index: None,
        await_: None,
        aiter: None,
        anext: None,
        buffer: None,
    };

    /// Sets a binary operator (for `const` tables).
    pub const fn with(mut self, op: BinOp, f: BinaryFn) -> Slots {
        self.binary[op as usize] = Some(f);
        self
    }

    /// Sets an in-place operator (for `const` tables).
    pub const fn with_inplace(mut self, op: BinOp, f: BinaryFn) -> Slots {
        self.inplace[op as usize] = Some(f);
        self
    }

    /// Fills empty slots from a base.
    pub fn inherit(&mut self, base: &Slots) {
        macro_rules! fill {
            ($($field:ident)*) => { $( if self.$field.is_none() { self.$field = base.$field; } )* };
        }
        // `__eq__` without `__hash__` makes a type unhashable; the class builder decides that before it inherits.
        if self.richcmp.is_none() && self.hash.is_none() {
            self.hash = base.hash;
            self.richcmp = base.richcmp;
        }
        fill!(new init del call repr str hash richcmp getattr setattr descr_get descr_set iter iternext bool len getitem
            setitem contains pow3 neg pos abs invert int float index await_ aiter anext buffer);
        for i in 0..N_BINOPS {
            if self.binary[i].is_none() {
                self.binary[i] = base.binary[i];
            }
            if self.inplace[i].is_none() {
                self.inplace[i] = base.inplace[i];
            }
        }
    }
}
