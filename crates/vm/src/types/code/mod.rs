//! `code`: compiled code as one interpreter sees it: the shared [`Code`] with its constants and names as values, and the
//! inline caches.
//!
//! Rooms: this file has the payload; `methods` what Python sees; `positions` the iterators over lines and positions.
//!
//! Invariant: the shared code is never written. The caches belong to this object alone.
#![expect(unsafe_code, reason = "payload declaration; caches are reached by address")]

use crate::eval::inline_cache::{Cache, caches};
use crate::object::{Kind, Payload, Visitor};
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::{IBig, UBig};
use serpens_bytecode::{Code, CodeFlags, Const, Instr};
use std::cell::Cell;
use std::ptr;
use std::sync::Arc;

pub mod methods;

pub use methods::TYPE;

/// Runs before a code object gets its caches.
const WARM: u8 = 2;

/// A code object.
pub struct CodeObj {
    /// What the eval loop runs: the shared instructions, or a private copy of them.
    pub(crate) instrs: Cell<*const Instr>,
    pub(crate) consts: *const Value,
    caches: Cell<*mut Cache>,
    pub(crate) n_regs: u16,
    pub(crate) n_locals: u16,
    /// Number of positional arguments that fit without binding; `u16::MAX` when there is more to bind.
    pub(crate) fast_args: u16,
    heat: Cell<u8>,
    code: Arc<Code>,
    const_values: Box<[Value]>,
    names: Box<[Value]>,
    /// Interned names of the parameters, made when keywords are first bound.
    params: std::cell::OnceCell<Box<[Value]>>,
    /// `co_filename`, made once.
    pub(crate) filename: crate::cell::VCell,
}

// SAFETY: made by the heap only.
unsafe impl Payload for CodeObj {
    const KIND: Kind = Kind::Code;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        self.const_values.iter().for_each(&mut *visit);
        self.filename.traverse(visit);
    }
}

impl Drop for CodeObj {
    fn drop(&mut self) {
        let at = self.caches.replace(ptr::null_mut());
        if !at.is_null() {
            let n = self.code.sites.len();
            // SAFETY: made from a box of this length in `make_caches`.
            drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(at, n)) });
        }
    }
}

impl CodeObj {
    /// The shared code.
    #[inline(always)]
    pub fn code(&self) -> &Arc<Code> {
        &self.code
    }

    /// A constant as a value.
    #[inline(always)]
    pub(crate) fn constant(&self, i: u16) -> &Value {
        // SAFETY: operands of verified code are in range.
        unsafe { &*self.consts.add(i as usize) }
    }

    /// Constants as values.
    pub fn constants(&self) -> &[Value] {
        &self.const_values
    }

    /// An interned name.
    #[inline(always)]
    pub(crate) fn name(&self, i: u16) -> &Value {
        &self.names[i as usize]
    }

    /// Interned names.
    pub fn names(&self) -> &[Value] {
        &self.names
    }

    /// The name a cache site is about.
    #[inline(always)]
    pub(crate) fn site_name(&self, site: u16) -> &Value {
        self.name(self.code.sites[site as usize])
    }

    /// Interned names of the parameters.
    pub(crate) fn params(&self, vm: &Vm) -> &[Value] {
        self.params.get_or_init(|| {
            let n = self.code.n_args as usize + self.code.n_kwonly as usize;
            self.code.local_names.iter().take(n).map(|name| vm.intern(name)).collect()
        })
    }

    /// The cache of a site, once the code is warm.
    #[inline(always)]
    #[expect(clippy::mut_from_ref, reason = "one borrow at a time: each instruction looks at its own site")]
    pub(crate) fn cache(&self, site: u16) -> Option<&mut Cache> {
        let at = self.caches.get();
        if at.is_null() {
            return None;
        }
        // SAFETY: operands of verified code are in range; nobody keeps a borrow of an entry across another access.
        Some(unsafe { &mut *at.add(site as usize) })
    }

    /// The cache of a site on the slow path, where code warms up.
    pub(crate) fn cache_to_fill(&self, site: u16) -> Option<&mut Cache> {
        if self.caches.get().is_null() {
            let heat = self.heat.get();
            if heat < WARM.saturating_mul(4) {
                self.heat.set(heat + 1);
                return None;
            }
            self.make_caches();
        }
        self.cache(site)
    }

    #[cold]
    fn make_caches(&self) {
        let fresh = caches(&self.code);
        self.caches.set(Box::into_raw(fresh).cast());
    }

    /// The instruction at an index.
    pub(crate) fn instr_at(&self, i: usize) -> Option<Instr> {
        self.code.instrs.get(i).copied()
    }
}

fn big_integer(negative: bool, magnitude: &[u8]) -> IBig {
    let value = IBig::from(UBig::from_le_bytes(magnitude));
    if negative { -value } else { value }
}

impl Vm {
    /// A code object of this interpreter: constants and names become values.
    pub fn new_code(&self, code: Arc<Code>) -> Value {
        let const_values: Box<[Value]> = code.consts.iter().map(|c| self.realise(c)).collect();
        let names: Box<[Value]> = code.names.iter().map(|n| self.intern(n)).collect();
        let odd = CodeFlags::VARARGS | CodeFlags::VARKEYWORDS;
        let simple = code.n_kwonly == 0 && !code.flags.intersects(odd);
        let payload = CodeObj {
            instrs: Cell::new(code.instrs.as_ptr()),
            consts: const_values.as_ptr(),
            caches: Cell::new(ptr::null_mut()),
            n_regs: code.n_regs.max(code.n_locals),
            n_locals: code.n_locals,
            fast_args: if simple { code.n_args } else { u16::MAX },
            heat: Cell::new(0),
            code,
            const_values,
            names,
            params: std::cell::OnceCell::new(),
            filename: crate::cell::VCell::empty(),
        };
        self.alloc(self.types().code, payload)
    }

    /// A constant as a value of this interpreter.
    pub fn realise(&self, c: &Const) -> Value {
        match c {
            Const::None => Value::NONE,
            Const::Bool(b) => Value::bool(*b),
            Const::Ellipsis => Value::ELLIPSIS,
            Const::Int(i) => self.int(*i),
            Const::BigInt { negative, magnitude } => self.int_big(big_integer(*negative, magnitude)),
            Const::Float(bits) => Value::float(bits.get()),
            Const::Complex(re, im) => self.complex(re.get(), im.get()),
            Const::Str(bytes) => {
                if bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') {
                    self.intern_bytes(bytes)
                } else {
                    self.str_wtf8(bytes)
                }
            }
            Const::Bytes(bytes) => self.bytes(bytes),
            Const::Tuple(items) => self.tuple(items.iter().map(|c| self.realise(c)).collect()),
            Const::FrozenSet(items) => {
                let items: Vec<Value> = items.iter().map(|c| self.realise(c)).collect();
                // Constants are hashable: nothing can be raised.
                self.frozenset(items).unwrap_or(Value::NONE)
            }
            Const::Slice(parts) => {
                let [a, b, c] = [&parts[0], &parts[1], &parts[2]].map(|c| self.realise(c));
                self.slice(a, b, c)
            }
            Const::Code(code) => self.new_code(code.clone()),
        }
    }
}
