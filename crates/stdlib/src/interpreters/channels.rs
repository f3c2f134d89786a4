//! `_interpchannels`: channels between interpreters, by id.

use super::current;
use super::share::channel_error;
use serpens_share::Portable;
use serpens_share::cross::{
    Bound, Channel, ChannelError, Defaults, Pass, Received, Registry, RegistryError, Side, Status, UnboundOp,
};
use serpens_share::portable::ChannelSide;
use serpens_state::crossing::{self, Carry, CrossingTypes, Fallback, Receivers, carried};
use serpens_state::structseq::StructSeq;
use serpens_state::{NativeModule, errors, waiting};
use serpens_vm::cell::VCell;
use serpens_vm::object::{Header, Kind};
use serpens_vm::types::slots::{CmpOp, Slots};
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, Payload, PyResult, Raised, TypeDef, TypeObj, Value, Vm};
use std::sync::Arc;
use std::time::Duration;

/// `_interpchannels`.
pub static MODULE: NativeModule = NativeModule::new("_interpchannels")
    .doc("This module provides primitive operations to manage Python interpreters.\nThe 'interpreters' module provides a more convenient interface.")
    .types(&[&CHANNEL_ID])
    .functions(&[
        MethodDef::new("create", "(unboundop=-1, fallback=-1)", create),
        MethodDef::new("destroy", "(cid)", |vm, a| {
            let id = cid(vm, a.get(0))?;
            channels(vm)?.destroy(id).map_err(|e| registry_error(vm, id, &e))?;
            Ok(Value::NONE)
        }),
        MethodDef::new("list_all", "()", |vm, _| {
            let mut rows = Vec::new();
            for c in open_channels(vm)? {
                let d = c.defaults();
                let id = channel_id(vm, c.id(), ChannelSide::Both)?;
                rows.push(vm.tuple(vec![id, vm.int(d.unbound.number()), vm.int(d.fallback.into())]));
            }
            Ok(vm.list(rows))
        }),
        MethodDef::new("list_interpreters", "(cid, *, send)", |vm, a| {
            let c = find(vm, a.get(0))?;
            let side = if vm.truthy(a.get(1))? { Side::Send } else { Side::Recv };
            let ids = c.interpreters(side).map_err(|e| channel_error(vm, c.id(), &e))?;
            Ok(vm.list(ids.into_iter().map(|i| vm.int(i as i64)).collect()))
        }),
        MethodDef::new("send", "(cid, obj, unboundop=-1, fallback=-1, *, blocking=True, timeout=None)", |vm, a| {
            let default = find(vm, a.get(0))?.defaults().fallback;
            let value = crossing::to_portable(vm, a.get(1), super::fallback(vm, a.opt(3), default)?)?;
            send(vm, a, value)
        }),
        MethodDef::new("send_buffer", "(cid, obj, unboundop=-1, fallback=-1, *, blocking=True, timeout=None)", |vm, a| {
            let view = vm.memoryview_of(a.get(1))?;
            let value = crossing::to_portable(vm, &view, Fallback::None)?;
            send(vm, a, value)
        }),
        MethodDef::new("recv", "(cid, default=<unrepresentable>)", recv),
        MethodDef::new("close", "(cid, *, send=False, recv=False, force=False)", |vm, a| {
            let c = find(vm, a.get(0))?;
            let force = a.opt(3).map_or(Ok(false), |v| vm.truthy(v))?;
            c.close(side(vm, a)?, force).map_err(|e| channel_error(vm, c.id(), &e))?;
            Ok(Value::NONE)
        }),
        MethodDef::new("release", "(cid, *, send=False, recv=False, force=False)", |vm, a| {
            let c = find(vm, a.get(0))?;
            let own = current(vm)?.id() as u64;
            c.release(own, side(vm, a)?).map_err(|e| channel_error(vm, c.id(), &e))?;
            Ok(Value::NONE)
        }),
        MethodDef::new("get_count", "(cid)", |vm, a| {
            let c = find(vm, a.get(0))?;
            c.count().map(Value::from_usize).map_err(|e| channel_error(vm, c.id(), &e))
        }),
        MethodDef::new("get_info", "(cid)", get_info),
        MethodDef::new("get_channel_defaults", "(cid)", |vm, a| {
            let d = find(vm, a.get(0))?.defaults();
            Ok(vm.tuple(vec![vm.int(d.unbound.number()), vm.int(d.fallback.into())]))
        }),
        MethodDef::raw("_channel_id", "(id, *, send=False, recv=False, force=False, _resolve=False)", |vm, args| {
            let class = vm.native_type(&CHANNEL_ID);
            vm.call(&class, args)
        }),
        MethodDef::new("_register_end_types", "(send, recv)", register),
    ])
    .init(|vm, d| {
        let m = "_interpchannels";
        let base = errors::make(vm, "ChannelError", m, vm.types().RuntimeError.value(), "")?;
        let classes = vm.local(|_| Classes::default());
        d.set_name(vm, "ChannelError", base.clone());
        for (name, cell) in [
            ("ChannelNotFoundError", &classes.not_found),
            ("ChannelClosedError", &classes.closed),
            ("ChannelEmptyError", &classes.empty),
            ("ChannelFullError", &classes.full),
            ("ChannelNotEmptyError", &classes.not_empty),
        ] {
            let class = errors::make(vm, name, m, base.clone(), "")?;
            cell.set(class.clone());
            d.set_name(vm, name, class);
        }
        d.set_name(vm, "ChannelInfo", INFO.class(vm)?);
        let types = vm.local(|_| CrossingTypes::default());
        types.register(&vm.native_type(&CHANNEL_ID), |vm, v| match v.downcast::<ChannelId>() {
            Some(c) => Ok(carried(Parcel { id: c.id, side: c.side, bound: c.bound.clone(), end: false })),
            None => Err(vm.type_error("not a channel id")),
        });
        vm.local(|_| Receivers::default()).channel.set(Some(receive_end));
        Ok(())
    });

/// Classes of one interpreter that this module raises or makes.
#[derive(Default)]
struct Classes {
    not_found: VCell,
    closed: VCell,
    empty: VCell,
    full: VCell,
    not_empty: VCell,
    send_end: VCell,
    recv_end: VCell,
}

serpens_vm::local!(Classes { not_found, closed, empty, full, not_empty, send_end, recv_end });

/// A channel's id, for one end or both. A channel lives as long as it has ids or ends, in objects or on their way.
struct ChannelId {
    id: u64,
    side: ChannelSide,
    /// Nothing for an id that was made by force and names no channel.
    bound: Option<Bound<Channel>>,
}

/// An id or a registered end on its way.
struct Parcel {
    id: u64,
    side: ChannelSide,
    bound: Option<Bound<Channel>>,
    /// Whether it arrives as an object of the registered class.
    end: bool,
}

impl Carry for Parcel {
    fn arrive(&self, vm: &Vm) -> PyResult {
        if self.end {
            return receive_end(vm, self.side, self.id);
        }
        let id = ChannelId { id: self.id, side: self.side, bound: self.bound.clone() };
        serpens_state::import::import_module(vm, "_interpchannels")?;
        Ok(vm.alloc_native(&CHANNEL_ID, id))
    }
}

#[expect(unsafe_code, reason = "object layout")]
// SAFETY: made by the heap only; told apart by its type id.
unsafe impl Payload for ChannelId {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.is_native::<Self>()
    }
}

static CHANNEL_ID: TypeDef = TypeDef::new::<ChannelId>("ChannelID")
    .module("_interpchannels")
    .doc("A channel ID identifies a channel and may be used as an int.")
    .slots(Slots {
        new: Some(new_id),
        repr: Some(|vm, v| {
            let c = this(v);
            let end = match c.side {
                ChannelSide::Send => ", send=True",
                ChannelSide::Recv => ", recv=True",
                ChannelSide::Both => "",
            };
            Ok(vm.str(&format!("ChannelID({}{end})", c.id)))
        }),
        str: Some(|vm, v| Ok(vm.str(&this(v).id.to_string()))),
        hash: Some(|_, v| Ok(this(v).id as i64)),
        int: Some(|vm, v| Ok(vm.int(this(v).id as i64))),
        index: Some(|vm, v| Ok(vm.int(this(v).id as i64))),
        richcmp: Some(compare),
        ..Slots::EMPTY
    })
    .getset(&[
        GetSetDef::new("end", |vm, v| {
            Ok(vm.str(match this(v).side {
                ChannelSide::Send => "send",
                ChannelSide::Recv => "recv",
                ChannelSide::Both => "both",
            }))
        }),
        GetSetDef::new("send", |vm, v| channel_id(vm, this(v).id, ChannelSide::Send)),
        GetSetDef::new("recv", |vm, v| channel_id(vm, this(v).id, ChannelSide::Recv)),
    ]);

static INFO: StructSeq = StructSeq {
    name: "ChannelInfo",
    module: "_interpchannels",
    doc: "A named tuple of a channel's state.",
    fields: &[
        ("open", ""),
        ("closing", ""),
        ("closed", ""),
        ("count", ""),
        ("num_interp_send", ""),
        ("num_interp_send_released", ""),
        ("num_interp_recv", ""),
        ("num_interp_recv_released", ""),
    ],
    n_sequence: 8,
};

fn this(v: &Value) -> &ChannelId {
    v.downcast::<ChannelId>().expect("the descriptor has checked the receiver")
}

fn channel_id(vm: &Vm, id: u64, side: ChannelSide) -> PyResult {
    let bound = Bound::new(&channels(vm)?, id).ok();
    Ok(vm.alloc_native(&CHANNEL_ID, ChannelId { id, side, bound }))
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let x = this(a);
    let same = match b.downcast::<ChannelId>() {
        Some(y) => x.id == y.id && x.side == y.side,
        None if vm.is_int(b) || b.is_float() => vm.eq(&vm.int(x.id as i64), b)?,
        None => return Ok(Value::NOT_IMPLEMENTED),
    };
    match op {
        CmpOp::Eq => Ok(Value::bool(same)),
        CmpOp::Ne => Ok(Value::bool(!same)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn new_id(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let Some(id) = args.pos().first() else {
        return Err(vm.type_error("ChannelID() missing required argument 'id' (pos 1)"));
    };
    let flag = |name: &str| args.kw(name).map_or(Ok(false), |v| vm.truthy(v));
    let number = cid(vm, id)?;
    let (send, recv, force) = (flag("send")?, flag("recv")?, flag("force")?);
    if args.kw("send").is_some() && args.kw("recv").is_some() && !send && !recv {
        return Err(vm.value_error("'send' and 'recv' cannot both be False"));
    }
    let side = match (send, recv) {
        (true, false) => ChannelSide::Send,
        (false, true) => ChannelSide::Recv,
        _ => ChannelSide::Both,
    };
    if !force {
        channels(vm)?.get(number).map_err(|e| registry_error(vm, number, &e))?;
    }
    channel_id(vm, number, side)
}

/// The channels of the runtime.
pub(super) fn channels(vm: &Vm) -> PyResult<Arc<Registry<Channel>>> {
    crossing::registry(vm)
}

fn cid(vm: &Vm, v: &Value) -> PyResult<u64> {
    if let Some(c) = v.downcast::<ChannelId>() {
        return Ok(c.id);
    }
    if vm.type_of(v).slots().index.is_none() {
        return Err(vm.type_error(&format!("channel ID must be an int, got {}", vm.type_of(v).name())));
    }
    let n = super::id_number(vm, v)?;
    u64::try_from(n).map_err(|_| vm.value_error(&format!("channel ID must be a non-negative int, got {n}")))
}

/// The channels that nobody has closed.
pub(super) fn open_channels(vm: &Vm) -> PyResult<Vec<Arc<Channel>>> {
    let mut all = channels(vm)?.list();
    all.retain(|c| !c.was_closed());
    Ok(all)
}

/// The channel with the id that a program gave.
pub(super) fn find(vm: &Vm, v: &Value) -> PyResult<Arc<Channel>> {
    let id = cid(vm, v)?;
    channels(vm)?.get(id).map_err(|e| registry_error(vm, id, &e))
}

fn raise(vm: &Vm, class: Option<Value>, message: &str) -> Raised {
    let class = class.unwrap_or_else(|| vm.types().RuntimeError.value());
    match vm.call_one(&class, &vm.str(message)) {
        Ok(e) => vm.raise(e),
        Err(e) => e,
    }
}

pub(super) fn registry_error(vm: &Vm, id: u64, _: &RegistryError) -> Raised {
    raise(vm, vm.local(|_| Classes::default()).not_found.get(), &format!("channel {id} not found"))
}

/// The class of an error, by its name.
pub(super) fn error_class(vm: &Vm, name: &str) -> PyResult {
    let module = serpens_state::import::import_module(vm, "_interpchannels")?;
    vm.getattr_str(&module, name)
}

/// The id of one end, as an object.
pub(super) fn id_value(vm: &Vm, id: u64, side: Side) -> PyResult {
    let side = match side {
        Side::Send => ChannelSide::Send,
        Side::Recv => ChannelSide::Recv,
        Side::Both => ChannelSide::Both,
    };
    channel_id(vm, id, side)
}

/// The channel of a receiving end of the registered class, or of an id.
pub(super) fn registered_end(vm: &Vm, v: &Value) -> PyResult<Option<Arc<Channel>>> {
    if v.is_a::<ChannelId>() {
        return find(vm, v).map(Some);
    }
    match vm.local(|_| Classes::default()).recv_end.get() {
        Some(class) if class.is(&vm.type_of(v).value()) => find(vm, &vm.getattr_str(v, "_id")?).map(Some),
        _ => Ok(None),
    }
}

fn unbound(vm: &Vm, v: Option<&Value>) -> PyResult<Option<UnboundOp>> {
    let n = v.map_or(Ok(-1), |v| vm.index_i64(v))?;
    if n < 0 {
        return Ok(None);
    }
    match UnboundOp::from_number(n) {
        Some(op) => Ok(Some(op)),
        None => Err(vm.value_error(&format!("unsupported unboundop {n}"))),
    }
}

fn side(vm: &Vm, a: Args<'_>) -> PyResult<Side> {
    let flag = |i: usize| a.opt(i).map_or(Ok(false), |v| vm.truthy(v));
    Ok(match (flag(1)?, flag(2)?) {
        (true, false) => Side::Send,
        (false, true) => Side::Recv,
        _ => Side::Both,
    })
}

fn create(vm: &Vm, a: Args<'_>) -> PyResult {
    let op = unbound(vm, a.opt(0))?.unwrap_or(UnboundOp::Unbound);
    let fallback = super::fallback_number(vm, a.opt(1), 1)?;
    let made = channels(vm)?.create(Defaults { unbound: op, fallback });
    channel_id(vm, made.id(), ChannelSide::Both)
}

/// A timeout in seconds as a wait.
fn timeout(vm: &Vm, v: Option<&Value>) -> PyResult<Option<Duration>> {
    let Some(v) = v.filter(|v| !v.is_none()) else { return Ok(None) };
    let seconds = vm.to_f64(v)?;
    if seconds < 0.0 {
        return Err(vm.value_error("timeout value must be a non-negative number"));
    }
    Ok(Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)))
}

fn send(vm: &Vm, a: Args<'_>, value: Portable) -> PyResult {
    let c = find(vm, a.get(0))?;
    let op = unbound(vm, a.opt(2))?;
    let wait = a.opt(4).map_or(Ok(true), |v| vm.truthy(v))?;
    let limit = timeout(vm, a.opt(5))?;
    if !wait && limit.is_some() {
        return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
    }
    let own = current(vm)?.id() as u64;
    let sent = if wait { send_and_wait(vm, &c, own, value, op, limit)? } else { c.send(own, value, op) };
    sent.map_err(|e| channel_error(vm, c.id(), &e))?;
    super::count_sent(vm, "channel", c.id());
    Ok(Value::NONE)
}

/// Waits until the item is received; an interrupt that raises takes it back.
fn send_and_wait(
    vm: &Vm,
    c: &Channel,
    own: u64,
    value: Portable,
    op: Option<UnboundOp>,
    limit: Option<Duration>,
) -> PyResult<Result<(), ChannelError>> {
    let receipt = match c.send_registered(&mut Pass::new(own), value, op) {
        Ok(receipt) => receipt,
        Err(e) => return Ok(Err(e)),
    };
    let until = waiting::deadline(limit);
    let waited = waiting::sleep(vm, until, |w| c.await_receipt(&receipt, w), |e| *e == ChannelError::Interrupted);
    if waited.is_err() {
        c.withdraw(&receipt);
    }
    waited
}

fn deliver(vm: &Vm, received: Received) -> PyResult {
    match received {
        Received::Value(p) => Ok(vm.tuple(vec![crossing::from_portable(vm, &p)?, Value::NONE])),
        Received::Unbound(op) => Ok(vm.tuple(vec![Value::NONE, vm.int(op.number())])),
    }
}

fn recv(vm: &Vm, a: Args<'_>) -> PyResult {
    let c = find(vm, a.get(0))?;
    match c.try_recv(current(vm)?.id() as u64) {
        Ok(r) => {
            super::count_received(vm, "channel", c.id());
            deliver(vm, r)
        }
        Err(ChannelError::Empty) if a.opt(1).is_some() => Ok(vm.tuple(vec![a.get(1).clone(), Value::NONE])),
        Err(e) => Err(channel_error(vm, c.id(), &e)),
    }
}

fn get_info(vm: &Vm, a: Args<'_>) -> PyResult {
    let i = find(vm, a.get(0))?.info();
    let n = Value::from_usize;
    INFO.make(
        vm,
        vec![
            Value::bool(i.status == Status::Open),
            Value::bool(i.status == Status::Closing),
            Value::bool(i.status == Status::Closed),
            n(i.count),
            n(i.n_send),
            n(i.n_send_released),
            n(i.n_recv),
            n(i.n_recv_released),
        ],
    )
}

fn register(vm: &Vm, a: Args<'_>) -> PyResult {
    let classes = vm.local(|_| Classes::default());
    classes.send_end.set(a.get(0).clone());
    classes.recv_end.set(a.get(1).clone());
    let types = vm.local(|_| CrossingTypes::default());
    types.register(a.get(0), |vm, v| end_of(vm, v, ChannelSide::Send));
    types.register(a.get(1), |vm, v| end_of(vm, v, ChannelSide::Recv));
    Ok(Value::NONE)
}

fn end_of(vm: &Vm, v: &Value, side: ChannelSide) -> PyResult<Portable> {
    let id = vm.getattr_str(v, "_id")?;
    match id.downcast::<ChannelId>() {
        Some(c) => Ok(carried(Parcel { id: c.id, side, bound: c.bound.clone(), end: true })),
        None => Err(vm.type_error(&format!(
            "'_id' attribute must be an _interpchannels.ChannelID object, not {}",
            vm.type_of(&id).name()
        ))),
    }
}

/// A channel end that was received: of the registered class, or an id if there is none.
fn receive_end(vm: &Vm, side: ChannelSide, id: u64) -> PyResult {
    serpens_state::import::import_module(vm, "_interpchannels")?;
    let classes = vm.local(|_| Classes::default());
    let class = || match side {
        ChannelSide::Send => classes.send_end.get(),
        ChannelSide::Recv => classes.recv_end.get(),
        ChannelSide::Both => None,
    };
    if class().is_none() && side != ChannelSide::Both {
        // The module that registers the classes in CPython.
        if serpens_state::import::import_module(vm, "test.support.channels").is_err() {
            drop(vm.take_raised());
        }
    }
    let plain = channel_id(vm, id, side)?;
    match class() {
        Some(class) => vm.call_one(&class, &plain),
        None => Ok(plain),
    }
}
