//! [`Code`]: the immutable result of compiling one scope, shared by all interpreters of a process.

use crate::constant::Const;
use crate::instr::Instr;
use crate::location::{ExcEntry, LocationTable};
use std::sync::Arc;

bitflags::bitflags! {
    /// Flags of a code object. The low bits are CPython's `co_flags`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct CodeFlags: u32 {
        /// Locals are registers.
        const OPTIMIZED = 0x1;
        /// A new namespace for each call.
        const NEWLOCALS = 0x2;
        /// Has `*args`.
        const VARARGS = 0x4;
        /// Has `**kwargs`.
        const VARKEYWORDS = 0x8;
        /// Defined inside a function.
        const NESTED = 0x10;
        /// A generator.
        const GENERATOR = 0x20;
        /// A coroutine.
        const COROUTINE = 0x80;
        /// A generator that may be awaited (`types.coroutine`).
        const ITERABLE_COROUTINE = 0x100;
        /// An asynchronous generator.
        const ASYNC_GENERATOR = 0x200;
        /// `from __future__ import annotations`.
        const FUTURE_ANNOTATIONS = 0x0100_0000;
        /// The first constant is the docstring.
        const HAS_DOCSTRING = 0x0400_0000;
        /// A function defined in a class body.
        const METHOD = 0x0800_0000;
        /// Register 0 is the namespace (module, class body, `exec`). Not visible in `co_flags`.
        const NAMESPACE = 0x8000_0000;
    }
}

/// A local variable that lives in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellVar {
    /// Its name.
    pub name: Arc<str>,
    /// The register that holds the cell.
    pub reg: u16,
}

/// One compiled scope.
///
/// Registers: the positional parameters, the keyword-only parameters, `*args`, `**kwargs`, the other locals (in the order
/// of `local_names`; a cell variable that is a parameter keeps the parameter's register), then temporaries up to `n_regs`.
#[derive(Clone, Debug)]
pub struct Code {
    /// The name in its definition.
    pub name: Arc<str>,
    /// The dotted name.
    pub qualname: Arc<str>,
    /// The source file.
    pub filename: Arc<str>,
    /// Line of the definition (of the first decorator).
    pub first_line: u32,
    /// Flags.
    pub flags: CodeFlags,
    /// Positional parameters, positional-only ones included.
    pub n_args: u16,
    /// Positional-only parameters.
    pub n_posonly: u16,
    /// Keyword-only parameters.
    pub n_kwonly: u16,
    /// Registers that are locals; temporaries begin here.
    pub n_locals: u16,
    /// Registers of a frame, temporaries included (at least `n_locals + 1`).
    pub n_regs: u16,
    /// Names of the local registers, `n_locals` of them. Hidden ones (comprehension variables of an inlined
    /// comprehension, internal ones) begin with `.`: `.locals` for the namespace register, `.x` for a hidden `x`.
    pub local_names: Box<[Arc<str>]>,
    /// Locals that live in cells.
    pub cellvars: Box<[CellVar]>,
    /// Free variables, in the order of the closure tuple.
    pub freevars: Box<[Arc<str>]>,
    /// Names used by name, attribute and import instructions.
    pub names: Box<[Arc<str>]>,
    /// Constants.
    pub consts: Box<[Const]>,
    /// Instructions.
    pub instrs: Box<[Instr]>,
    /// Cache sites: for each, the index of the name it is about (0 for a call site).
    pub sites: Box<[u16]>,
    /// Exception handlers; for nested ranges the innermost first.
    pub handlers: Box<[ExcEntry]>,
    /// Source positions.
    pub locations: LocationTable,
}

/// The file does not count: the same source in two files gives equal code.
impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        let named = |c: &Code| (c.first_line, c.flags, c.n_args, c.n_posonly, c.n_kwonly, c.n_locals, c.n_regs);
        self.name == other.name
            && self.qualname == other.qualname
            && named(self) == named(other)
            && self.instrs == other.instrs
            && self.local_names == other.local_names
            && self.cellvars == other.cellvars
            && self.freevars == other.freevars
            && self.names == other.names
            && self.consts == other.consts
            && self.sites == other.sites
            && self.handlers == other.handlers
            && self.locations == other.locations
    }
}

impl Code {
    /// Number of parameter registers: positional, keyword-only, `*args`, `**kwargs`.
    pub fn n_params(&self) -> usize {
        self.n_args as usize
            + self.n_kwonly as usize
            + self.flags.contains(CodeFlags::VARARGS) as usize
            + self.flags.contains(CodeFlags::VARKEYWORDS) as usize
    }

    /// The same code, with that in it, from another file.
    pub fn with_filename(&self, filename: &str) -> Code {
        fn renamed(code: &Code, filename: &Arc<str>) -> Code {
            let consts = code.consts.iter().map(|c| match c {
                Const::Code(inner) => Const::Code(Arc::new(renamed(inner, filename))),
                other => other.clone(),
            });
            Code { filename: filename.clone(), consts: consts.collect(), ..code.clone() }
        }
        renamed(self, &filename.into())
    }

    /// The innermost handler that covers instruction `pc`.
    pub fn handler_at(&self, pc: u32) -> Option<&ExcEntry> {
        self.handlers.iter().find(|e| e.start <= pc && pc < e.end)
    }
}
