//! `_imp`: what `importlib` asks of the import system. Native modules are its built-in modules; there are no frozen
//! modules by that name, since the embedded library has a finder of its own.

use serpens_bytecode::serial::PYC_MAGIC;
use serpens_state::NativeModule;
use serpens_state::import::{dynamic, source_hash};
use serpens_state::interpreter::runtime_of;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// `_imp`.
pub static MODULE: NativeModule = NativeModule::new("_imp")
    .doc("(Extremely) low-level import machinery bits as used by importlib.")
    .functions(&[
        // One import lock a module lies in the import system itself.
        MethodDef::new("acquire_lock", "()", |_, _| Ok(Value::NONE)),
        MethodDef::new("release_lock", "()", |_, _| Ok(Value::NONE)),
        MethodDef::new("lock_held", "()", |_, _| Ok(Value::FALSE)),
        MethodDef::new("extension_suffixes", "()", |vm, _| Ok(vm.list(vec![vm.str(dynamic::SUFFIX)]))),
        MethodDef::new("is_builtin", "(name, /)", |vm, a| {
            let name = text(a.get(0));
            let known =
                name == "sys" || name == "builtins" || runtime_of(vm).is_some_and(|r| r.native_module(&name).is_some());
            Ok(Value::int_unchecked(if name == "sys" || name == "builtins" { -1 } else { known as i64 }))
        }),
        MethodDef::new("is_frozen", "(name, /)", |_, _| Ok(Value::FALSE)),
        MethodDef::new("is_frozen_package", "(name, /)", no_frozen),
        MethodDef::new("get_frozen_object", "(name, data=None, /)", no_frozen),
        MethodDef::new("init_frozen", "(name, /)", no_frozen),
        MethodDef::new("find_frozen", "(name, /, *, withdata=False)", |_, _| Ok(Value::NONE)),
        MethodDef::new("_frozen_module_names", "()", |vm, _| Ok(vm.list(Vec::new()))),
        MethodDef::new("create_builtin", "(spec, /)", |vm, a| {
            let name = text(&vm.getattr_str(a.get(0), "name")?);
            serpens_state::import::import_module(vm, &name)
        }),
        MethodDef::new("exec_builtin", "(mod, /)", |_, _| Ok(Value::int_unchecked(0))),
        MethodDef::new("create_dynamic", "(spec, file=None, /)", |vm, a| {
            let name = text(&vm.getattr_str(a.get(0), "name")?);
            let origin = text(&vm.getattr_str(a.get(0), "origin")?);
            dynamic::load(vm, &name, &origin)?.instantiate(vm)
        }),
        MethodDef::new("exec_dynamic", "(mod, /)", |_, _| Ok(Value::int_unchecked(0))),
        MethodDef::new("_fix_co_filename", "(code, path, /)", |_, _| Ok(Value::NONE)),
        MethodDef::new("_override_frozen_modules_for_tests", "(override, /)", |_, _| Ok(Value::NONE)),
        MethodDef::new("_override_multi_interp_extensions_check", "(override, /)", |_, _| Ok(Value::int_unchecked(0))),
        MethodDef::new("source_hash", "(key, source)", |vm, a| {
            let key = vm.index_i64(a.get(0))? as u64;
            let source = vm.get_buffer(a.get(1), false)?.to_vec();
            Ok(vm.bytes(&source_hash(key, &source)))
        }),
    ])
    .init(|vm, d: &Dict| {
        let checks = runtime_of(vm).map(|r| r.settings().hash_checks).unwrap_or_default();
        d.set_name(vm, "check_hash_based_pycs", vm.str(checks.name()));
        d.set_name(vm, "pyc_magic_number_token", Value::int_unchecked(PYC_MAGIC.into()));
        Ok(())
    });

fn text(v: &Value) -> String {
    v.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default()
}

fn no_frozen(vm: &Vm, a: Args<'_>) -> PyResult {
    Err(vm.import_error(&format!("No such frozen object named {}", text(a.get(0)))))
}
