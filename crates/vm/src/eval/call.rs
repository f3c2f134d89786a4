//! Calls: what happens between a call instruction and the callee's first one.
//!
//! Arguments lie in the caller's registers where the callee's window begins. Python functions are entered in the running
//! loop; native ones get the registers as a slice.
#![expect(unsafe_code, reason = "arguments move between registers; frames are reached by address")]

use super::bind;
use super::frame::{Frame, fflag};
use super::inline_cache::{Cache, kind};
use super::ops::At;
use super::ops::attr::clone_bits;
use super::regs::Regs;
use crate::error::PyResult;
use crate::native::{CallArgs, NativeFn, call_native_bound};
use crate::object::{Header, Kind};
use crate::thread::ThreadState;
use crate::types::builtin::Builtin;
use crate::types::code::CodeObj;
use crate::types::descr::MethodDescr;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::list::List;
use crate::types::method::Method;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeObj, tflag};
use crate::value::{Value, bits_are_object};
use crate::vm::Vm;
use serpens_bytecode::Op;
use smallvec::SmallVec;

/// Arguments on their way.
pub(crate) type ArgVec = SmallVec<[Value; 8]>;

/// How the loop goes on after a slow body.
pub(crate) enum Next {
    /// With the next instruction.
    Step,
    /// With the running frame of the thread state, at its `pc`: it changed.
    Entered,
    /// Not at all: the entry frame is done.
    Leave(Value),
}

/// Polls the breaker and the collector.
#[inline(always)]
pub(crate) fn poll(vm: &Vm) -> PyResult<()> {
    if vm.breaker.pending() != 0 || vm.heap().wants_collection() {
        return on_break(vm);
    }
    Ok(())
}

/// Attends to what the breaker and the collector ask for.
#[cold]
#[inline(never)]
pub(crate) fn on_break(vm: &Vm) -> PyResult<()> {
    if vm.heap().wants_collection() || vm.breaker.take(serpens_lock::Breaker::COLLECT) != 0 {
        vm.maybe_collect();
    }
    match vm.breaker.pending() {
        0 => Ok(()),
        requests => vm.hooks().on_break(vm, requests),
    }
}

/// Call in all cases.
#[inline(never)]
pub(crate) fn call(vm: &Vm, at: At<'_>) -> PyResult<Next> {
    poll(vm)?;
    let (a, n) = (at.i.a() as usize, at.i.b() as usize);
    dispatch(vm, at, a, a + 1, n, None)
}

/// CallMethod in all cases.
#[inline(never)]
pub(crate) fn call_method(vm: &Vm, at: At<'_>) -> PyResult<Next> {
    poll(vm)?;
    let (a, n) = (at.i.a() as usize, at.i.b() as usize);
    match at.regs.word(at.i.a() + 1) {
        0 => dispatch(vm, at, a, a + 2, n, None),
        _ => dispatch(vm, at, a, a + 1, n + 1, None),
    }
}

/// CallKw.
#[inline(never)]
pub(crate) fn call_kw(vm: &Vm, at: At<'_>) -> PyResult<Next> {
    poll(vm)?;
    let (a, n) = (at.i.a() as usize, at.i.b() as usize);
    let names = at.code().constant(at.i.c());
    if at.i.x() & 1 == 0 {
        return dispatch(vm, at, a, a + 1, n, Some(names));
    }
    match at.regs.word(at.i.a() + 1) {
        0 => dispatch(vm, at, a, a + 2, n, Some(names)),
        _ => dispatch(vm, at, a, a + 1, n + 1, Some(names)),
    }
}

/// Calls `r[a]` with the `n` arguments from register `first` on.
fn dispatch(vm: &Vm, at: At<'_>, a: usize, first: usize, n: usize, names: Option<&Value>) -> PyResult<Next> {
    let callee = at.regs.val(a as u16);
    let Some(h) = callee.header() else { return Err(vm.not_callable(callee)) };
    match h.kind() {
        Kind::Function => {
            // SAFETY: the kind says what the payload is.
            let func = unsafe { h.payload_unchecked::<Function>() };
            enter(vm, func, at.regs.at(first), n, names, at.regs.at(a), 0, None, 0)?;
            Ok(Next::Entered)
        }
        Kind::MethodDescr if std::ptr::eq(h.ty_ptr(), vm.types().method_descriptor) => {
            // SAFETY: as above.
            let d = unsafe { h.payload_unchecked::<MethodDescr>() };
            if names.is_none()
                && let NativeFn::Bound(f) = d.def.call
                && n >= d.def.arity.min as usize
                && n <= d.def.arity.max as usize
                && n > 0
                && !d.def.arity.needs_kw
                && accepts(vm, d, at.regs.val(first as u16))
            {
                let r = call_native_bound(vm, f, d.def.arity.total as usize, at.regs.slice(first, n))?;
                return Ok(finish(at, a, first, n, r));
            }
            generic(vm, at, a, first, n, names)
        }
        Kind::Builtin => {
            // SAFETY: as above.
            let b = unsafe { h.payload_unchecked::<Builtin>() };
            if names.is_none()
                && let NativeFn::Bound(f) = b.def.call
                && n >= b.def.arity.min as usize
                && n <= b.def.arity.max as usize
                && !b.def.arity.needs_kw
                && !(b.def.arity.receiver && b.self_value.is_some())
            {
                let r = call_native_bound(vm, f, b.def.arity.total as usize, at.regs.slice(first, n))?;
                return Ok(finish(at, a, first, n, r));
            }
            generic(vm, at, a, first, n, names)
        }
        Kind::Method => {
            // SAFETY: as above.
            let m = unsafe { h.payload_unchecked::<Method>() };
            match m.func.downcast::<Function>() {
                Some(func) => {
                    let receiver = m.receiver.clone();
                    enter(vm, func, at.regs.at(first), n, names, at.regs.at(a), 0, Some(receiver), 0)?;
                    Ok(Next::Entered)
                }
                None => generic(vm, at, a, first, n, names),
            }
        }
        Kind::Type => construct(vm, at, a, first, n, names),
        _ => generic(vm, at, a, first, n, names),
    }
}

/// Whether the receiver is an instance of the method's type.
#[inline(always)]
fn accepts(vm: &Vm, d: &MethodDescr, receiver: &Value) -> bool {
    let ty = vm.type_of(receiver);
    std::ptr::eq(ty, d.ty) || ty.is_subtype(d.ty())
}

/// Calls through the protocol.
#[inline(never)]
fn generic(vm: &Vm, at: At<'_>, a: usize, first: usize, n: usize, names: Option<&Value>) -> PyResult<Next> {
    let args = CallArgs::new(at.regs.slice(first, n), names);
    let f = vm.ts().frame.get();
    // SAFETY: the running frame.
    let pc = unsafe { (*f).pc };
    let r = vm.call(at.regs.val(a as u16), &args)?;
    match finish(at, a, first, n, r) {
        // What was called has moved the frame into a private copy of its instructions.
        // SAFETY: as above.
        Next::Step if unsafe { (*f).pc } != pc => {
            vm.ts().skip(1);
            Ok(Next::Entered)
        }
        next => Ok(next),
    }
}

/// Drops the arguments; the result replaces the callee.
#[inline(always)]
fn finish(at: At<'_>, a: usize, first: usize, n: usize, result: Value) -> Next {
    for r in (first..first + n).rev() {
        if bits_are_object(at.regs.word(r as u16)) {
            at.regs.clear(r as u16);
        }
    }
    at.regs.put(a as u16, result);
    Next::Step
}

/// Whether instances of `ty` are made by `object.__new__` and initialised by a Python function (returned), or by nothing.
fn plain_class(vm: &Vm, ty: &TypeObj) -> Option<Option<Value>> {
    let t = vm.types();
    let object_new = t.object.slots().new? as usize;
    let meta = Header::of(ty).ty();
    let plain = ty.is_heap()
        && ty.kind() == Kind::Instance
        && !ty.has(tflag::ABSTRACT)
        && ty.slots().new.is_some_and(|f| f as usize == object_new)
        && meta.slots().call.map(|f| f as usize) == t.type_.slots().call.map(|f| f as usize);
    if !plain {
        return None;
    }
    let init = ty.lookup(vm, &vm.names().__init__)?;
    if init.is_a::<Function>() {
        return Some(Some(init));
    }
    let default = t.object.lookup(vm, &vm.names().__init__)?;
    init.is(&default).then_some(None)
}

/// Calls a class.
fn construct(vm: &Vm, at: At<'_>, a: usize, first: usize, n: usize, names: Option<&Value>) -> PyResult<Next> {
    let callee = at.regs.val(a as u16);
    let Some(ty) = TypeObj::from_value(callee) else { return generic(vm, at, a, first, n, names) };
    if !ty.is_heap() && Header::of(ty).ty().is(vm.types().type_) {
        let args = CallArgs::new(at.regs.slice(first, n), names);
        let r = vm.call_type(ty, &args)?;
        return Ok(finish(at, a, first, n, r));
    }
    let site = if at.i.op() == Op::CallKw { None } else { at.code().cache(at.i.c()) };
    let known = match &site {
        Some(c) if c.version == ty.version() && c.kind == kind::CTOR => {
            // SAFETY: the version holds.
            Some(Some(unsafe { clone_bits(c.value) }))
        }
        Some(c) if c.version == ty.version() && c.kind == kind::CTOR_PLAIN => Some(None),
        _ => plain_class(vm, ty),
    };
    match known {
        Some(Some(init)) => {
            if names.is_none() {
                learn_class(at, ty, kind::CTOR, init.bits());
            }
            let obj = vm.alloc_instance(ty);
            // The instance keeps the class; the register keeps the function while it runs.
            let func: *const Function = init.downcast::<Function>().map_or(std::ptr::null(), |f| f);
            at.regs.put(a as u16, init);
            // SAFETY: `plain_class` returns functions, and the register now holds it.
            let func = unsafe { &*func };
            let extra = obj.clone().into_bits();
            enter(vm, func, at.regs.at(first), n, names, at.regs.at(a), fflag::CTOR, Some(obj), extra)?;
            Ok(Next::Entered)
        }
        Some(None) if n == 0 => {
            learn_class(at, ty, kind::CTOR_PLAIN, 0);
            let obj = vm.alloc_instance(ty);
            at.regs.put(a as u16, obj);
            Ok(Next::Step)
        }
        _ => generic(vm, at, a, first, n, names),
    }
}

fn learn_class(at: At<'_>, ty: &TypeObj, kind: u8, value: u64) {
    if at.i.op() == Op::CallKw || ty.version() == 0 {
        return;
    }
    if let Some(c) = at.code().cache_to_fill(at.i.c())
        && (c.version != ty.version() || c.kind != kind)
        && c.may_learn()
    {
        *c = Cache { kind, version: ty.version(), value, ..*c };
    }
}

/// Enters a Python function with the `n` argument words at `args` (which move), after `receiver` if there is one. The
/// result goes to `ret`. `extra` is owned by the frame for CTOR.
#[expect(clippy::too_many_arguments, reason = "the one way into a function; everything is needed")]
#[inline]
pub(crate) fn enter(
    vm: &Vm,
    func: &Function,
    args: *mut u64,
    n: usize,
    names: Option<&Value>,
    ret: *mut u64,
    flags: u32,
    receiver: Option<Value>,
    extra: u64,
) -> PyResult<()> {
    let ts = vm.ts();
    let code = func.code_obj();
    if code.stands_in() {
        return match vm.runnable(func) {
            Ok(own) => enter(vm, own, args, n, names, ret, flags, receiver, extra),
            Err(e) => {
                release_extra(flags, extra);
                Err(e)
            }
        };
    }
    let n_regs = code.n_regs as usize;
    let reserved = ts.reserve(vm, args, n, n_regs.max(n + 1));
    let (at, window, chunks) = match reserved {
        Ok(r) => r,
        Err(e) => {
            release_extra(flags, extra);
            return Err(e);
        }
    };
    // SAFETY: the window has room for `max(n_regs, n + 1)` words of which the first `n` are the arguments.
    let regs = unsafe { Regs::new(window) };
    let mut n = n;
    if let Some(receiver) = receiver {
        // SAFETY: as above.
        unsafe { std::ptr::copy(window, window.add(1), n) };
        regs.set_raw(0, receiver.into_bits());
        n += 1;
    }
    let simple = names.is_none() && code.fast_args as usize == n;
    if simple {
        for r in n..code.n_locals as usize {
            regs.set_raw(r as u16, 0);
        }
        // SAFETY: room was reserved; the callee's register keeps the function alive.
        unsafe {
            ts.push(at, window, func, flags | chunks);
            (*at).ret = ret;
            (*at).extra = extra;
        }
        return Ok(());
    }
    if names.is_none() && code.fast_args != u16::MAX && fill_defaults(func, code, regs, n) {
        for r in code.fast_args..code.n_locals {
            regs.set_raw(r, 0);
        }
        // SAFETY: as above.
        unsafe {
            ts.push(at, window, func, flags | chunks);
            (*at).ret = ret;
            (*at).extra = extra;
        }
        return Ok(());
    }
    if let Some(names) = names
        && let n_named = names.downcast::<Tuple>().map_or(0, Tuple::len)
        && bind::is_plain(code.code(), n - n_named, n_named)
    {
        let n_pos = n - n_named;
        let named = (n_pos..n).map(|r| regs.take_bound(r as u16)).collect();
        for r in n_pos..(code.n_locals as usize).max(n) {
            regs.set_raw(r as u16, 0);
        }
        // SAFETY: as above.
        unsafe {
            ts.push(at, window, func, flags | chunks);
            (*at).ret = ret;
            (*at).extra = extra;
        }
        let bound = bind::bind_named(vm, func, regs, n_pos, named, names);
        return unwind_unbound(vm, ts, bound);
    }
    let all = regs.take_range(0, n);
    for r in 0..code.n_locals {
        regs.set_raw(r, 0);
    }
    // SAFETY: as above.
    unsafe {
        ts.push(at, window, func, flags | chunks);
        (*at).ret = ret;
        (*at).extra = extra;
    }
    unwind_unbound(vm, ts, bind::bind(vm, func, regs, all, names))
}

/// Leaves the new frame when its arguments could not be bound: the frame that reports the failure is the caller's.
#[inline(always)]
fn unwind_unbound(vm: &Vm, ts: &ThreadState, bound: PyResult<()>) -> PyResult<()> {
    if bound.is_err() {
        let pending = ts.save_pending();
        vm.leave_frame();
        ts.restore_pending(pending);
    }
    bound
}

fn release_extra(flags: u32, extra: u64) {
    if flags & fflag::CTOR != 0 && extra != 0 {
        // SAFETY: the caller gave this reference up.
        drop(unsafe { Value::from_bits(extra) });
    }
}

/// Fills missing positional arguments from the defaults; whether that was enough.
#[inline(always)]
fn fill_defaults(func: &Function, code: &CodeObj, regs: Regs, n: usize) -> bool {
    let want = code.fast_args as usize;
    if n >= want {
        return false;
    }
    let Some(defaults) = func.defaults.get() else { return false };
    let Some(t) = defaults.downcast::<Tuple>() else { return false };
    let items = t.as_slice();
    if n + items.len() < want {
        return false;
    }
    for r in n..want {
        regs.set_raw(r as u16, items[items.len() - (want - r)].clone().into_bits());
    }
    true
}

/// CallEx.
#[inline(never)]
pub(crate) fn call_ex(vm: &Vm, at: At<'_>) -> PyResult<Next> {
    poll(vm)?;
    let a = at.i.a();
    let mut args: ArgVec = ArgVec::new();
    {
        let given = at.regs.val(a + 1);
        if let Some(t) = given.downcast::<Tuple>()
            && vm.is_exact(given, vm.types().tuple)
        {
            args.extend(t.as_slice().iter().cloned());
        } else if let Some(l) = given.downcast::<List>()
            && vm.is_exact(given, vm.types().list)
        {
            l.with(|items| args.extend(items.iter().cloned()));
        } else {
            let given = given.clone();
            if vm.type_of(&given).slots().iter.is_none() && vm.type_of(&given).slots().getitem.is_none() {
                let name = super::ops::build::callable_name(vm, at.regs.val(a));
                let message = format!("{name} argument after * must be an iterable, not {}", vm.type_of(&given).name());
                return Err(vm.type_error(&message));
            }
            args.extend(vm.collect(&given)?);
        }
    }
    at.regs.clear(a + 1);
    let mut names = None;
    if at.i.x() & 1 != 0 {
        let kwargs = at.regs.take_bound(a + 2);
        let items = match kwargs.downcast::<Dict>() {
            Some(d) if !d.is_empty() => d.items(),
            _ => Vec::new(),
        };
        if !items.is_empty() {
            let mut keys = Vec::with_capacity(items.len());
            for (k, v) in items {
                if !k.is_a::<Str>() {
                    return Err(vm.type_error("keywords must be strings"));
                }
                keys.push(k);
                args.push(v);
            }
            names = Some(vm.tuple(keys));
        }
    }
    call_values(vm, at, a, args, names.as_ref())
}

/// Calls `r[a]` with arguments that are not in registers.
fn call_values(vm: &Vm, at: At<'_>, a: u16, mut args: ArgVec, names: Option<&Value>) -> PyResult<Next> {
    let callee = at.regs.val(a).clone();
    let target = match callee.downcast::<Method>() {
        Some(m) if m.func.is_a::<Function>() => {
            args.insert(0, m.receiver.clone());
            m.func.clone()
        }
        _ => callee,
    };
    if let Some(func) = target.downcast::<Function>() {
        // The window begins behind the caller's registers: these arguments have no place there yet.
        enter_values(vm, func, args, names, 0)?;
        // SAFETY: `enter_values` pushed the frame.
        unsafe { (*vm.ts().frame.get()).ret = at.regs.at(a as usize) };
        return Ok(Next::Entered);
    }
    let r = vm.call(&target, &CallArgs::new(&args, names))?;
    at.regs.put(a, r);
    Ok(Next::Step)
}

/// Pushes an entry frame for a function whose parameters are exactly these positional arguments; whether it was done. The
/// caller keeps the function alive.
#[inline]
pub(crate) fn enter_exact(ts: &ThreadState, func: &Function, receiver: Option<&Value>, args: &[Value]) -> bool {
    let code = func.code_obj();
    let given = args.len() + receiver.is_some() as usize;
    let (next, window) = (ts.frame.get().wrapping_add(1), ts.top());
    let fits = code.fast_args as usize == given
        && !window.is_null()
        && next < ts.frame_end.get()
        && window.wrapping_add(code.n_regs as usize) <= ts.stack_end.get();
    if !fits {
        return false;
    }
    // SAFETY: the frame and the window fit, as was just checked; what the window held is dead.
    unsafe {
        let regs = Regs::new(window);
        let mut n = 0;
        for v in receiver.into_iter().chain(args) {
            regs.set_raw(n, v.clone().into_bits());
            n += 1;
        }
        for r in n..code.n_locals {
            regs.set_raw(r, 0);
        }
        ts.push(next, window, func, fflag::ENTRY);
    }
    true
}

/// Pushes a frame for a function above everything that is live, with those arguments.
pub(crate) fn enter_values(vm: &Vm, func: &Function, args: ArgVec, names: Option<&Value>, flags: u32) -> PyResult<()> {
    let ts = vm.ts();
    let code = func.code_obj();
    if code.stands_in() {
        return enter_values(vm, vm.runnable(func)?, args, names, flags);
    }
    let (at, window, chunks) = ts.reserve(vm, ts.top(), 0, code.n_regs as usize)?;
    // SAFETY: the window has room for the code's registers.
    let regs = unsafe { Regs::new(window) };
    let simple = names.is_none() && code.fast_args as usize == args.len();
    let mut n = 0;
    let mut args = args;
    if simple {
        n = args.len();
        for (r, v) in args.drain(..).enumerate() {
            regs.set_raw(r as u16, v.into_bits());
        }
    }
    for r in n..code.n_locals as usize {
        regs.set_raw(r as u16, 0);
    }
    // SAFETY: room was reserved; the caller keeps the function alive.
    unsafe { ts.push(at, window, func, flags | chunks) };
    if simple {
        return Ok(());
    }
    unwind_unbound(vm, ts, bind::bind(vm, func, regs, args, names))
}

/// Calls a property's getter, a Python function, for LoadAttr.
pub(crate) fn enter_getter(vm: &Vm, at: At<'_>, getter: Value, obj: Value) -> PyResult<Next> {
    let Some(func) = getter.downcast::<Function>() else { return Ok(Next::Step) };
    let mut args = ArgVec::new();
    args.push(obj);
    let func_ptr: *const Function = func;
    // SAFETY: `getter` keeps the function alive until the frame owns it.
    enter_values(vm, unsafe { &*func_ptr }, args, None, 0)?;
    let f = vm.ts().frame.get();
    // SAFETY: just pushed.
    unsafe {
        (*f).ret = at.regs.at(at.i.a() as usize);
        (*f).extra = getter.into_bits();
        (*f).flags |= fflag::OWNS_FUNC;
    }
    Ok(Next::Entered)
}

/// What a frame with flags does when it returns `value`; its registers are still there.
#[inline(never)]
pub(crate) fn return_slow(vm: &Vm, f: *mut Frame, value: Value) -> PyResult<Next> {
    let ts = vm.ts();
    // SAFETY: `f` is the running frame until `leave_frame`.
    let (flags, ret) = unsafe { ((*f).flags, (*f).ret) };
    let mut value = value;
    if flags & fflag::CTOR != 0 {
        if !value.is_none() {
            let message = format!("__init__() should return None, not '{}'", vm.type_of(&value).name());
            vm.leave_frame();
            drop(value);
            return Err(vm.type_error(&message));
        }
        // SAFETY: the frame owned this reference.
        value = unsafe { Value::from_bits(std::mem::take(&mut (*f).extra)) };
    }
    if flags & fflag::GENERATOR != 0 {
        return super::resume::generator_returned(vm, f, value);
    }
    vm.leave_frame();
    if flags & fflag::ENTRY != 0 {
        return Ok(Next::Leave(value));
    }
    // SAFETY: the caller's frame is the running one, `ret` one of its registers, which owns what it holds.
    unsafe {
        let old = std::mem::replace(&mut *ret, value.into_bits());
        let caller = ts.frame.get();
        (*caller).pc = (*caller).pc.add(1);
        if bits_are_object(old) {
            drop(Value::from_bits(old));
        }
    }
    Ok(Next::Entered)
}
