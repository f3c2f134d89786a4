//! Values that cross from one interpreter to another: between [`Value`] and [`Portable`].
//!
//! Immutable values cross as themselves; functions without state as shared code; everything else as a pickle, where the
//! caller allows that.
//!
//! Rooms: this file has the two directions; [`code`] functions and scripts; [`common`] what crosses by reference; [`flat`] plain containers; [`frozen`] objects of frozen
//! graphs; [`pickled`] what goes by name or as a pickle; [`refusal`] the errors.

mod code;
mod common;
mod flat;
mod frozen;
mod pickled;
mod refusal;

pub use code::{check_script, needs_builtins_only, stateless, to_shared_code};
pub use frozen::{receive_frozen, send_frozen};
pub use pickled::to_pickle;
pub use refusal::{not_shareable, not_shareable_from, unsupported_because};

use crate::interpreter::runtime_of;
use crate::lending;
use code::Shared;
use flat::{Flat, flat, from_flat};
use pickled::{Named, Pickle, import_named, named, pickled, unpickle};
use refusal::unsupported;
use serpens_share::portable::{BigInt, Bytes as PBytes, Opaque};
use serpens_share::{Portable, Text, Tuple as PTuple};
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::complex::Complex;
use serpens_vm::types::function::Function;
use serpens_vm::types::int::Int;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{PyResult, Value, Vm};
use std::cell::RefCell;
use std::sync::Arc;

/// What may be done with a value that does not cross by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fallback {
    /// Refuse it.
    None,
    /// Send functions without state as code, anything else as a pickle.
    Full,
    /// The same, and functions and classes that the other side cannot import as themselves.
    Value,
}

/// Classes of other modules whose instances cross by an id: registered by the modules that define them.
#[derive(Default)]
pub struct CrossingTypes {
    /// (class, to portable form, back) in order of registration.
    pub entries: RefCell<Vec<CrossingType>>,
}

impl Local for CrossingTypes {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        let own = copier.look(&self.entries).iter();
        let own = own.map(|e| CrossingType { class: copier.take(&e.class), send: e.send });
        Some(CrossingTypes { entries: RefCell::new(own.collect()) })
    }
}

impl CrossingTypes {
    /// Lets instances of a class cross, if they do not already.
    pub fn register(&self, class: &Value, send: fn(&Vm, &Value) -> PyResult<Portable>) {
        let mut entries = self.entries.borrow_mut();
        if !entries.iter().any(|e| e.class.is(class)) {
            entries.push(CrossingType { class: class.clone(), send });
        }
    }
}

/// Something that crosses as itself: a reference to what interpreters share.
pub trait Carry: Send + Sync + 'static {
    /// Its object in the interpreter where it arrives.
    fn arrive(&self, vm: &Vm) -> PyResult;
}

/// What [`carried`] wraps.
struct Carried(Box<dyn Carry>);

/// The portable form of something that crosses as itself.
pub fn carried(what: impl Carry) -> Portable {
    Portable::Opaque(Opaque::new(Carried(Box::new(what))))
}

/// How instances of one class cross.
#[derive(Clone)]
pub struct CrossingType {
    /// The class; subclasses do not count.
    pub class: Value,
    /// The portable form of an instance.
    pub send: fn(&Vm, &Value) -> PyResult<Portable>,
}

/// Turns what was received for a registered class back into a value (queues, channel ends): set by the modules.
#[derive(Default)]
pub struct Receivers {
    /// For queues.
    pub queue: std::cell::Cell<Option<fn(&Vm, u64) -> PyResult>>,
    /// For channel ends.
    pub channel: std::cell::Cell<Option<fn(&Vm, serpens_share::portable::ChannelSide, u64) -> PyResult>>,
}

impl Local for Receivers {
    fn carried(&self, _: &Copier<'_>) -> Option<Self> {
        Some(Receivers { queue: self.queue.clone(), channel: self.channel.clone() })
    }
}

/// The portable form of a value that crosses by itself; `None` if it does not.
pub fn native(vm: &Vm, v: &Value) -> PyResult<Option<Portable>> {
    native_at(vm, v, 0, false)
}

/// Refuses what nests deeper than a portable value may: whoever drops one recurses as deep.
fn check_depth(vm: &Vm, depth: u32, what: &str) -> PyResult<()> {
    if depth < PTuple::MAX_DEPTH {
        return Ok(());
    }
    Err(vm.recursion_error(&format!("maximum recursion depth exceeded while sharing a {what}")))
}

/// `full`: what needs a fallback may be part of what crosses by reference.
fn native_at(vm: &Vm, v: &Value, depth: u32, full: bool) -> PyResult<Option<Portable>> {
    let t = vm.types();
    if v.is_none() {
        return Ok(Some(Portable::None));
    }
    if let Some(b) = v.as_bool() {
        return Ok(Some(Portable::Bool(b)));
    }
    if let Some(i) = v.as_small_int() {
        return Ok(Some(Portable::Int(i)));
    }
    if let Some(d) = v.as_float() {
        return Ok(Some(Portable::Float(d)));
    }
    if let Some(parcel) = vm.frozen_parcel(v) {
        return Ok(Some(frozen::portable(parcel)));
    }
    let ty = vm.type_of(v);
    if ty.is(t.str) {
        let s = v.downcast::<Str>().expect("exactly a str");
        return Ok(Some(lending::lend_str(vm, v, s).unwrap_or_else(|| text(s))));
    }
    if ty.is(t.bytes) {
        let b = v.downcast::<Bytes>().expect("exactly bytes");
        return Ok(Some(lending::lend_bytes(vm, v, b).unwrap_or_else(|| Portable::Bytes(PBytes::new(b.as_bytes())))));
    }
    if ty.is(t.int) {
        if let Some(i) = serpens_vm::types::int::to_i64(v) {
            return Ok(Some(Portable::Int(i)));
        }
        return common::portable(vm, v, depth, full);
    }
    if ty.is(t.frozenset) && full {
        return common::portable(vm, v, depth, full);
    }
    if ty.is(t.tuple) {
        if let Some(whole) = common::portable(vm, v, depth, full)? {
            return Ok(Some(whole));
        }
        check_depth(vm, depth, "tuple")?;
        let items = v.downcast::<Tuple>().expect("exactly a tuple").as_slice();
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            match native_at(vm, item, depth + 1, full)? {
                Some(p) => out.push(p),
                None => return Ok(None),
            }
        }
        return Ok(PTuple::new(out).ok().map(Portable::Tuple));
    }
    if ty.is(t.memoryview) {
        return lending::lend_view(vm, v).map(Some);
    }
    if let Some(types) = vm.local_opt::<CrossingTypes>() {
        let found = types.entries.borrow().iter().find(|e| e.class.is(&ty.value())).map(|e| e.send);
        if let Some(send) = found {
            return send(vm, v).map(Some);
        }
    }
    Ok(None)
}

/// The copy of a text.
#[expect(unsafe_code, reason = "a str's content is text already")]
fn text(s: &Str) -> Portable {
    // SAFETY: the content of a `str` is WTF-8 of that many characters.
    Portable::Str(unsafe { Text::from_wtf8_unchecked(s.as_bytes(), s.len()) })
}

/// The portable form of a key: `str` and `bytes` are copied, however long they are.
pub fn to_portable_key(vm: &Vm, v: &Value) -> PyResult<Portable> {
    key_at(vm, v, 0)
}

fn key_at(vm: &Vm, v: &Value, depth: u32) -> PyResult<Portable> {
    if vm.is_exact_str(v)
        && let Some(s) = v.downcast::<Str>()
    {
        return Ok(text(s));
    }
    if vm.is_exact(v, vm.types().bytes)
        && let Some(b) = v.downcast::<Bytes>()
    {
        return Ok(Portable::Bytes(PBytes::new(b.as_bytes())));
    }
    // Frozen ones too: a key is told by its value.
    if vm.is_exact(v, vm.types().tuple)
        && let Some(t) = v.downcast::<Tuple>()
    {
        check_depth(vm, depth, "tuple")?;
        let parts = t.as_slice().iter().map(|i| key_at(vm, i, depth + 1)).collect::<PyResult<Vec<_>>>()?;
        return match PTuple::new(parts) {
            Ok(t) => Ok(Portable::Tuple(t)),
            Err(_) => Err(vm.recursion_error("maximum recursion depth exceeded")),
        };
    }
    if let Some(copy) = copied(vm, v, Fallback::Full, depth)? {
        return Ok(copy);
    }
    to_portable(vm, v, Fallback::Full)
}

/// What crosses with [`Fallback::Full`] although it does not by itself: structure is copied, content is not.
fn copied(vm: &Vm, v: &Value, fallback: Fallback, depth: u32) -> PyResult<Option<Portable>> {
    let ty = vm.type_of(v);
    if ty.is(vm.types().int) {
        let Some(int) = v.downcast::<Int>() else { return Ok(None) };
        let (negative, magnitude) = int.sign_and_magnitude();
        return Ok(Some(BigInt::portable(negative, &magnitude)));
    }
    if ty.is(vm.types().complex)
        && let Some(c) = v.downcast::<Complex>()
    {
        return Ok(Some(Portable::Complex(Arc::new((c.re, c.im)))));
    }
    if ty.is(vm.types().frozenset) {
        check_depth(vm, depth, "frozenset")?;
        let items = vm.collect(v)?;
        let parts = items.iter().map(|i| portable_at(vm, i, fallback, depth + 1)).collect::<PyResult<Vec<_>>>()?;
        return Ok(Some(carried(FrozenSet(parts))));
    }
    Ok(None)
}

/// A frozenset on its way.
struct FrozenSet(Vec<Portable>);

impl Carry for FrozenSet {
    fn arrive(&self, vm: &Vm) -> PyResult {
        let _guard = vm.check_recursion(RECEIVING)?;
        let items = self.0.iter().map(|i| from_portable(vm, i)).collect::<PyResult<Vec<_>>>()?;
        vm.frozenset(items)
    }
}

/// Whether a value of that kind can cross by itself (`is_shareable`: a tuple always counts).
pub fn is_shareable(vm: &Vm, v: &Value) -> PyResult<bool> {
    let t = vm.types();
    let ty = vm.type_of(v);
    if ty.is(t.tuple) || ty.is(t.int) || ty.is(t.str) || ty.is(t.bytes) || ty.is(t.memoryview) {
        return Ok(true);
    }
    Ok(native(vm, v)?.is_some())
}

/// The portable form of a value. NotShareableError (from `not_shareable`) if it has none.
pub fn to_portable(vm: &Vm, v: &Value, fallback: Fallback) -> PyResult<Portable> {
    portable_at(vm, v, fallback, 0)
}

fn portable_at(vm: &Vm, v: &Value, fallback: Fallback, depth: u32) -> PyResult<Portable> {
    if let Some(p) = native_at(vm, v, depth, fallback != Fallback::None)? {
        return Ok(p);
    }
    if vm.type_of(v).is(vm.types().tuple) {
        let items = v.downcast::<Tuple>().expect("exactly a tuple").as_slice();
        let parts = items.iter().map(|i| portable_at(vm, i, fallback, depth + 1)).collect::<PyResult<Vec<_>>>();
        let parts = parts.map_err(|e| unsupported_because(vm, v, e))?;
        return match PTuple::new(parts) {
            Ok(t) => Ok(Portable::Tuple(t)),
            Err(_) => Err(vm.recursion_error("maximum recursion depth exceeded")),
        };
    }
    if fallback == Fallback::None {
        if vm.type_of(v).is(vm.types().int) {
            let message = unsupported(vm, v)?;
            let e = vm.overflow_error("try sending as bytes");
            return Err(not_shareable_from(vm, &message, e));
        }
        return Err(not_shareable(vm, &unsupported(vm, v)?));
    }
    if let Some(p) = copied(vm, v, fallback, depth)? {
        return Ok(p);
    }
    if let Some(f) = v.downcast::<Function>()
        && let Ok(code) = stateless(vm, f)
    {
        return Ok(Portable::Code(Opaque::new(Shared { code })));
    }
    let by_value = fallback == Fallback::Value;
    if !by_value && let Some(named) = named(vm, v)? {
        return Ok(Portable::Opaque(Opaque::new(named)));
    }
    if let Some(flat) = flat(vm, v) {
        return Ok(Portable::Opaque(Opaque::new(flat)));
    }
    pickled(vm, v, by_value)
}

const RECEIVING: &str = " while receiving an object";

/// The value of a portable form, in this interpreter.
pub fn from_portable(vm: &Vm, p: &Portable) -> PyResult {
    Ok(match p {
        Portable::None => Value::NONE,
        Portable::Bool(b) => Value::bool(*b),
        Portable::Int(i) => vm.int(*i),
        Portable::BigInt(b) => big(vm, b),
        Portable::Float(d) => Value::float(*d),
        Portable::Complex(c) => vm.alloc(vm.types().complex, Complex { re: c.0, im: c.1 }),
        Portable::Str(t) => vm.str_wtf8(t.as_bytes()),
        Portable::Bytes(b) => vm.bytes(b),
        Portable::Tuple(t) => {
            let _guard = vm.check_recursion(RECEIVING)?;
            let items = t.iter().map(|i| from_portable(vm, i)).collect::<PyResult<Vec<_>>>()?;
            vm.tuple(items)
        }
        Portable::QueueEnd(id) => match vm.local(|_| Receivers::default()).queue.get() {
            Some(f) => f(vm, *id)?,
            None => {
                crate::import::import_module(vm, "concurrent.interpreters._queues")?;
                match vm.local(|_| Receivers::default()).queue.get() {
                    Some(f) => f(vm, *id)?,
                    None => return Err(vm.runtime_error("queues are not available")),
                }
            }
        },
        Portable::ChannelEnd(side, id) => {
            crate::import::import_module(vm, "_interpchannels")?;
            match vm.local(|_| Receivers::default()).channel.get() {
                Some(f) => f(vm, *side, *id)?,
                None => return Err(vm.runtime_error("channels are not available")),
            }
        }
        Portable::Code(o) => match o.get::<Shared>() {
            Some(s) => {
                let code = vm.new_code(s.code.clone());
                let globals = crate::run::main_dict(vm)?;
                vm.new_function(&code, &globals)
            }
            None => return Err(vm.runtime_error("unknown shared code")),
        },
        Portable::Pickled(b) => unpickle(vm, b, &[], None)?,
        Portable::Opaque(o) => match o.get::<Pickle>() {
            Some(p) => unpickle(vm, &p.bytes, &p.frozen, p.main_file.as_deref())?,
            None => {
                if let Some(named) = o.get::<Named>() {
                    return import_named(vm, named);
                }
                if let Some(flat) = o.get::<Flat>() {
                    return from_flat(vm, flat);
                }
                match o.get::<Carried>() {
                    Some(carried) => carried.0.arrive(vm)?,
                    None => return Err(vm.runtime_error("unknown shared object")),
                }
            }
        },
        Portable::Buffer(view) => crate::shared_view::memoryview(vm, view.clone())?,
    })
}

fn big(vm: &Vm, b: &BigInt) -> Value {
    vm.int_from_magnitude(b.is_negative(), b.magnitude())
}

/// The registries of queues and channels of the runtime.
pub fn registry<T: Default + std::any::Any + Send + Sync>(vm: &Vm) -> PyResult<Arc<T>> {
    match runtime_of(vm) {
        Some(r) => Ok(r.extension(T::default)),
        None => Err(vm.runtime_error("no runtime")),
    }
}
