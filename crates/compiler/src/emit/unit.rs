//! [`Unit`]: one code object in the making: its registers, constants, names and blocks.
//!
//! Invariant: temporaries are allocated and released like a stack; `n_locals` is known before the first one.

use crate::assembler::{Asm, Bits, HandlerId, Label};
use crate::symtable::{ScopeId, ScopeKind};
use hashbrown::HashMap;
use ruff_python_ast::name::Name;
use ruff_python_ast::{Identifier, Stmt, StmtAnnAssign};
use ruff_text_size::TextRange;
use serpens_bytecode::constant::Const;
use serpens_bytecode::{CellVar, CodeFlags};
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A register.
pub type Reg = u16;

/// A construct that `break`, `continue` and `return` must leave properly.
#[derive(Clone, Copy)]
pub enum BlockKind<'a> {
    /// A loop; a `for` loop keeps its iterator in a temporary.
    Loop { brk: Label, cont: Label, iter: Option<Reg> },
    /// The protected part of `try ... except`.
    Try,
    /// The protected part of `try ... finally`.
    Finally { body: &'a [Stmt] },
    /// A handler or the exceptional copy of a `finally`: the exception is at `depth`.
    Handler { depth: Reg, name: Option<&'a Identifier> },
    /// The body of a `with`: `__exit__` is at `base`.
    With { base: Reg, is_async: bool, range: TextRange },
    /// A value kept in a temporary.
    Kept(Reg),
    /// `except*`: nothing may leave it.
    Star,
}

/// A block with the handler that is in force around it.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    pub kind: BlockKind<'a>,
    pub outer: Option<HandlerId>,
}

/// A table of distinct constants.
#[derive(Default)]
pub struct Consts {
    pub list: Vec<Const>,
    index: HashMap<u64, Vec<u32>>,
}

impl Consts {
    /// The index of a constant.
    pub fn add(&mut self, value: Const) -> usize {
        let mut hasher = std::hash::DefaultHasher::new();
        hash_const(&value, &mut hasher);
        let bucket = self.index.entry(hasher.finish()).or_default();
        if !matches!(value, Const::Code(_)) {
            for i in bucket.iter() {
                if self.list[*i as usize] == value {
                    return *i as usize;
                }
            }
        }
        bucket.push(self.list.len() as u32);
        self.list.push(value);
        self.list.len() - 1
    }
}

fn hash_const(value: &Const, h: &mut impl Hasher) {
    std::mem::discriminant(value).hash(h);
    match value {
        Const::None | Const::Ellipsis => {}
        Const::Bool(b) => b.hash(h),
        Const::Int(i) => i.hash(h),
        Const::BigInt { negative, magnitude } => (negative, magnitude).hash(h),
        Const::Float(f) => f.hash(h),
        Const::Complex(a, b) => (a, b).hash(h),
        Const::Str(s) | Const::Bytes(s) => s.hash(h),
        Const::Tuple(t) | Const::FrozenSet(t) => t.iter().for_each(|c| hash_const(c, h)),
        Const::Slice(t) => t.iter().for_each(|c| hash_const(c, h)),
        Const::Code(c) => Arc::as_ptr(c).hash(h),
    }
}

/// An annotation to be put into `__annotate__` at the end of the block.
pub struct Deferred<'a> {
    pub stmt: &'a StmtAnnAssign,
    pub conditional: Option<i64>,
}

/// One code object in the making.
pub struct Unit<'a> {
    pub scope: ScopeId,
    pub kind: ScopeKind,
    pub asm: Asm,
    pub consts: Consts,
    pub names: Vec<Arc<str>>,
    pub name_index: HashMap<Name, u16>,
    pub sites: Vec<u16>,
    /// Locals and cells by name.
    pub regs: HashMap<Name, Reg>,
    /// Variables of inlined comprehensions, by name and depth.
    pub hidden: HashMap<(Name, u32), Reg>,
    pub local_names: Vec<Arc<str>>,
    pub cellvars: Vec<CellVar>,
    pub frees: HashMap<Name, u16>,
    pub free_names: Vec<Arc<str>>,
    /// Inlined comprehensions being emitted, outermost first.
    pub overlay: Vec<ScopeId>,
    pub n_locals: Reg,
    pub next_temp: u32,
    pub max_temp: u32,
    pub blocks: Vec<Block<'a>>,
    pub name: Arc<str>,
    pub qualname: Arc<str>,
    pub first_line: u32,
    pub flags: CodeFlags,
    pub n_args: u16,
    pub n_posonly: u16,
    pub n_kwonly: u16,
    /// Locals that may be unbound again.
    pub may_unbind: Bits,
    pub walrus: BTreeSet<Reg>,
    pub deferred: Vec<Deferred<'a>>,
    /// Inside a block that may not be executed.
    pub conditional: bool,
    pub static_attributes: BTreeSet<Name>,
    pub too_big: bool,
    /// Loops around what is emitted now.
    pub n_loops: u32,
}

impl Unit<'_> {
    /// A new temporary.
    pub fn temp(&mut self) -> Reg {
        self.temps(1)
    }

    /// `n` consecutive temporaries.
    pub fn temps(&mut self, n: usize) -> Reg {
        let first = self.next_temp;
        self.next_temp += n as u32;
        self.max_temp = self.max_temp.max(self.next_temp);
        if self.max_temp > 0xFFF0 {
            self.too_big = true;
        }
        first as Reg
    }

    /// Whether a register is a temporary.
    pub fn is_temp(&self, reg: Reg) -> bool {
        reg >= self.n_locals
    }

    /// A new cache site about a name.
    pub fn site(&mut self, name: u16) -> u16 {
        if self.sites.len() >= 0xFFFF {
            self.too_big = true;
            return 0;
        }
        self.sites.push(name);
        self.sites.len() as u16 - 1
    }
}
