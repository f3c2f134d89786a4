//! `code`: compiled code as one interpreter sees it: the shared [`Code`] with its constants and names as values, and the
//! inline caches.
//!
//! The code of a library module is made once a process, in the frozen image: a *template*, with the templates of the
//! functions in it among its constants. A function may have a template for its code until it is first called (most functions of
//! the library never are); then its interpreter makes a code object of its own, which shares the template's constants and has
//! its names interned when it first needs one.
//!
//! Rooms: this file has the payload; `methods` what Python sees; `positions` the iterators over lines and positions.
//!
//! Invariant: the shared code is never written. The caches belong to this object alone. A template is never run.
#![expect(unsafe_code, reason = "payload declaration; caches are reached by address")]

use crate::eval::inline_cache::{Cache, caches};
use crate::heap::heap_of;
use crate::monitor::private::Private;
use crate::object::{Header, Kind, Payload, Visitor};
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::{IBig, UBig};
use serpens_bytecode::{Code, CodeFlags, Const, Instr};
use std::cell::{Cell, OnceCell, UnsafeCell};
use std::mem::ManuallyDrop;
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
    /// A part of the frozen image, which is never run.
    template: bool,
    /// Nested codes that a function was made of, by their place among the constants, modulo 64.
    given: Cell<u64>,
    /// The private copy of the instructions, once events of this code were asked for.
    pub(crate) private: Cell<*mut Private>,
    /// Counted, unless it is a template's.
    code: ManuallyDrop<Arc<Code>>,
    of_template: bool,
    /// Constants of its own; none when they are a template's.
    own_consts: UnsafeCell<Box<[Value]>>,
    /// Interned, made when one is first asked for.
    names: OnceCell<Box<[Value]>>,
    /// Interned names of the parameters, made when keywords are first bound.
    params: OnceCell<Box<[Value]>>,
    /// `co_filename`, made once.
    pub(crate) filename: crate::cell::VCell,
}

// SAFETY: made by the heap only.
unsafe impl Payload for CodeObj {
    const KIND: Kind = Kind::Code;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        // SAFETY: the visitor runs no Python code, so that no constant is replaced meanwhile.
        unsafe { (*self.own_consts.get()).iter().for_each(&mut *visit) };
        self.filename.traverse(visit);
    }
}

impl Drop for CodeObj {
    fn drop(&mut self) {
        self.drop_private();
        let at = self.caches.replace(ptr::null_mut());
        if !at.is_null() {
            let n = self.code.sites.len();
            // SAFETY: made from a box of this length in `make_caches`.
            drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(at, n)) });
        }
        if !self.of_template {
            // SAFETY: it is not used afterwards.
            unsafe { ManuallyDrop::drop(&mut self.code) };
        }
    }
}

impl CodeObj {
    /// Completes the copy of an original: it shares code and constants, and runs cold.
    ///
    /// # Safety
    /// `copy` has the words of the original's payload, which lives longer, and nobody else knows it yet.
    pub(crate) unsafe fn become_copy(copy: *mut CodeObj, vm: &Vm) {
        // SAFETY: the words are overwritten without being dropped: what they stand for is the original's. Its constants
        // live as long as it does; code among them is replaced by code of this interpreter's own when it is asked for.
        unsafe {
            let code: &Code = &*Arc::as_ptr(&*ptr::addr_of!((*copy).code).cast::<Arc<Code>>());
            let nests = code.consts.iter().any(|c| matches!(c, Const::Code(_)));
            let own: Box<[Value]> = if nests { (*copy).constants().into() } else { Box::default() };
            if nests {
                (*copy).consts = own.as_ptr();
            }
            ptr::write(&raw mut (*copy).own_consts, UnsafeCell::new(own));
            ptr::write(&raw mut (*copy).names, OnceCell::new());
            ptr::write(&raw mut (*copy).params, OnceCell::new());
            (*copy).instrs.set(code.instrs.as_ptr());
            (*copy).caches.set(ptr::null_mut());
            (*copy).private.set(ptr::null_mut());
            (*copy).heat.set(0);
            (*copy).of_template = true;
            if vm.monitor.is_on() {
                vm.arm_new(&*copy);
            }
        }
    }

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

    /// Constants as values; code among them may be templates (see [`CodeObj::nested`]).
    pub fn constants(&self) -> &[Value] {
        if self.consts.is_null() {
            return &[];
        }
        // SAFETY: as many as the code has.
        unsafe { std::slice::from_raw_parts(self.consts, self.code.consts.len()) }
    }

    /// Whether it stands for the code of a frozen function: it has no constants and is never run.
    pub(crate) fn is_frozen_code(&self) -> bool {
        self.consts.is_null()
    }

    /// Whether it is never run: a call looks for what is run in the function's place first.
    #[inline(always)]
    pub(crate) fn stands_in(&self) -> bool {
        self.template || self.is_frozen_code()
    }

    /// Whether it is a part of the frozen image.
    pub(crate) fn is_template(&self) -> bool {
        self.template
    }

    /// The code for a function that is made of nested code `i`: the template, for the first function; all others share one
    /// code object of this interpreter.
    pub(crate) fn code_for_function(&self, vm: &Vm, i: u16) -> &Value {
        let (found, bit) = (self.constant(i), 1 << (i & 63));
        if self.given.get() & bit == 0 && found.downcast::<CodeObj>().is_some_and(CodeObj::is_template) {
            self.given.set(self.given.get() | bit);
            return found;
        }
        self.nested(vm, i)
    }

    /// A constant that is a code object, this interpreter's own.
    pub(crate) fn nested(&self, vm: &Vm, i: u16) -> &Value {
        let found = self.constant(i);
        if found.header().is_some_and(Header::is_immortal) && found.is_a::<CodeObj>() && !vm.is_builder() {
            let own = vm.own_code(found);
            // SAFETY: code with code in it has constants of its own; a template's word is replaced, which nobody counts.
            unsafe { (&mut *self.own_consts.get())[i as usize] = own };
        }
        self.constant(i)
    }

    /// An interned name.
    #[inline(always)]
    pub(crate) fn name(&self, i: u16) -> &Value {
        &self.names()[i as usize]
    }

    /// Interned names.
    #[inline(always)]
    pub fn names(&self) -> &[Value] {
        match self.names.get() {
            Some(names) => names,
            None => self.make_names(),
        }
    }

    #[cold]
    #[inline(never)]
    fn make_names(&self) -> &[Value] {
        self.names.get_or_init(|| {
            // SAFETY: templates are not asked for their names, and other code objects are mortal.
            match unsafe { heap_of(Header::of(self)) }.vm() {
                Some(vm) => self.code.names.iter().map(|n| vm.intern(n)).collect(),
                None => Box::default(),
            }
        })
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

/// Bytes of `co_code` that one instruction takes.
pub(crate) const UNIT: usize = 8;

/// The offset of an instruction in `co_code`, as `f_lasti` and `tb_lasti` give it. The first word of `co_code` stands for
/// the entry: while a call is reported the frame is there, on the line of the definition.
pub(crate) const fn offset_of(at: usize) -> usize {
    (at + 1) * UNIT
}

/// The offset of line `n` of the `count` lines without instructions that come before an instruction.
pub(crate) const fn mark_offset(at: usize, count: usize, n: usize) -> usize {
    let before = if count - n < UNIT { count - n } else { UNIT - 1 };
    offset_of(at) - before
}

/// The instruction at an offset in `co_code`.
pub(crate) const fn at_offset(offset: usize) -> usize {
    (offset / UNIT).saturating_sub(1)
}

fn big_integer(negative: bool, magnitude: &[u8]) -> IBig {
    let value = IBig::from(UBig::from_le_bytes(magnitude));
    if negative { -value } else { value }
}

impl Vm {
    /// A code object of this interpreter: constants and names become values.
    pub fn new_code(&self, code: Arc<Code>) -> Value {
        let consts: Box<[Value]> = code.consts.iter().map(|c| self.realise(c)).collect();
        self.alloc_code(ManuallyDrop::new(code), false, consts.as_ptr(), consts)
    }

    /// A code object of this interpreter from a template of the frozen image.
    pub fn own_code(&self, template: &Value) -> Value {
        let Some(t) = template.downcast::<CodeObj>() else { return template.clone() };
        // SAFETY: the template keeps its reference for ever, so that copies of it need not be counted.
        let code = unsafe { ptr::read(&t.code) };
        let nests = code.consts.iter().any(|c| matches!(c, Const::Code(_)));
        let own: Box<[Value]> = if nests { t.constants().into() } else { Box::default() };
        let consts = if nests { own.as_ptr() } else { t.consts };
        self.alloc_code(code, true, consts, own)
    }

    /// The code of a frozen function, which nobody runs: every interpreter makes code of its own from it.
    pub(crate) fn frozen_code(&self, code: &Arc<Code>) -> Value {
        let code = ManuallyDrop::new(code.clone());
        let payload = CodeObj {
            instrs: Cell::new(code.instrs.as_ptr()),
            consts: ptr::null(),
            caches: Cell::new(ptr::null_mut()),
            n_regs: code.n_regs.max(code.n_locals),
            n_locals: code.n_locals,
            // No call takes the short way.
            fast_args: u16::MAX,
            heat: Cell::new(0),
            template: false,
            given: Cell::new(0),
            private: Cell::new(ptr::null_mut()),
            code,
            of_template: false,
            own_consts: UnsafeCell::default(),
            names: OnceCell::new(),
            params: OnceCell::new(),
            filename: crate::cell::VCell::empty(),
        };
        self.alloc(self.types().code, payload)
    }

    fn alloc_code(
        &self,
        code: ManuallyDrop<Arc<Code>>,
        of_template: bool,
        consts: *const Value,
        own_consts: Box<[Value]>,
    ) -> Value {
        let odd = CodeFlags::VARARGS | CodeFlags::VARKEYWORDS | CodeFlags::NAMESPACE;
        let template = self.is_builder();
        // No call of a template takes the short way.
        let simple = code.n_kwonly == 0 && !code.flags.intersects(odd) && !template;
        let payload = CodeObj {
            instrs: Cell::new(code.instrs.as_ptr()),
            consts,
            caches: Cell::new(ptr::null_mut()),
            n_regs: code.n_regs.max(code.n_locals),
            n_locals: code.n_locals,
            fast_args: if simple { code.n_args } else { u16::MAX },
            heat: Cell::new(0),
            template,
            given: Cell::new(0),
            private: Cell::new(ptr::null_mut()),
            code,
            of_template,
            own_consts: UnsafeCell::new(own_consts),
            names: OnceCell::new(),
            params: OnceCell::new(),
            filename: crate::cell::VCell::empty(),
        };
        let made = self.alloc(self.types().code, payload);
        if self.monitor.is_on()
            && let Some(c) = made.downcast::<CodeObj>()
        {
            self.arm_new(c);
        }
        made
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
