//! Configurations of interpreters, as Python sees them: `types.SimpleNamespace` with the fields of `PyInterpreterConfig`.

use serpens_state::errors;
use serpens_state::{Config, Gil};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{CallArgs, PyResult, Value, Vm};

fn legacy() -> Config {
    Config { gil: Gil::Shared, ..Config::MAIN }
}

fn empty() -> Config {
    Config {
        use_main_obmalloc: false,
        allow_fork: false,
        allow_exec: false,
        allow_threads: false,
        allow_daemon_threads: false,
        check_multi_interp_extensions: false,
        gil: Gil::Default,
    }
}

fn named(vm: &Vm, name: &str) -> PyResult<Config> {
    match name {
        "isolated" | "default" | "" => Ok(Config::ISOLATED),
        "legacy" => Ok(legacy()),
        "empty" => Ok(empty()),
        _ => Err(vm.value_error(&format!("unsupported config name '{name}'"))),
    }
}

fn gil_name(gil: Gil) -> &'static str {
    match gil {
        Gil::Default => "default",
        Gil::Shared => "shared",
        Gil::Own => "own",
    }
}

/// The configuration as a namespace.
pub(super) fn describe(vm: &Vm, c: &Config) -> PyResult {
    let d = vm.new_dict();
    let fields = d.downcast::<Dict>().expect("just made");
    for (name, value) in [
        ("use_main_obmalloc", c.use_main_obmalloc),
        ("allow_fork", c.allow_fork),
        ("allow_exec", c.allow_exec),
        ("allow_threads", c.allow_threads),
        ("allow_daemon_threads", c.allow_daemon_threads),
        ("check_multi_interp_extensions", c.check_multi_interp_extensions),
    ] {
        fields.set_name(vm, name, Value::bool(value));
    }
    fields.set_name(vm, "gil", vm.str(gil_name(c.gil)));
    vm.call_dict(&vm.types().SimpleNamespace.value(), &[], fields)
}

pub(super) fn new_config(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let name = match args.pos() {
        [] => "isolated".to_string(),
        [v] if v.is_a::<Str>() => vm.str_string(v)?,
        [v] => {
            let kind = vm.type_of(v).name();
            return Err(vm.type_error(&format!("_interpreters.new_config() argument 1 must be str, not {kind}")));
        }
        more => {
            let n = more.len();
            return Err(vm.type_error(&format!("_interpreters.new_config() takes at most 1 argument ({n} given)")));
        }
    };
    let mut c = named(vm, &name)?;
    let mut extra = Vec::new();
    for (key, value) in args.named() {
        let name = vm.str_string(key)?;
        if NAMES.contains(&name.as_str()) {
            set(vm, &mut c, &name, value)?;
        } else {
            extra.push((key.clone(), value.clone()));
        }
    }
    refuse(vm, &extra)?;
    describe(vm, &c)
}

/// The error of fields that a configuration does not have.
fn refuse(vm: &Vm, extra: &[(Value, Value)]) -> PyResult<()> {
    let shown = vm.new_dict();
    for (name, value) in extra {
        vm.set_item(&shown, name, value)?;
    }
    match extra.len() {
        0 => Ok(()),
        1 => Err(vm.value_error(&format!("config dict has 1 extra item ({})", vm.repr_string(&shown)?))),
        n => Err(vm.value_error(&format!("config dict has {n} extra items ({})", vm.repr_string(&shown)?))),
    }
}

fn set(vm: &Vm, c: &mut Config, key: &str, value: &Value) -> PyResult<()> {
    if key == "gil" {
        let Some(s) = value.downcast::<Str>() else {
            return Err(vm.type_error("invalid config type: gil"));
        };
        c.gil = match s.as_str_lossy() {
            "default" => Gil::Default,
            "shared" => Gil::Shared,
            "own" => Gil::Own,
            other => return Err(vm.value_error(&format!("unsupported interpreter config .gil value '{other}'"))),
        };
        return Ok(());
    }
    let field = match key {
        "use_main_obmalloc" => &mut c.use_main_obmalloc,
        "allow_fork" => &mut c.allow_fork,
        "allow_exec" => &mut c.allow_exec,
        "allow_threads" => &mut c.allow_threads,
        "allow_daemon_threads" => &mut c.allow_daemon_threads,
        "check_multi_interp_extensions" => &mut c.check_multi_interp_extensions,
        _ => return Err(vm.value_error(&format!("config has 1 extra fields ({key})"))),
    };
    match value.as_bool() {
        Some(b) => *field = b,
        None => return Err(vm.type_error(&format!("invalid config type: {key}"))),
    }
    Ok(())
}

const NAMES: [&str; 7] = [
    "use_main_obmalloc",
    "allow_fork",
    "allow_exec",
    "allow_threads",
    "allow_daemon_threads",
    "check_multi_interp_extensions",
    "gil",
];

/// The configuration that a namespace describes: all fields and no others.
fn fields(vm: &Vm, given: &Value) -> PyResult<Config> {
    let mut c = empty();
    let all = vm.own_attributes(given);
    let named = all.iter().map(|(name, value)| Ok((vm.str_string(name)?, value))).collect::<PyResult<Vec<_>>>()?;
    for name in NAMES {
        match named.iter().find(|(n, _)| n == name) {
            Some((_, value)) => set(vm, &mut c, name, value)?,
            None => return Err(vm.value_error(&format!("missing config key: {name}"))),
        }
    }
    let is_extra = |name: &Value| !vm.str_string(name).is_ok_and(|n| NAMES.contains(&n.as_str()));
    let extra: Vec<_> = all.iter().filter(|(name, _)| is_extra(name)).cloned().collect();
    refuse(vm, &extra)?;
    Ok(c)
}

/// The configuration that `create` was given: a name, a namespace or nothing.
pub(super) fn parse(vm: &Vm, given: Option<&Value>) -> PyResult<Config> {
    let Some(given) = given else { return Ok(Config::ISOLATED) };
    let c = if let Some(s) = given.downcast::<Str>() {
        if s.to_str().is_none() {
            vm.encode(given, Some("utf-8"), None)?;
        }
        named(vm, &s.to_string())?
    } else if given.is_none() || !vm.type_of(given).is(vm.types().SimpleNamespace) {
        return Err(vm.type_error(&format!("bad config {}", vm.repr_string(given)?)));
    } else {
        fields(vm, given)?
    };
    if c.gil == Gil::Default && !c.allow_threads {
        return Err(errors::raise(vm, "InterpreterError", "interpreter creation failed"));
    }
    Ok(c)
}
