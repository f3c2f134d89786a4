//! `RecvChannel` and `SendChannel`: the ends of a channel, which go to its queue without a look into any table.

use super::super::channels::{self, error_class};
use super::super::{count_received, count_sent, current};
use super::{Handle, make, this, timeout};
use serpens_share::Portable;
use serpens_share::cross::{Bound, Channel, ChannelError, Defaults, Delivery, Pass, Side, UnboundOp};
use serpens_state::crossing::{self, Fallback};
use serpens_state::waiting;
use serpens_vm::types::slots::{CmpOp, Slots};
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, Raised, TypeDef, TypeObj, Value, Vm};
use std::cell::Cell;

/// The receiving end.
pub(super) struct RecvEnd {
    pub(super) channel: Bound<Channel>,
    pass: Cell<Pass>,
}

/// The sending end.
pub(super) struct SendEnd {
    pub(super) channel: Bound<Channel>,
    pass: Cell<Pass>,
}

serpens_vm::native_payload!(RecvEnd {});
serpens_vm::native_payload!(SendEnd {});

macro_rules! handle {
    ($end:ident, $def:ident) => {
        impl Handle for $end {
            const DEF: &'static TypeDef = &$def;
            type Shared = Bound<Channel>;

            fn shared(&self) -> Bound<Channel> {
                self.channel.clone()
            }

            fn adopt(vm: &Vm, channel: Bound<Channel>) -> Self {
                let own = current(vm).map_or(0, |i| i.id() as u64);
                $end { channel, pass: Cell::new(Pass::new(own)) }
            }
        }
    };
}

handle!(RecvEnd, RECV);
handle!(SendEnd, SEND);

static RECV: TypeDef = TypeDef::new::<RecvEnd>("RecvChannel")
    .module("interpreters")
    .doc("The receiving end of a channel. Iterating over it receives until the channel is closed and empty.")
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(new_recv),
        repr: Some(|vm, v| Ok(vm.str(&format!("RecvChannel(id={})", this::<RecvEnd>(v).channel.id())))),
        hash: Some(|_, v| Ok(this::<RecvEnd>(v).channel.id() as i64)),
        richcmp: Some(compare::<RecvEnd>),
        iter: Some(|_, v| Ok(v.clone())),
        iternext: Some(|vm, v| match take(vm, this(v), None)? {
            Ok(received) => Ok(Some(received)),
            Err(ChannelError::Closed) => Ok(None),
            Err(e) => Err(channel_error(vm, this::<RecvEnd>(v).channel.id(), &e)),
        }),
        aiter: Some(|_, v| Ok(v.clone())),
        anext: Some(|vm, v| helper(vm, "_anext", v)),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("recv", "($self, timeout=None)", |vm, a| {
            let end = this::<RecvEnd>(a.get(0));
            let received = match a.opt(1) {
                None => take(vm, end, None)?,
                Some(t) => take(vm, end, timeout(vm, Some(t))?)?,
            };
            match received {
                Ok(received) => Ok(received),
                Err(e) => Err(channel_error(vm, end.channel.id(), &e)),
            }
        })
        .doc("Return the next object, waiting until there is one. Raises TimeoutError, or ChannelClosedError."),
        MethodDef::new("recv_nowait", "($self, default=<unrepresentable>)", |vm, a| {
            let end = this::<RecvEnd>(a.get(0));
            match at_once(end) {
                Ok(delivery) => deliver(vm, end, &delivery),
                Err(e) => match a.opt(1) {
                    Some(default) if e == ChannelError::Empty => Ok(default.clone()),
                    _ => Err(channel_error(vm, end.channel.id(), &e)),
                },
            }
        })
        .doc("Return the next object if there is one, else the default, else raise ChannelEmptyError."),
        MethodDef::new("recv_async", "($self, /)", |vm, a| helper(vm, "_recv_async", a.get(0)))
            .doc("Return an awaitable of the next object: the event loop runs on meanwhile."),
        MethodDef::new("close", "($self, /, *, force=False)", |vm, a| {
            let force = a.opt(1).map_or(Ok(false), |v| vm.truthy(v))?;
            close(vm, &this::<RecvEnd>(a.get(0)).channel, Side::Recv, force)
        })
        .doc("Close the channel for all interpreters. Refused while objects are left in it, unless forced."),
        MethodDef::new("release", "($self, /)", |vm, a| release(vm, &this::<RecvEnd>(a.get(0)).channel, Side::Recv))
            .doc("This interpreter will not receive any more. The channel closes when nobody is left."),
        MethodDef::new("__reduce__", "($self, /)", |vm, a| {
            reduce(vm, a.get(0), this::<RecvEnd>(a.get(0)).channel.id())
        }),
    ])
    .getset(&[
        GetSetDef::new("id", |vm, v| channels::id_value(vm, this::<RecvEnd>(v).channel.id(), Side::Recv)),
        GetSetDef::new("maxsize", |vm, v| Ok(maxsize(vm, &this::<RecvEnd>(v).channel))),
        GetSetDef::new("is_closed", |_, v| {
            let channel = &this::<RecvEnd>(v).channel;
            Ok(Value::bool(channel.status() == serpens_share::Status::Closed))
        }),
    ]);

static SEND: TypeDef = TypeDef::new::<SendEnd>("SendChannel")
    .module("interpreters")
    .doc("The sending end of a channel.")
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(new_send),
        repr: Some(|vm, v| Ok(vm.str(&format!("SendChannel(id={})", this::<SendEnd>(v).channel.id())))),
        hash: Some(|_, v| Ok(this::<SendEnd>(v).channel.id() as i64)),
        richcmp: Some(compare::<SendEnd>),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("send", "($self, obj, timeout=None)", |vm, a| {
            let value = crossing::to_portable(vm, a.get(1), Fallback::Value)?;
            send(vm, this(a.get(0)), value, a.opt(2))
        })
        .doc(
            "Send the object. On a channel without bound this waits until the object is received; on one with a bound, until \
             there is room. Raises TimeoutError, or ChannelClosedError.",
        ),
        MethodDef::new("send_nowait", "($self, obj, /)", |vm, a| {
            let value = crossing::to_portable(vm, a.get(1), Fallback::Value)?;
            send_nowait(vm, this(a.get(0)), value)
        })
        .doc("Send the object and do not wait. Raises ChannelFullError if there is no room."),
        MethodDef::new("send_buffer", "($self, obj, timeout=None)", |vm, a| {
            let value = buffer(vm, a.get(1))?;
            send(vm, this(a.get(0)), value, a.opt(2))
        })
        .doc("As send(), of the object's buffer: the receiver gets a memoryview of the same memory."),
        MethodDef::new("send_buffer_nowait", "($self, obj, /)", |vm, a| {
            let value = buffer(vm, a.get(1))?;
            send_nowait(vm, this(a.get(0)), value)
        })
        .doc("As send_nowait(), of the object's buffer."),
        MethodDef::new("send_async", "($self, obj, /)", |vm, a| {
            let interpreters = serpens_state::import::import_module(vm, "interpreters")?;
            let f = vm.getattr_str(&interpreters, "_send_async")?;
            vm.call_pos(&f, &[a.get(0).clone(), a.get(1).clone()])
        })
        .doc("Return an awaitable that sends the object when there is room: the event loop runs on meanwhile."),
        MethodDef::new("close", "($self, /, *, force=False)", |vm, a| {
            let force = a.opt(1).map_or(Ok(false), |v| vm.truthy(v))?;
            close(vm, &this::<SendEnd>(a.get(0)).channel, Side::Send, force)
        })
        .doc("Close the channel for all interpreters. What is left in it can still be received, unless forced."),
        MethodDef::new("release", "($self, /)", |vm, a| release(vm, &this::<SendEnd>(a.get(0)).channel, Side::Send))
            .doc("This interpreter will not send any more. The channel closes when nobody is left."),
        MethodDef::new("__reduce__", "($self, /)", |vm, a| reduce(vm, a.get(0), this::<SendEnd>(a.get(0)).channel.id())),
    ])
    .getset(&[
        GetSetDef::new("id", |vm, v| channels::id_value(vm, this::<SendEnd>(v).channel.id(), Side::Send)),
        GetSetDef::new("maxsize", |vm, v| Ok(maxsize(vm, &this::<SendEnd>(v).channel))),
        GetSetDef::new("is_closed", |_, v| {
            let channel = &this::<SendEnd>(v).channel;
            Ok(Value::bool(channel.status() != serpens_share::Status::Open))
        }),
    ]);

/// `create_channel(maxsize)`: both ends of a new channel, the receiving one first.
pub(super) fn create_channel(vm: &Vm, a: Args<'_>) -> PyResult {
    let maxsize = a.some(0).map_or(Ok(0), |v| vm.arg_i64(v))?;
    let op = a.some(1).map_or(Ok(3), |v| vm.index_i64(v))?;
    let Some(unbound) = UnboundOp::from_number(op) else {
        return Err(vm.value_error(&format!("unsupported unboundop {op}")));
    };
    let defaults = Defaults { unbound, fallback: -1 };
    let all = channels::channels(vm)?;
    let channel = match usize::try_from(maxsize) {
        Ok(0) | Err(_) => all.create(defaults),
        Ok(n) => all.create_bounded(defaults, n),
    };
    both(vm, channel.id())
}

/// A counted reference to the channel of an id.
fn bound(vm: &Vm, id: u64) -> PyResult<Bound<Channel>> {
    Bound::new(&channels::channels(vm)?, id).map_err(|e| channels::registry_error(vm, id, &e))
}

fn both(vm: &Vm, id: u64) -> PyResult {
    let (recv, send) = (bound(vm, id)?, bound(vm, id)?);
    Ok(vm.tuple(vec![make::<RecvEnd>(vm, recv), make::<SendEnd>(vm, send)]))
}

/// `list_all_channels()`: both ends of all channels that are not closed.
pub(super) fn list_all(vm: &Vm, _: Args<'_>) -> PyResult {
    let all = channels::open_channels(vm)?;
    Ok(vm.list(all.iter().map(|channel| both(vm, channel.id())).collect::<PyResult<_>>()?))
}

fn new_recv(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [id] = crate::data::bind(vm, args, "RecvChannel", ["id"], 1)?;
    let id = channels::find(vm, id.unwrap_or(&Value::NONE))?.id();
    Ok(make::<RecvEnd>(vm, bound(vm, id)?))
}

fn new_send(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [id] = crate::data::bind(vm, args, "SendChannel", ["id"], 1)?;
    let id = channels::find(vm, id.unwrap_or(&Value::NONE))?.id();
    Ok(make::<SendEnd>(vm, bound(vm, id)?))
}

fn compare<T: Handle<Shared = Bound<Channel>>>(_: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<T>(), b.downcast::<T>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    let same = x.shared().id() == y.shared().id();
    match op {
        CmpOp::Eq => Ok(Value::bool(same)),
        CmpOp::Ne => Ok(Value::bool(!same)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn maxsize(vm: &Vm, channel: &Channel) -> Value {
    vm.int(channel.capacity().map_or(0, |n| n as i64))
}

fn reduce(vm: &Vm, v: &Value, id: u64) -> PyResult {
    let args = vm.tuple(vec![vm.int(id as i64)]);
    Ok(vm.tuple(vec![vm.type_of(v).value(), args]))
}

/// Calls a function of the Python half with an end.
fn helper(vm: &Vm, name: &str, end: &Value) -> PyResult {
    let interpreters = serpens_state::import::import_module(vm, "interpreters")?;
    let f = vm.getattr_str(&interpreters, name)?;
    vm.call_one(&f, end)
}

fn close(vm: &Vm, channel: &Channel, side: Side, force: bool) -> PyResult {
    channel.close(side, force).map_err(|e| channel_error(vm, channel.id(), &e))?;
    Ok(Value::NONE)
}

fn release(vm: &Vm, channel: &Channel, side: Side) -> PyResult {
    let own = current(vm)?.id() as u64;
    channel.release(own, side).map_err(|e| channel_error(vm, channel.id(), &e))?;
    Ok(Value::NONE)
}

/// What is there, or the error.
#[inline]
fn at_once(end: &RecvEnd) -> Result<Delivery, ChannelError> {
    let mut pass = end.pass.get();
    let delivery = end.channel.try_recv_by(&mut pass);
    end.pass.set(pass);
    delivery
}

/// So often somebody else may be faster before one queues up.
const N_RACES: u32 = 4;

/// The next object, waiting for it.
#[inline]
fn take(vm: &Vm, end: &RecvEnd, limit: Option<std::time::Duration>) -> PyResult<Result<Value, ChannelError>> {
    for _ in 0..N_RACES {
        match at_once(end) {
            Ok(delivery) => return deliver(vm, end, &delivery).map(Ok),
            Err(ChannelError::Empty) => (),
            Err(e) => return Ok(Err(e)),
        }
        if waiting::poll(vm, || end.channel.is_ready().then_some(())).is_none() {
            break;
        }
    }
    let channel = end.channel.thing().clone();
    let mut pass = end.pass.get();
    let recv = |wait: &serpens_share::Wait<'_>| channel.recv_by(&mut pass, wait);
    match waiting::sleep(vm, waiting::deadline(limit), recv, is_interrupt)? {
        Ok(delivery) => deliver(vm, end, &delivery).map(Ok),
        Err(e) => Ok(Err(e)),
    }
}

fn is_interrupt(e: &ChannelError) -> bool {
    *e == ChannelError::Interrupted
}

#[inline]
fn deliver(vm: &Vm, end: &RecvEnd, delivery: &Delivery) -> PyResult {
    count_received(vm, "channel", end.channel.id());
    match delivery.value() {
        Ok(value) => crossing::from_portable(vm, value),
        Err(op) => {
            let interpreters = serpens_state::import::import_module(vm, "interpreters")?;
            let f = vm.getattr_str(&interpreters, "_resolve_unbound")?;
            vm.call_one(&f, &vm.int(op.number()))
        }
    }
}

fn buffer(vm: &Vm, v: &Value) -> PyResult<Portable> {
    let view = vm.memoryview_of(v)?;
    crossing::to_portable(vm, &view, Fallback::None)
}

fn send_nowait(vm: &Vm, end: &SendEnd, value: Portable) -> PyResult {
    let mut pass = end.pass.get();
    let sent = end.channel.send_by(&mut pass, value, None);
    end.pass.set(pass);
    sent_or_raise(vm, end, sent)
}

fn sent_or_raise(vm: &Vm, end: &SendEnd, sent: Result<(), ChannelError>) -> PyResult {
    match sent {
        Ok(()) => {
            count_sent(vm, "channel", end.channel.id());
            Ok(Value::NONE)
        }
        Err(e) => Err(channel_error(vm, end.channel.id(), &e)),
    }
}

fn send(vm: &Vm, end: &SendEnd, value: Portable, limit: Option<&Value>) -> PyResult {
    let until = waiting::deadline(timeout(vm, limit)?);
    let sent = match end.channel.capacity() {
        Some(_) => send_with_room(vm, end, value, until)?,
        None => send_and_wait(vm, end, value, until)?,
    };
    sent_or_raise(vm, end, sent)
}

fn send_with_room(
    vm: &Vm,
    end: &SendEnd,
    value: Portable,
    until: Option<std::time::Instant>,
) -> PyResult<Result<(), ChannelError>> {
    let channel = end.channel.thing().clone();
    waiting::poll(vm, || channel.has_room().then_some(()));
    let mut pass = end.pass.get();
    let mut value = Some(value);
    let sleep = |wait: &serpens_share::Wait<'_>| {
        channel.send_when_room(&mut pass, value.take().unwrap_or_default(), None, wait).map_err(|(e, back)| {
            value = Some(back);
            e
        })
    };
    waiting::sleep(vm, until, sleep, is_interrupt)
}

fn send_and_wait(
    vm: &Vm,
    end: &SendEnd,
    value: Portable,
    until: Option<std::time::Instant>,
) -> PyResult<Result<(), ChannelError>> {
    let channel = end.channel.thing().clone();
    let mut pass = end.pass.get();
    let receipt = match channel.send_registered(&mut pass, value, None) {
        Ok(receipt) => receipt,
        Err(e) => return Ok(Err(e)),
    };
    end.pass.set(pass);
    waiting::poll(vm, || receipt.is_settled().then_some(()));
    let waited = waiting::sleep(vm, until, |wait| channel.await_receipt(&receipt, wait), is_interrupt);
    if waited.is_err() {
        channel.withdraw(&receipt);
    }
    waited
}

/// The exception for an error of channel `id`.
pub(in super::super) fn channel_error(vm: &Vm, id: u64, e: &ChannelError) -> Raised {
    let name = match e {
        ChannelError::Empty => "ChannelEmptyError",
        ChannelError::Full => "ChannelFullError",
        ChannelError::NotEmpty => "ChannelNotEmptyError",
        ChannelError::TimedOut => return vm.raise_text(vm.types().TimeoutError, "timed out"),
        // Waits go on after an interrupt, or end with what the interrupt raised.
        ChannelError::Interrupted => return vm.raise_text(vm.types().InterruptedError, "interrupted"),
        _ => "ChannelClosedError",
    };
    let class = match error_class(vm, name) {
        Ok(class) => class,
        Err(e) => return e,
    };
    match vm.call_one(&class, &vm.str(&format!("channel {id} {e}"))) {
        Ok(e) => vm.raise(e),
        Err(e) => e,
    }
}
