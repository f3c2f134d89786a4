//! `print`, `input`, `open`, `breakpoint`.

use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, Value, Vm};

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::raw("print", "(*args, sep=' ', end='\\n', file=None, flush=False)", print)
        .doc("Prints the values to a stream, or to sys.stdout by default."),
    MethodDef::new("input", "(prompt='', /)", input)
        .doc("Read a string from standard input.  The trailing newline is stripped."),
    MethodDef::raw(
        "open",
        "(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
        |vm, args| {
            let io = crate::import::import_module(vm, "_io")?;
            let f = vm.getattr_str(&io, "open")?;
            vm.call(&f, args)
        },
    )
    .doc("Open file and return a stream.  Raise OSError upon failure."),
    MethodDef::raw("breakpoint", "(*args, **kws)", |vm, args| {
        let sys = crate::import::import_module(vm, "sys")?;
        let f = vm.getattr_str(&sys, "breakpointhook")?;
        vm.call(&f, args)
    })
    .doc("Call sys.breakpointhook(*args, **kws)."),
];

fn sys_stream(vm: &Vm, name: &str) -> PyResult<Value> {
    match vm.sys_dict().and_then(|d| d.downcast::<Dict>()?.get_name(vm, name)) {
        Some(s) => Ok(s),
        None => Err(vm.runtime_error(&format!("lost sys.{name}"))),
    }
}

fn print(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let mut sep = None;
    let mut end = None;
    let mut file = None;
    let mut flush = false;
    for (name, value) in args.named() {
        let name = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        let text_or_none = |v: &Value| -> PyResult<Option<Value>> {
            if v.is_none() {
                return Ok(None);
            }
            if v.is_a::<Str>() {
                return Ok(Some(v.clone()));
            }
            Err(vm.type_error(&format!("{name} must be None or a string, not {}", vm.type_of(v).name())))
        };
        match name.as_str() {
            "sep" => sep = text_or_none(value)?,
            "end" => end = text_or_none(value)?,
            "file" => file = Some(value.clone()).filter(|v| !v.is_none()),
            "flush" => flush = vm.truthy(value)?,
            _ => {
                return Err(vm.type_error(&format!("print() got an unexpected keyword argument '{name}'")));
            }
        }
    }
    let file = match file {
        Some(f) => f,
        None => sys_stream(vm, "stdout")?,
    };
    if file.is_none() {
        return Ok(Value::NONE);
    }
    let write = vm.getattr(&file, &vm.names().write)?;
    for (i, value) in args.pos().iter().enumerate() {
        if i > 0 {
            match &sep {
                Some(s) => vm.call_one(&write, s)?,
                None => vm.call_one(&write, &vm.char(' ' as u32))?,
            };
        }
        let text = vm.str_of(value)?;
        vm.call_one(&write, &text)?;
    }
    match &end {
        Some(s) => vm.call_one(&write, s)?,
        None => vm.call_one(&write, &vm.char('\n' as u32))?,
    };
    if flush {
        vm.call_method(&file, &vm.names().flush, &[])?;
    }
    Ok(Value::NONE)
}

fn input(vm: &Vm, a: Args<'_>) -> PyResult {
    let out = sys_stream(vm, "stdout")?;
    let stdin = sys_stream(vm, "stdin")?;
    if stdin.is_none() {
        return Err(vm.runtime_error("input(): lost sys.stdin"));
    }
    if let Ok(err) = sys_stream(vm, "stderr")
        && !err.is_none()
    {
        vm.call_method(&err, &vm.names().flush, &[])?;
    }
    if let Some(prompt) = a.opt(0) {
        let text = vm.str_of(prompt)?;
        vm.call_method(&out, &vm.names().write, &[text])?;
    }
    vm.call_method(&out, &vm.names().flush, &[])?;
    let line = vm.call_method(&stdin, &vm.names().readline, &[])?;
    let Some(s) = line.downcast::<Str>() else {
        return Err(vm.type_error("object.readline() returned non-string"));
    };
    let bytes = s.as_bytes();
    match bytes.strip_suffix(b"\n") {
        Some(front) => Ok(vm.str_wtf8(front)),
        None if bytes.is_empty() => Err(vm.raise_text(vm.types().EOFError, "EOF when reading a line")),
        None => Ok(line.clone()),
    }
}
