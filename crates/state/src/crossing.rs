//! Values that cross from one interpreter to another: between [`Value`] and [`Portable`].
//!
//! Immutable values cross as themselves; functions without state as shared code; everything else as a pickle, where the
//! caller allows that.

use crate::frozen;
use crate::interpreter::runtime_of;
use crate::lending;
use serpens_bytecode::{Code, CodeFlags, Const, Op};
use serpens_share::portable::{BigInt, Bytes as PBytes, Opaque};
use serpens_share::{Portable, Text, Tuple as PTuple};
use serpens_vm::freeze::Parcel;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::code::CodeObj;
use serpens_vm::types::complex::Complex;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::function::Function;
use serpens_vm::types::int::Int;
use serpens_vm::types::list::List;
use serpens_vm::types::set::Set;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{PyResult, Raised, TypeObj, Value, Vm};
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

/// The portable form of a value that crosses by itself; `None` if it does not.
pub fn native(vm: &Vm, v: &Value) -> PyResult<Option<Portable>> {
    native_at(vm, v, 0)
}

/// Refuses what nests deeper than a portable value may: whoever drops one recurses as deep.
fn check_depth(vm: &Vm, depth: u32, what: &str) -> PyResult<()> {
    if depth < PTuple::MAX_DEPTH {
        return Ok(());
    }
    Err(vm.recursion_error(&format!("maximum recursion depth exceeded while sharing a {what}")))
}

fn native_at(vm: &Vm, v: &Value, depth: u32) -> PyResult<Option<Portable>> {
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
        return Ok(None);
    }
    if ty.is(t.tuple) {
        check_depth(vm, depth, "tuple")?;
        let items = v.downcast::<Tuple>().expect("exactly a tuple").as_slice();
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            match native_at(vm, item, depth + 1)? {
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
    if let Some(p) = native_at(vm, v, depth)? {
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
            let e = vm.overflow_error("try sending as bytes");
            return Err(not_shareable_from(vm, "int too large", e));
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

/// A pickle of a value; `by_value`: with functions and classes as themselves.
fn pickled(vm: &Vm, v: &Value, by_value: bool) -> PyResult<Portable> {
    let (module, function) = match by_value {
        true => ("_crossing", "dumps"),
        // Frozen objects among it cross as themselves.
        false if vm.knows_frozen() => ("_crossing", "dumps_by_name"),
        false => ("pickle", "dumps"),
    };
    let dumps = vm.getattr_str(&crate::import::import_module(vm, module)?, function)?;
    let (pickled, frozen) = frozen::collecting(vm, || vm.call_one(&dumps, v));
    match pickled {
        Ok(bytes) => match bytes.downcast::<Bytes>() {
            Some(b) if by_value => Ok(carried(Whole { bytes: b.as_bytes().into(), frozen })),
            Some(b) => {
                let bytes = b.as_bytes().into();
                Ok(Portable::Opaque(Opaque::new(Pickle { bytes, frozen, main_file: main_file(vm) })))
            }
            None => Err(vm.type_error("pickle.dumps() did not return bytes")),
        },
        Err(e) if vm.pending_is(vm.types().Exception) => {
            let pending = vm.ts().save_pending();
            let message = unsupported(vm, v)?;
            vm.ts().restore_pending(pending);
            Err(not_shareable_from(vm, &message, e))
        }
        Err(e) => Err(e),
    }
}

fn unsupported(vm: &Vm, v: &Value) -> PyResult<String> {
    let shown = match vm.repr_string(v) {
        Ok(shown) => shown,
        // Too deep to be shown.
        Err(_) if vm.pending_is(vm.types().RecursionError) => {
            drop(vm.take_raised());
            format!("'{}' object", vm.type_of(v).name())
        }
        Err(e) => return Err(e),
    };
    Ok(format!("{shown} does not support cross-interpreter data"))
}

/// The error of a container: that of what it holds, of which `e` is pending, is its cause. Other errors pass.
pub fn unsupported_because(vm: &Vm, container: &Value, e: Raised) -> Raised {
    if !crate::errors::class(vm, "NotShareableError").is_ok_and(|class| pending_is_class(vm, &class)) {
        return e;
    }
    let pending = vm.ts().save_pending();
    match unsupported(vm, container) {
        Ok(message) => {
            vm.ts().restore_pending(pending);
            not_shareable_from(vm, &message, e)
        }
        Err(other) => other,
    }
}

fn pending_is_class(vm: &Vm, class: &Value) -> bool {
    TypeObj::from_value(class).is_some_and(|class| vm.pending_is(class))
}

/// A function or class that both sides import: what a pickle of it says, without one.
struct Named {
    module: String,
    qualname: String,
    main_file: Option<String>,
}

/// How a function or class is imported, if it can be.
fn named(vm: &Vm, v: &Value) -> PyResult<Option<Named>> {
    let (t, ty) = (vm.types(), vm.type_of(v));
    if !ty.is(t.function) && !ty.is(t.builtin_function) && !ty.is(t.type_) {
        return Ok(None);
    }
    let text = |name: &Value| match vm.getattr_opt(v, name)? {
        Some(found) => Ok(found.downcast::<Str>().and_then(Str::to_str).map(str::to_string)),
        None => Ok(None),
    };
    let (Some(module), Some(qualname)) = (text(&vm.names().__module__)?, text(&vm.names().__qualname__)?) else {
        return Ok(None);
    };
    let found = vm.modules.get().and_then(|m| m.downcast::<Dict>()?.get_name(vm, &module));
    let Some(found) = found else { return Ok(None) };
    match walk(vm, found, &qualname)? {
        Some(same) if same.is(v) => {
            let main_file = if module == "__main__" { main_file(vm) } else { None };
            Ok(Some(Named { module, qualname, main_file }))
        }
        _ => Ok(None),
    }
}

/// Follows a dotted name.
fn walk(vm: &Vm, from: Value, qualname: &str) -> PyResult<Option<Value>> {
    let mut at = from;
    for part in qualname.split('.') {
        match vm.getattr_opt(&at, &vm.intern(part))? {
            Some(found) => at = found,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

fn import_named(vm: &Vm, named: &Named) -> PyResult {
    let module = crate::import::import_module(vm, &named.module)?;
    if let Some(found) = walk(vm, module.clone(), &named.qualname)? {
        return Ok(found);
    }
    if let Some(file) = &named.main_file
        && let Some(found) = walk(vm, fake_main(vm, file)?, &named.qualname)?
    {
        return Ok(found);
    }
    let message = format!("module '{}' has no attribute '{}'", named.module, named.qualname);
    Err(vm.attribute_error(&message))
}

/// A list, dict or set whose items are immutable and hold nothing: a copy of it needs no pickle.
struct Flat {
    kind: FlatKind,
    /// Of a dict: key, value, key, ...
    items: Vec<Portable>,
}

#[derive(Clone, Copy)]
enum FlatKind {
    List,
    Dict,
    Set,
}

/// The items of a flat container.
fn flat(vm: &Vm, v: &Value) -> Option<Flat> {
    let (t, ty) = (vm.types(), vm.type_of(v));
    let leaf = |v: &Value| match native(vm, v) {
        Ok(Some(Portable::Tuple(_))) | Ok(None) => None,
        Ok(Some(
            p @ (Portable::None
            | Portable::Bool(_)
            | Portable::Int(_)
            | Portable::Float(_)
            | Portable::Str(_)
            | Portable::Bytes(_)),
        )) => Some(p),
        Ok(Some(_)) => None,
        Err(_) => {
            drop(vm.take_raised());
            None
        }
    };
    let (kind, values) = if ty.is(t.list) {
        (FlatKind::List, v.downcast::<List>()?.to_vec())
    } else if ty.is(t.dict) {
        let items = v.downcast::<Dict>()?.items();
        (FlatKind::Dict, items.into_iter().flat_map(|(k, v)| [k, v]).collect())
    } else if ty.is(t.set) {
        (FlatKind::Set, v.downcast::<Set>()?.keys())
    } else {
        return None;
    };
    let items = values.iter().map(leaf).collect::<Option<Vec<_>>>()?;
    Some(Flat { kind, items })
}

fn from_flat(vm: &Vm, flat: &Flat) -> PyResult {
    let values = flat.items.iter().map(|p| from_portable(vm, p)).collect::<PyResult<Vec<_>>>()?;
    match flat.kind {
        FlatKind::List => Ok(vm.list(values)),
        FlatKind::Set => vm.set(values),
        FlatKind::Dict => {
            let dict = vm.new_dict();
            for pair in values.chunks_exact(2) {
                vm.set_item(&dict, &pair[0], &pair[1])?;
            }
            Ok(dict)
        }
    }
}

/// A pickle that holds functions and classes as themselves.
struct Whole {
    bytes: Box<[u8]>,
    frozen: Vec<Parcel>,
}

impl Carry for Whole {
    fn arrive(&self, vm: &Vm) -> PyResult {
        let module = crate::import::import_module(vm, "_crossing")?;
        let loads = vm.getattr_str(&module, "loads")?;
        frozen::with(vm, &self.frozen, || vm.call_one(&loads, &vm.bytes(&self.bytes)))
    }
}

/// Shared code of a function without state.
struct Shared {
    code: Arc<Code>,
}

/// A pickle, and the script its sender ran (for classes and functions of `__main__`).
struct Pickle {
    bytes: Box<[u8]>,
    frozen: Vec<Parcel>,
    main_file: Option<String>,
}

fn main_file(vm: &Vm) -> Option<String> {
    let modules = vm.modules.get()?;
    let main = modules.downcast::<Dict>()?.get_str(vm, &vm.names().__main__)?;
    let dict = vm.instance_dict(&main)?;
    let file = dict.downcast::<Dict>()?.get_str(vm, &vm.names().__file__)?;
    Some(file.downcast::<Str>()?.to_string())
}

/// The pickle of a value, whatever else it could cross as. NotShareableError if it has none.
pub fn to_pickle(vm: &Vm, v: &Value) -> PyResult<Portable> {
    pickled(vm, v, false)
}

/// The portable form of a function that needs nothing but builtins. NotShareableError if it is not one.
pub fn to_shared_code(vm: &Vm, v: &Value) -> PyResult<Portable> {
    match v.downcast::<Function>().map_or(Err("a function is required"), |f| stateless(vm, f)) {
        Ok(code) => Ok(Portable::Code(Opaque::new(Shared { code }))),
        Err(why) => {
            let cause = vm.value_error(why);
            Err(not_shareable_from(vm, "only stateless functions are shareable", cause))
        }
    }
}

/// Whether code looks up no global name that is not a builtin.
pub fn needs_builtins_only(vm: &Vm, code: &Code) -> bool {
    let builtins = vm.builtins.get_or_none();
    let known = |name: &str| builtins.downcast::<Dict>().is_some_and(|d| d.get_name(vm, name).is_some());
    let mut globals = code.instrs.iter().filter(|i| i.op == Op::LoadGlobal);
    globals.all(|i| known(&code.names[code.sites[i.c as usize] as usize]))
}

/// The code of a function that needs nothing but builtins; else why not.
pub fn stateless(vm: &Vm, f: &Function) -> Result<Arc<Code>, &'static str> {
    if f.closure.is_some() {
        return Err("closures not supported");
    }
    if f.defaults.get().is_some_and(|d| !d.is_none()) {
        return Err("defaults not supported");
    }
    if f.kwdefaults.get().is_some_and(|d| !d.is_none()) {
        return Err("keyword defaults not supported");
    }
    let code_value = f.code.get_or_none();
    let Some(code) = code_value.downcast::<CodeObj>().map(|c| c.code().clone()) else {
        return Err("not a function");
    };
    let builtins = (*f.builtins).clone();
    let globals = (*f.globals).clone();
    let known = |name: &str, d: &Value| d.downcast::<Dict>().is_some_and(|d| d.get_name(vm, name).is_some());
    for i in &code.instrs {
        if i.op == Op::LoadGlobal {
            let name = &code.names[code.sites[i.c as usize] as usize];
            if known(name, &globals) || !known(name, &builtins) {
                return Err("globals not supported");
            }
        }
    }
    Ok(code)
}

/// Whether a code object may be run as a script: no parameters, nothing free, nothing returned.
pub fn check_script(code: &Code) -> Result<(), &'static str> {
    if !code.freevars.is_empty() {
        return Err("closures not supported");
    }
    if code.n_params() > 0 {
        return Err("code with args not supported");
    }
    if code.flags.intersects(CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR) {
        return Err("code that returns a value is not a script");
    }
    let returns_value = code.instrs.iter().enumerate().any(|(pc, i)| {
        i.op == Op::Return
            && !(pc > 0 && {
                let before = &code.instrs[pc - 1];
                before.a == i.a
                    && (before.op == Op::LoadNone
                        || before.op == Op::LoadConst
                            && matches!(code.consts.get(before.b as usize), Some(Const::None)))
            })
    });
    if returns_value { Err("code that returns a value is not a script") } else { Ok(()) }
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

/// The namespace of the sender's script, run once under the name `<fake __main__>`.
#[derive(Default)]
struct FakeMain(RefCell<Vec<(String, Value)>>);

fn unpickle(vm: &Vm, bytes: &[u8], frozen: &[Parcel], main_file: Option<&str>) -> PyResult {
    load_pickle(vm, bytes, frozen, main_file).map_err(|e| {
        if vm.pending_is(vm.types().Exception) { not_shareable_from(vm, "object could not be unpickled", e) } else { e }
    })
}

fn load_pickle(vm: &Vm, bytes: &[u8], frozen: &[Parcel], main_file: Option<&str>) -> PyResult {
    let module = crate::import::import_module(vm, if frozen.is_empty() { "pickle" } else { "_crossing" })?;
    let loads = vm.getattr_str(&module, "loads")?;
    let data = vm.bytes(bytes);
    let read = || frozen::with(vm, frozen, || vm.call_one(&loads, &data));
    let first = match read() {
        Ok(v) => return Ok(v),
        Err(e) => e,
    };
    let about_main = vm.pending_is(vm.types().AttributeError)
        && vm.ts().pending().is_some_and(|e| vm.format_exception(&e).contains("__main__"));
    let Some(file) = main_file.filter(|_| about_main) else { return Err(first) };
    drop(vm.take_raised());
    let main = fake_main(vm, file)?;
    let modules = vm.modules.get_or_none();
    let Some(modules) = modules.downcast::<Dict>() else { return Err(vm.runtime_error("unable to get sys.modules")) };
    let name = &vm.names().__main__;
    let own = modules.get_str(vm, name);
    modules.set_str(vm, name, main);
    let result = read();
    match own {
        Some(own) => modules.set_str(vm, name, own),
        None => drop(modules.remove_str(vm, name)),
    }
    result
}

fn fake_main(vm: &Vm, file: &str) -> PyResult {
    let cache = vm.local(|_| FakeMain::default());
    if let Some((_, m)) = cache.0.borrow().iter().find(|(f, _)| f == file) {
        return Ok(m.clone());
    }
    let runpy = crate::import::import_module(vm, "runpy")?;
    let run_path = vm.getattr_str(&runpy, "run_path")?;
    let ns = vm.call_kw(&run_path, &[vm.str(file)], &[("run_name", vm.str("<fake __main__>"))])?;
    let module = vm.new_module("<fake __main__>");
    if let (Some(dict), Some(ns)) = (vm.instance_dict(&module), ns.downcast::<Dict>())
        && let Some(d) = dict.downcast::<Dict>()
    {
        d.update_from(vm, ns)?;
    }
    cache.0.borrow_mut().push((file.to_string(), module.clone()));
    Ok(module)
}

/// Raises `NotShareableError(message)`.
pub fn not_shareable(vm: &Vm, message: &str) -> Raised {
    match crate::errors::class(vm, "NotShareableError").and_then(|c| vm.call_one(&c, &vm.str(message))) {
        Ok(e) => vm.raise(e),
        Err(e) => e,
    }
}

/// Raises `NotShareableError(message)` with the pending exception as its cause.
pub fn not_shareable_from(vm: &Vm, message: &str, _pending: Raised) -> Raised {
    let cause = vm.take_raised();
    match crate::errors::class(vm, "NotShareableError").and_then(|c| vm.call_one(&c, &vm.str(message))) {
        Ok(e) => {
            if let Err(raised) = vm.setattr(&e, &vm.names().__cause__, Some(&cause)) {
                return raised;
            }
            vm.raise(e)
        }
        Err(e) => e,
    }
}

/// The registries of queues and channels of the runtime.
pub fn registry<T: Default + std::any::Any + Send + Sync>(vm: &Vm) -> PyResult<Arc<T>> {
    match runtime_of(vm) {
        Some(r) => Ok(r.extension(T::default)),
        None => Err(vm.runtime_error("no runtime")),
    }
}
