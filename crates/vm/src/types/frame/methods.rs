//! What Python sees of frames.

use super::FrameObj;
use crate::error::PyResult;
use crate::monitor::{N_TOOLS, event};
use crate::native::{Args, GetSetDef, MethodDef};
use crate::types::generator::Generator;
use crate::types::slots::Slots;
use crate::types::typeobj::{TypeDef, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// The type `frame`.
pub static TYPE: TypeDef = TypeDef::new::<FrameObj>("frame")
    .gc()
    // The saved locals.
    .flags(tflag::NO_NEW | tflag::RESOURCE)
    .slots(Slots { repr: Some(repr), ..Slots::EMPTY })
    .methods(&[MethodDef::new("clear", "($self, /)", clear)])
    .getset(&[
        GetSetDef::new("f_back", |vm, v| Ok(this(v).back(vm))),
        GetSetDef::new("f_code", |_, v| Ok(this(v).code.clone())),
        GetSetDef::new("f_globals", |_, v| Ok((*this(v).func().globals).clone())),
        GetSetDef::new("f_builtins", |_, v| Ok((*this(v).func().builtins).clone())),
        GetSetDef::new("f_locals", |vm, v| Ok(this(v).locals(vm, v))),
        GetSetDef::new("f_lasti", |_, v| Ok(Value::from_usize(this(v).offset()))),
        GetSetDef::new("f_generator", f_generator),
        GetSetDef::rw("f_lineno", f_lineno, set_lineno),
        GetSetDef::rw(
            "f_trace",
            |_, v| Ok(this(v).trace.get_or_none()),
            |_, v, value| {
                this(v).trace.put(value.cloned());
                Ok(())
            },
        ),
        GetSetDef::rw(
            "f_trace_lines",
            |_, v| Ok(Value::bool(this(v).trace_flags.get().0)),
            |vm, v, value| {
                let on = flag(vm, value)?;
                this(v).trace_flags.set((on, this(v).trace_flags.get().1));
                Ok(())
            },
        ),
        GetSetDef::rw(
            "f_trace_opcodes",
            |_, v| Ok(Value::bool(this(v).trace_flags.get().1)),
            |vm, v, value| {
                let on = flag(vm, value)?;
                let f = this(v);
                f.trace_flags.set((f.trace_flags.get().0, on));
                if on {
                    f.code().private_or_new().local[N_TOOLS].set(event::INSTRUCTION);
                    vm.arm_code(f.code());
                }
                Ok(())
            },
        ),
    ]);

fn this(v: &Value) -> &FrameObj {
    v.downcast::<FrameObj>().expect("the descriptor has checked the receiver")
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let f = this(v);
    let code = f.code().code();
    Ok(vm.str(&format!("<frame at {:#x}, file '{}', line {}, code {}>", v.bits(), code.filename, f.line(), code.name)))
}

fn f_lineno(_: &Vm, v: &Value) -> PyResult {
    Ok(match this(v).line() {
        0 => Value::NONE,
        n => Value::from_usize(n as usize),
    })
}

fn set_lineno(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    crate::monitor::jump::set_lineno(vm, this(v), value)
}

fn flag(vm: &Vm, value: Option<&Value>) -> PyResult<bool> {
    let Some(value) = value else { return Err(vm.type_error("cannot delete attribute")) };
    value.as_bool().ok_or_else(|| vm.type_error("attribute value type must be bool"))
}

fn f_generator(_: &Vm, v: &Value) -> PyResult {
    Ok(this(v).live().and_then(|f| f.generator()).map_or(Value::NONE, |g: &Generator| Value::of(g)))
}

fn clear(vm: &Vm, a: Args<'_>) -> PyResult {
    let f = a.this::<FrameObj>();
    if f.is_running() {
        return Err(vm.runtime_error("cannot clear an executing frame"));
    }
    if f.is_suspended() {
        return Err(vm.runtime_error("cannot clear a suspended frame"));
    }
    f.clear_locals();
    Ok(Value::NONE)
}
