//! `BufferedRWPair`: a reader and a writer as one stream.

use super::{base, buffered};
use serpens_vm::cell::VCell;
use serpens_vm::types::slots::Slots;
use serpens_vm::{CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, Value, Vm};

/// A reader and a writer.
pub struct Pair {
    reader: VCell,
    writer: VCell,
}

serpens_vm::native_payload!(Pair {} cells { reader, writer });

/// `_io.BufferedRWPair`.
pub static BUFFERED_RW_PAIR: TypeDef = TypeDef::new::<Pair>("BufferedRWPair")
    .module("_io")
    .doc("A buffered reader and writer object together.")
    .base(&base::BUFFERED_IO_BASE)
    .basetype()
    .slots(Slots {
        new: Some(|vm, ty, _| Ok(vm.alloc(ty, Pair { reader: VCell::empty(), writer: VCell::empty() }))),
        init: Some(init),
        ..Slots::EMPTY
    })
    .methods(METHODS)
    .getset(&[GetSetDef::new("closed", |vm, v| match this(v).writer.get() {
        Some(w) => vm.getattr_str(&w, "closed"),
        None => Err(vm.runtime_error("the BufferedRWPair object is being garbage-collected")),
    })]);

macro_rules! pass {
    ($part:ident: $($name:literal),*) => {
        [$( MethodDef::raw($name, "($self, *args)", |vm, args| part(vm, args, $name, |p| &p.$part)) ),*]
    };
}

const READS: [MethodDef; 6] = pass!(reader: "read", "peek", "read1", "readinto", "readinto1", "readable");
const WRITES: [MethodDef; 3] = pass!(writer: "write", "flush", "writable");

const METHODS: &[MethodDef] = &{
    let [a, b, c, d, e, f] = READS;
    let [x, y, z] = WRITES;
    [
        a,
        b,
        c,
        d,
        e,
        f,
        x,
        y,
        z,
        MethodDef::new("isatty", "($self, /)", |vm, a| {
            let p = this(a.get(0));
            if vm.call_method_str(&p.writer.get_or_none(), "isatty", &[])?.is_true() {
                return Ok(Value::TRUE);
            }
            vm.call_method_str(&p.reader.get_or_none(), "isatty", &[])
        }),
        MethodDef::new("close", "($self, /)", |vm, a| {
            let p = this(a.get(0));
            let first = vm.call_method(&p.writer.get_or_none(), &vm.names().close, &[]);
            base::both(vm, first, || vm.call_method(&p.reader.get_or_none(), &vm.names().close, &[]))
        }),
    ]
};

fn this(v: &Value) -> &Pair {
    v.downcast::<Pair>().expect("the descriptor has checked the receiver")
}

fn part(vm: &Vm, args: &CallArgs<'_>, name: &str, which: fn(&Pair) -> &VCell) -> PyResult {
    let Some(pair) = args.pos().first().and_then(|v| v.downcast::<Pair>()) else {
        return Err(vm.type_error("a BufferedRWPair is required"));
    };
    match which(pair).get() {
        Some(stream) => vm.call_method_str(&stream, name, &args.pos()[1..]),
        None => Err(vm.value_error("I/O operation on uninitialized object")),
    }
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    if args.n_named() > 0 {
        return Err(vm.type_error("BufferedRWPair() takes no keyword arguments"));
    }
    let (reader, writer, size) = match args.pos() {
        [r, w] => (r, w, None),
        [r, w, n] => (r, w, Some(n)),
        more => {
            return Err(vm.type_error(&format!("BufferedRWPair expected 2 or 3 arguments, got {}", more.len())));
        }
    };
    for (stream, question) in [(reader, "readable"), (writer, "writable")] {
        if !vm.call_method_str(stream, question, &[])?.is_true() {
            return Err(super::unsupported(vm, &format!("File or stream is not {question}.")));
        }
    }
    let make = |def: &'static TypeDef, stream: &Value| {
        let mut args = vec![stream.clone()];
        args.extend(size.cloned());
        vm.call_pos(&vm.native_type(def), &args)
    };
    let p = this(v);
    p.reader.set(make(&buffered::BUFFERED_READER, reader)?);
    p.writer.set(make(&buffered::BUFFERED_WRITER, writer)?);
    Ok(())
}
