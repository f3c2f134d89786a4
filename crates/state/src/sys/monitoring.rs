//! `sys.monitoring` (PEP 669).

use serpens_vm::image::part::key_of;
use serpens_vm::monitor::{N_TOOLS, Tool, event};
use serpens_vm::types::code::CodeObj;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{MethodDef, PyResult, Value, Vm};

// `raw`: the caller's frame looks for changed instructions after such calls.
static FUNCTIONS: &[MethodDef] = &[
    MethodDef::raw("use_tool_id", "(tool_id, name, /)", |vm, a| use_tool_id(vm, args(vm, "use_tool_id", a.pos())?)),
    MethodDef::raw("clear_tool_id", "(tool_id, /)", |vm, a| {
        let [id] = args(vm, "clear_tool_id", a.pos())?;
        clear(vm, tool_id(vm, id)?);
        Ok(Value::NONE)
    }),
    MethodDef::raw("free_tool_id", "(tool_id, /)", |vm, a| {
        let [id] = args(vm, "free_tool_id", a.pos())?;
        let n = tool_id(vm, id)?;
        clear(vm, n);
        drop(vm.monitor.tools()[n].name.take());
        Ok(Value::NONE)
    }),
    MethodDef::raw("get_tool", "(tool_id, /)", |vm, a| {
        let [id] = args(vm, "get_tool", a.pos())?;
        Ok(vm.monitor.tools()[tool_id(vm, id)?].name.get_or_none())
    }),
    MethodDef::raw("register_callback", "(tool_id, event, func, /)", |vm, a| {
        register_callback(vm, args(vm, "register_callback", a.pos())?)
    }),
    MethodDef::raw("get_events", "(tool_id, /)", |vm, a| {
        let [id] = args(vm, "get_events", a.pos())?;
        Ok(vm.int(vm.monitor.tools()[tool_id(vm, id)?].events.get().into()))
    }),
    MethodDef::raw("set_events", "(tool_id, event_set, /)", |vm, a| set_events(vm, args(vm, "set_events", a.pos())?)),
    MethodDef::raw("get_local_events", "(tool_id, code, /)", |vm, a| {
        let [id, code] = args(vm, "get_local_events", a.pos())?;
        let n = tool_id(vm, id)?;
        let events = code_object(vm, code)?.private().map_or(0, |p| p.local[n].get());
        Ok(vm.int(events.into()))
    }),
    MethodDef::raw("set_local_events", "(tool_id, code, event_set, /)", |vm, a| {
        set_local_events(vm, args(vm, "set_local_events", a.pos())?)
    }),
    MethodDef::raw("restart_events", "()", |vm, _| {
        vm.each_code(|code| {
            if let Some(p) = code.private() {
                p.restart();
            }
        });
        Ok(Value::NONE)
    }),
    MethodDef::raw("_all_events", "()", |vm, _| all_events(vm)),
];

/// Names the part of the frozen image that the module's dict begins as.
static CONTENTS: u8 = 0;

/// The module.
pub(super) fn module(vm: &Vm) -> PyResult {
    let contents = vm.frozen(key_of(&CONTENTS), &contents)?;
    let dict = vm.shared_dict(&contents);
    if let Some(d) = dict.downcast::<Dict>() {
        let mut events: Vec<_> =
            event::NAMES.iter().enumerate().map(|(bit, name)| (*name, Value::int_unchecked(1 << bit))).collect();
        events.push(("NO_EVENTS", Value::int_unchecked(0)));
        d.set_name(vm, "events", vm.simple_namespace(&events));
        vm.monitor.disable.put(d.get_name(vm, "DISABLE"));
        vm.monitor.missing.put(d.get_name(vm, "MISSING"));
    }
    Ok(vm.module_over(dict))
}

fn contents(vm: &Vm) -> PyResult {
    let contents = super::functions_of(vm, "sys.monitoring", FUNCTIONS);
    let Some(d) = contents.downcast::<Dict>() else { return Ok(contents) };
    for (id, name) in [(0, "DEBUGGER_ID"), (1, "COVERAGE_ID"), (2, "PROFILER_ID"), (5, "OPTIMIZER_ID")] {
        d.set_name(vm, name, Value::int_unchecked(id));
    }
    let object = vm.types().object.value();
    for unique in ["DISABLE", "MISSING"] {
        d.set_name(vm, unique, vm.call_pos(&object, &[])?);
    }
    d.set_name(vm, "events", Value::NONE);
    Ok(contents)
}

fn args<'a, const N: usize>(vm: &Vm, name: &str, given: &'a [Value]) -> PyResult<&'a [Value; N]> {
    given
        .try_into()
        .map_err(|_| vm.type_error(&format!("{name} expected {N} argument{}, got {}", plural(N), given.len())))
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

fn tool_id(vm: &Vm, id: &Value) -> PyResult<usize> {
    let n = vm.index_i64(id)?;
    if n < 0 || n >= N_TOOLS as i64 {
        return Err(vm.value_error(&format!("invalid tool {n} (must be between 0 and 5)")));
    }
    Ok(n as usize)
}

fn tool_in_use<'a>(vm: &'a Vm, id: &Value) -> PyResult<(usize, &'a Tool)> {
    let n = tool_id(vm, id)?;
    let tool = &vm.monitor.tools()[n];
    if !tool.name.is_set() {
        return Err(vm.value_error(&format!("tool {n} is not in use")));
    }
    Ok((n, tool))
}

fn code_object<'a>(vm: &Vm, v: &'a Value) -> PyResult<&'a CodeObj> {
    v.downcast::<CodeObj>().ok_or_else(|| vm.type_error("code must be a code object"))
}

fn use_tool_id(vm: &Vm, [id, name]: &[Value; 2]) -> PyResult {
    let n = tool_id(vm, id)?;
    if !name.is_a::<Str>() {
        return Err(vm.value_error("tool name must be a str"));
    }
    let tool = &vm.monitor.tools()[n];
    if tool.name.is_set() {
        return Err(vm.value_error(&format!("tool {n} is already in use")));
    }
    tool.name.set(name.clone());
    Ok(Value::NONE)
}

/// Takes a tool's events and callbacks away.
fn clear(vm: &Vm, n: usize) {
    let tool = &vm.monitor.tools()[n];
    tool.events.set(0);
    let callbacks: Vec<_> = tool.callbacks.iter().map(serpens_vm::cell::VCell::take).collect();
    vm.each_code(|code| {
        if let Some(p) = code.private() {
            p.forget_tool(n);
        }
    });
    vm.update_monitoring();
    vm.arm_again();
    drop(callbacks);
}

fn register_callback(vm: &Vm, [id, event, func]: &[Value; 3]) -> PyResult {
    let n = tool_id(vm, id)?;
    let event = vm.index_i64(event)?;
    if event <= 0 || event & (event - 1) != 0 {
        return Err(vm.value_error("The callback can only be set for one event at a time"));
    }
    if event >= 1 << event::N {
        return Err(vm.value_error(&format!("invalid event {event}")));
    }
    let cell = &vm.monitor.tools()[n].callbacks[event.trailing_zeros() as usize];
    Ok(cell.replace(Some(func.clone()).filter(|f| !f.is_none())).unwrap_or(Value::NONE))
}

/// The events of a set as they are kept: those of native calls belong to CALL, a branch is either direction.
fn event_set(vm: &Vm, v: &Value) -> PyResult<u32> {
    let given = vm.index_i64(v)?;
    if !(0..1 << event::N).contains(&given) {
        return Err(vm.value_error(&format!("invalid event set 0x{given:x}")));
    }
    let mut events = given as u32;
    let native = event::C_RETURN | event::C_RAISE;
    if events & native != 0 {
        if events & (native | event::CALL) != native | event::CALL {
            return Err(vm.value_error("cannot set C_RETURN or C_RAISE events independently"));
        }
        events &= !native;
    }
    if events & event::BRANCH != 0 {
        events = events & !event::BRANCH | event::BRANCHES;
    }
    Ok(events)
}

fn set_events(vm: &Vm, [id, events]: &[Value; 2]) -> PyResult {
    let n = tool_id(vm, id)?;
    let events = event_set(vm, events)?;
    let (_, tool) = tool_in_use(vm, &Value::from_usize(n))?;
    tool.events.set(events);
    vm.update_monitoring();
    Ok(Value::NONE)
}

fn set_local_events(vm: &Vm, [id, code, events]: &[Value; 3]) -> PyResult {
    let n = tool_id(vm, id)?;
    let code = code_object(vm, code)?;
    let given = vm.index_i64(events)?;
    let events = event_set(vm, events)?;
    if events & !event::LOCAL != 0 {
        return Err(vm.value_error(&format!("invalid local event set 0x{given:x}")));
    }
    tool_in_use(vm, &Value::from_usize(n))?;
    if events == 0 && code.private().is_none() {
        return Ok(Value::NONE);
    }
    code.private_or_new().local[n].set(events);
    vm.arm_code(code);
    Ok(Value::NONE)
}

fn all_events(vm: &Vm) -> PyResult {
    let d = vm.new_dict();
    for (bit, name) in event::NAMES.iter().enumerate() {
        let tools = vm.monitor.tools().iter().enumerate();
        let mask = tools.filter(|(_, t)| t.events.get() >> bit & 1 != 0).fold(0, |m, (n, _)| m | 1 << n);
        if mask != 0 {
            vm.set_item(&d, &vm.str(name), &vm.int(mask))?;
        }
    }
    Ok(d)
}
