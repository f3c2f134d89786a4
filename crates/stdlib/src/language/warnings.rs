//! `_warnings`: filters, and the way of a warning from `warn` to the function that shows it.
//!
//! Filters and registries are Python objects that programs change; the module `warnings`, once imported, has the
//! authoritative ones.

use serpens_state::NativeModule;
use serpens_state::import::import_module;
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::list::List;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, MethodDef, PyResult, TypeObj, Value, Vm};
use std::cell::Cell;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_warnings")
    .doc("_warnings provides basic warning filtering support.\nIt is a helper module to speed up interpreter start-up.")
    .functions(FUNCTIONS)
    .init(init);

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new(
        "warn",
        "(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=())",
        warn,
    )
    .doc("Issue a warning, or maybe ignore it or raise an exception."),
    MethodDef::new(
        "warn_explicit",
        "(message, category, filename, lineno, module=<unrepresentable>, registry=None, module_globals=None, source=None)",
        warn_explicit,
    )
    .doc("Issue a warning, or maybe ignore it or raise an exception."),
    MethodDef::new("_filters_mutated_lock_held", "()", |vm, _| {
        let state = state(vm);
        state.version.set(state.version.get() + 1);
        Ok(Value::NONE)
    }),
    // Registries change under the interpreter's lock, so these have nothing to wait for.
    MethodDef::new("_acquire_lock", "()", |_, _| Ok(Value::NONE)),
    MethodDef::new("_release_lock", "()", |_, _| Ok(Value::NONE)),
];

struct State {
    filters: Value,
    once: Value,
    version: Cell<i64>,
}

impl Local for State {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        let version = self.version.clone();
        Some(State { filters: copier.take(&self.filters), once: copier.take(&self.once), version })
    }
}

fn state(vm: &Vm) -> std::rc::Rc<State> {
    vm.local(|vm| State { filters: default_filters(vm), once: vm.new_dict(), version: Cell::new(0) })
}

fn default_filters(vm: &Vm) -> Value {
    let t = vm.types();
    let filter = |action: &str, class: &TypeObj, module: Value| {
        vm.tuple(vec![vm.intern(action), Value::NONE, class.value(), module, Value::from_usize(0)])
    };
    vm.list(vec![
        filter("default", t.DeprecationWarning, vm.intern("__main__")),
        filter("ignore", t.DeprecationWarning, Value::NONE),
        filter("ignore", t.PendingDeprecationWarning, Value::NONE),
        filter("ignore", t.ImportWarning, Value::NONE),
        filter("ignore", t.ResourceWarning, Value::NONE),
    ])
}

fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    let state = state(vm);
    dict.set_name(vm, "filters", state.filters.clone());
    dict.set_name(vm, "_onceregistry", state.once.clone());
    dict.set_name(vm, "_defaultaction", vm.intern("default"));
    let contextvars = import_module(vm, "_contextvars")?;
    let class = vm.getattr_str(&contextvars, "ContextVar")?;
    let var = vm.call_kw(&class, &[vm.str("warnings_context")], &[("default", Value::NONE)])?;
    dict.set_name(vm, "_warnings_context", var);
    Ok(())
}

/// An attribute of module `warnings`, which is imported only if `import` says so.
fn of_warnings(vm: &Vm, name: &str, import: bool) -> PyResult<Option<Value>> {
    let module = if import {
        match import_module(vm, "warnings") {
            Ok(m) => Some(m),
            Err(_) => {
                drop(vm.take_raised());
                None
            }
        }
    } else {
        vm.modules.get().and_then(|m| m.downcast::<Dict>()?.get_name(vm, "warnings"))
    };
    match module {
        Some(m) => vm.getattr_opt(&m, &vm.intern(name)),
        None => Ok(None),
    }
}

/// Whether a filter's pattern (a text, an expression, or `None`) fits.
fn fits(vm: &Vm, pattern: &Value, text: &Value) -> PyResult<bool> {
    if pattern.is_none() {
        return Ok(true);
    }
    if vm.is_exact_str(pattern) {
        return vm.eq(pattern, text);
    }
    let found = vm.call_method_str(pattern, "match", std::slice::from_ref(text))?;
    vm.truthy(&found)
}

/// The action of the first filter that fits, and the filter.
fn action_of(vm: &Vm, category: &Value, text: &Value, lineno: i64, module: &Value) -> PyResult<(Value, Value)> {
    let filters = of_warnings(vm, "filters", false)?.unwrap_or_else(|| state(vm).filters.clone());
    let Some(list) = filters.downcast::<List>() else {
        return Err(vm.value_error("_warnings.filters must be a list"));
    };
    let mut i = 0;
    while let Some(item) = list.get(i) {
        let Some([action, message, class, of_module, line]) = item.downcast::<Tuple>().map(Tuple::as_slice) else {
            return Err(vm.value_error(&format!("_warnings.filters item {i} isn't a 5-tuple")));
        };
        if !action.is_a::<Str>() {
            let given = vm.type_of(action).name();
            return Err(vm.type_error(&format!("action must be a string, not '{given}'")));
        }
        let line = vm.index_i64(line)?;
        if fits(vm, message, text)?
            && vm.is_subclass(category, class)?
            && fits(vm, of_module, module)?
            && (line == 0 || line == lineno)
        {
            return Ok((action.clone(), item.clone()));
        }
        i += 1;
    }
    let default = of_warnings(vm, "defaultaction", false)?.unwrap_or_else(|| vm.intern("default"));
    Ok((default, Value::NONE))
}

/// Whether `key` is in the registry, which is emptied when the filters changed; it is added if `add`.
fn already_warned(vm: &Vm, registry: &Value, key: &Value, add: bool) -> PyResult<bool> {
    let Some(dict) = registry.downcast::<Dict>().filter(|d| !d.is_frozen()) else { return Ok(false) };
    let version = state(vm).version.get();
    let known = dict.get_name(vm, "version").and_then(|v| v.as_small_int());
    if known != Some(version) {
        dict.clear();
        dict.set_name(vm, "version", vm.int(version));
    } else if let Some(found) = dict.get(vm, key)?
        && vm.truthy(&found)?
    {
        return Ok(true);
    }
    if add {
        dict.set(vm, key.clone(), Value::TRUE)?;
    }
    Ok(false)
}

struct Place {
    filename: Value,
    lineno: i64,
    module: Value,
    registry: Value,
}

fn issue(vm: &Vm, category: &Value, message: &Value, place: &Place, source: Option<&Value>) -> PyResult<()> {
    let warning = vm.types().Warning;
    let (mut category, mut message) = (category.clone(), message.clone());
    let text;
    if vm.type_of(&message).is_subtype(warning) {
        text = vm.str_of(&message)?;
        category = vm.type_of(&message).value();
    } else {
        text = message.clone();
        message = vm.call_one(&category, &message)?;
    }
    let lineno = vm.int(place.lineno);
    let key = vm.tuple(vec![text.clone(), category.clone(), lineno.clone()]);
    if already_warned(vm, &place.registry, &key, false)? {
        return Ok(());
    }
    let (action, item) = action_of(vm, &category, &text, place.lineno, &place.module)?;
    let name = vm.str_string(&action)?;
    let once_key = || vm.tuple(vec![text.clone(), category.clone(), Value::from_usize(0)]);
    match name.as_str() {
        "error" => return Err(vm.raise(message)),
        "ignore" => return Ok(()),
        "always" | "all" => {}
        _ => {
            if let Some(registry) = place.registry.downcast::<Dict>() {
                registry.set(vm, key, Value::TRUE)?;
            }
            let seen = match name.as_str() {
                "once" => {
                    let registry = if place.registry.is_none() {
                        of_warnings(vm, "onceregistry", false)?.unwrap_or_else(|| state(vm).once.clone())
                    } else {
                        place.registry.clone()
                    };
                    already_warned(vm, &registry, &once_key(), true)?
                }
                "module" => already_warned(vm, &place.registry, &once_key(), true)?,
                "default" => false,
                _ => {
                    let (action, item) = (vm.repr_string(&action)?, vm.repr_string(&item)?);
                    let message = format!("Unrecognized action ({action}) in warnings.filters:\n {item}");
                    return Err(vm.runtime_error(&message));
                }
            };
            if seen {
                return Ok(());
            }
        }
    }
    show(vm, &category, &text, &message, place, lineno, source)
}

fn show(
    vm: &Vm,
    category: &Value,
    text: &Value,
    message: &Value,
    place: &Place,
    lineno: Value,
    source: Option<&Value>,
) -> PyResult<()> {
    let Some(f) = of_warnings(vm, "_showwarnmsg", source.is_some())? else {
        return show_plainly(vm, category, text, place);
    };
    if !vm.is_callable(&f) {
        return Err(vm.type_error("warnings._showwarnmsg() must be set to a callable"));
    }
    let Some(class) = of_warnings(vm, "WarningMessage", false)? else {
        return Err(vm.runtime_error("unable to get warnings.WarningMessage"));
    };
    let source = source.cloned().unwrap_or(Value::NONE);
    let args = [message.clone(), category.clone(), place.filename.clone(), lineno, Value::NONE, Value::NONE, source];
    let record = vm.call_pos(&class, &args)?;
    vm.call_one(&f, &record).map(drop)
}

/// Shows a warning before `warnings` was imported.
fn show_plainly(vm: &Vm, category: &Value, text: &Value, place: &Place) -> PyResult<()> {
    let name = vm.getattr(category, &vm.names().__name__)?;
    let filename = vm.str_string(&place.filename)?;
    let mut out = format!("{filename}:{}: {}: {}\n", place.lineno, vm.str_string(&name)?, vm.str_string(text)?);
    if let Ok(line) = usize::try_from(place.lineno)
        && let Some(line) = vm.hooks().source_line(vm, &filename, line)
    {
        out.push_str(&format!("  {}\n", line.trim()));
    }
    let stderr = vm.sys_dict().and_then(|d| d.downcast::<Dict>()?.get_name(vm, "stderr"));
    match stderr.filter(|s| !s.is_none()) {
        Some(stream) => vm.call_method(&stream, &vm.names().write, &[vm.str(&out)]).map(drop),
        None => Ok(()),
    }
}

/// The class of a warning, checked.
fn category_of(vm: &Vm, message: &Value, category: Option<&Value>) -> PyResult {
    let warning = vm.types().Warning;
    if vm.type_of(message).is_subtype(warning) {
        return Ok(vm.type_of(message).value());
    }
    let Some(category) = category.filter(|c| !c.is_none()) else {
        return Ok(vm.types().UserWarning.value());
    };
    if TypeObj::from_value(category).is_some_and(|t| t.is_subtype(warning)) {
        return Ok(category.clone());
    }
    let given = match TypeObj::from_value(category) {
        Some(t) => t.name().to_string(),
        None => vm.type_of(category).name().to_string(),
    };
    Err(vm.type_error(&format!("category must be a Warning subclass, not '{given}'")))
}

fn filename_of(vm: &Vm, frame: &Value) -> PyResult<String> {
    let code = vm.getattr_str(frame, "f_code")?;
    vm.str_string(&vm.getattr_str(&code, "co_filename")?)
}

fn is_internal(filename: &str) -> bool {
    filename.contains("importlib") && filename.contains("_bootstrap")
}

/// The frame above, without those of the import system and of files with the given prefixes.
fn next_external(vm: &Vm, frame: Value, prefixes: &[String]) -> PyResult {
    let mut at = frame;
    loop {
        at = vm.getattr_str(&at, "f_back")?;
        if at.is_none() {
            return Ok(at);
        }
        let filename = filename_of(vm, &at)?;
        if !is_internal(&filename) && !prefixes.iter().any(|p| filename.starts_with(p)) {
            return Ok(at);
        }
    }
}

/// Where the warning is about: `level` frames up.
fn place_of(vm: &Vm, level: i64, prefixes: &[String]) -> PyResult<Place> {
    let mut frame = vm.current_frame_object().unwrap_or(Value::NONE);
    let mut level = level;
    if !frame.is_none() {
        if level <= 0 || is_internal(&filename_of(vm, &frame)?) {
            while level > 1 && !frame.is_none() {
                frame = vm.getattr_str(&frame, "f_back")?;
                level -= 1;
            }
        } else {
            while level > 1 && !frame.is_none() {
                frame = next_external(vm, frame, prefixes)?;
                level -= 1;
            }
        }
    }
    let (globals, filename, lineno) = if frame.is_none() {
        (vm.sys_dict().unwrap_or(Value::NONE), vm.str("<sys>"), 0)
    } else {
        let code = vm.getattr_str(&frame, "f_code")?;
        let lineno = vm.getattr_str(&frame, "f_lineno")?.as_small_int().unwrap_or(0);
        (vm.getattr_str(&frame, "f_globals")?, vm.getattr_str(&code, "co_filename")?, lineno)
    };
    let Some(dict) = globals.downcast::<Dict>() else {
        return Ok(Place { filename, lineno, module: vm.str("<string>"), registry: Value::NONE });
    };
    let registry = match dict.get_name(vm, "__warningregistry__") {
        Some(r) => r,
        None => {
            let r = vm.new_dict();
            // The globals of a frozen function do not remember its warnings.
            if !dict.is_frozen() {
                dict.set_name(vm, "__warningregistry__", r.clone());
            }
            r
        }
    };
    let module = dict.get_str(vm, &vm.names().__name__).filter(|m| m.is_a::<Str>());
    Ok(Place { filename, lineno, module: module.unwrap_or_else(|| vm.str("<string>")), registry })
}

fn warn(vm: &Vm, a: Args<'_>) -> PyResult {
    let category = category_of(vm, a.get(0), a.opt(1))?;
    let mut level = a.opt(2).map(|l| vm.index_i64(l)).transpose()?.unwrap_or(1);
    let mut prefixes = Vec::new();
    if let Some(given) = a.opt(4) {
        let Some(tuple) = given.downcast::<Tuple>() else {
            let class = vm.type_of(given).name();
            return Err(vm.type_error(&format!("warn() argument 'skip_file_prefixes' must be tuple, not {class}")));
        };
        for p in tuple.as_slice() {
            match p.downcast::<Str>() {
                Some(s) => prefixes.push(s.to_string()),
                None => {
                    let class = vm.type_of(p).name();
                    return Err(vm.type_error(&format!("Found non-str '{class}' in skip_file_prefixes.")));
                }
            }
        }
        if !prefixes.is_empty() {
            level = level.max(2);
        }
    }
    let place = place_of(vm, level, &prefixes)?;
    issue(vm, &category, a.get(0), &place, a.some(3))?;
    Ok(Value::NONE)
}

fn warn_explicit(vm: &Vm, a: Args<'_>) -> PyResult {
    let category = if vm.type_of(a.get(0)).is_subtype(vm.types().Warning) {
        vm.type_of(a.get(0)).value()
    } else {
        a.get(1).clone()
    };
    let filename = a.get(2).clone();
    let Some(text) = filename.downcast::<Str>().map(|s| s.to_string()) else {
        let given = vm.type_of(&filename).name();
        return Err(vm.type_error(&format!("warn_explicit() argument 'filename' must be str, not {given}")));
    };
    let lineno = vm.index_i64(a.get(3))?;
    let module = match a.some(4) {
        Some(m) => m.clone(),
        None if text.is_empty() => vm.str("<unknown>"),
        None => vm.str(text.strip_suffix(".py").unwrap_or(&text)),
    };
    let registry = a.some(5).cloned().unwrap_or(Value::NONE);
    if !registry.is_none() && !registry.is_a::<Dict>() {
        let given = vm.type_of(&registry).name();
        return Err(vm.type_error(&format!("'registry' must be a dict or None, not '{given}'")));
    }
    let place = Place { filename, lineno, module, registry };
    issue(vm, &category, a.get(0), &place, a.some(7))?;
    Ok(Value::NONE)
}
