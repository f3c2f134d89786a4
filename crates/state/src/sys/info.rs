//! Constants and named tuples of `sys`, and what the runtime's settings say.
//!
//! What nobody can change is made once a process, by the machine of the frozen image ([`fill_frozen`]); each interpreter
//! adds the lists, dicts and namespaces of its own ([`fill_own`]).

use crate::interpreter::interpreter_of;
use crate::runtime::Runtime;
use crate::structseq::StructSeq;
use serpens_vm::image::part::key_of;
use serpens_vm::types::dict::Dict;
use serpens_vm::{PyResult, Value, Vm};

/// The language version this runtime implements.
pub const VERSION: (i64, i64, i64) = (3, 14, 0);

macro_rules! seq {
    ($name:ident, $py:literal, $doc:literal, [$($field:literal),* $(,)?]) => {
        static $name: StructSeq = StructSeq {
            name: $py,
            module: "sys",
            doc: $doc,
            fields: &[$(($field, "")),*],
            n_sequence: [$($field),*].len(),
        };
    };
}

seq!(
    VERSION_INFO,
    "version_info",
    "sys.version_info\n\nVersion information as a named tuple.",
    ["major", "minor", "micro", "releaselevel", "serial"]
);
seq!(
    FLAGS,
    "flags",
    "sys.flags\n\nFlags provided through command line arguments or environment vars.",
    [
        "debug",
        "inspect",
        "interactive",
        "optimize",
        "dont_write_bytecode",
        "no_user_site",
        "no_site",
        "ignore_environment",
        "verbose",
        "bytes_warning",
        "quiet",
        "hash_randomization",
        "isolated",
        "dev_mode",
        "utf8_mode",
        "warn_default_encoding",
        "safe_path",
        "int_max_str_digits",
        "gil",
        "thread_inherit_context",
        "context_aware_warnings",
    ]
);
seq!(
    FLOAT_INFO,
    "float_info",
    "sys.float_info\n\nA named tuple holding information about the float type.",
    ["max", "max_exp", "max_10_exp", "min", "min_exp", "min_10_exp", "dig", "mant_dig", "epsilon", "radix", "rounds"]
);
seq!(
    INT_INFO,
    "int_info",
    "sys.int_info\n\nA named tuple that holds information about Python's\ninternal representation of integers.",
    ["bits_per_digit", "sizeof_digit", "default_max_str_digits", "str_digits_check_threshold"]
);
seq!(
    HASH_INFO,
    "hash_info",
    "hash_info\n\nA named tuple providing parameters used for computing hashes.",
    ["width", "modulus", "inf", "nan", "imag", "algorithm", "hash_bits", "seed_bits", "cutoff"]
);
seq!(
    THREAD_INFO,
    "thread_info",
    "sys.thread_info\n\nA named tuple holding information about the thread implementation.",
    ["name", "lock", "version"]
);

/// What all interpreters have in common.
pub(super) fn fill_frozen(vm: &Vm, d: &Dict, runtime: Option<&Runtime>) -> PyResult<()> {
    let (major, minor, micro) = VERSION;
    let int = Value::int_unchecked;
    let info = VERSION_INFO.make(vm, vec![int(major), int(minor), int(micro), vm.str("final"), int(0)])?;
    let hex = (major << 24) | (minor << 16) | (micro << 8) | 0xf0;
    let own = env!("CARGO_PKG_VERSION");
    d.set_name(vm, "version", vm.str(&format!("{major}.{minor}.{micro} (Serpens {own}) [Rust]")));
    d.set_name(vm, "hexversion", int(hex));
    d.set_name(vm, "api_version", int(1013));
    d.set_name(vm, "copyright", vm.str("Copyright (c) The Serpens maintainers."));
    d.set_name(vm, "platform", vm.str("linux"));
    d.set_name(vm, "byteorder", vm.str("little"));
    d.set_name(vm, "maxsize", vm.int(i64::MAX));
    d.set_name(vm, "maxunicode", int(0x10_ffff));
    d.set_name(vm, "float_repr_style", vm.str("short"));
    d.set_name(vm, "abiflags", vm.str(""));
    d.set_name(vm, "platlibdir", vm.str("lib"));
    d.set_name(vm, "_framework", vm.str(""));
    d.set_name(vm, "_git", vm.tuple(vec![vm.str("Serpens"), vm.str(""), vm.str("")]));
    d.set_name(vm, "implementation", Value::NONE);
    d.set_name(vm, "version_info", info);
    let float_info = vec![
        Value::float(f64::MAX),
        int(f64::MAX_EXP as i64),
        int(f64::MAX_10_EXP as i64),
        Value::float(f64::MIN_POSITIVE),
        int(f64::MIN_EXP as i64),
        int(f64::MIN_10_EXP as i64),
        int(f64::DIGITS as i64),
        int(f64::MANTISSA_DIGITS as i64),
        Value::float(f64::EPSILON),
        int(2),
        int(1),
    ];
    d.set_name(vm, "float_info", FLOAT_INFO.make(vm, float_info)?);
    d.set_name(vm, "int_info", INT_INFO.make(vm, vec![int(30), int(4), int(4300), int(640)])?);
    let hash_info = vec![
        int(64),
        vm.int((1 << 61) - 1),
        int(314_159),
        int(0),
        int(1_000_003),
        vm.str("foldhash"),
        int(64),
        int(64),
        int(0),
    ];
    d.set_name(vm, "hash_info", HASH_INFO.make(vm, hash_info)?);
    d.set_name(vm, "thread_info", THREAD_INFO.make(vm, vec![vm.str("pthread"), vm.str("futex"), Value::NONE])?);
    match runtime {
        Some(runtime) => settings(vm, d, runtime),
        None => Ok(()),
    }
}

/// The attributes of an interpreter of its own; their names have their places already.
pub(super) fn fill_own(vm: &Vm, d: &Dict, runtime: Option<&Runtime>) -> PyResult<()> {
    let n = vm.names();
    d.set_str(vm, &n.implementation, implementation(vm, d)?);
    let Some(runtime) = runtime else { return Ok(()) };
    let s = runtime.settings();
    let strings = |list: &[String]| vm.list(list.iter().map(|x| vm.str(x)).collect());
    d.set_str(vm, &n.argv, strings(&s.argv));
    d.set_str(vm, &n.orig_argv, strings(&s.orig_argv));
    d.set_str(vm, &n.path, strings(&s.path));
    d.set_str(vm, &n.warnoptions, strings(&s.warn_options));
    let x = vm.new_dict();
    for (name, value) in &s.x_options {
        let value = value.as_ref().map_or(Value::TRUE, |v| vm.str(v));
        vm.set_item(&x, &vm.str(name), &value)?;
    }
    d.set_str(vm, &n._xoptions, x);
    d.set_str(vm, &n.flags, flags(vm, runtime)?);
    Ok(())
}

/// `sys.implementation`, which programs may extend.
fn implementation(vm: &Vm, sys: &Dict) -> PyResult {
    let implementation = vm.new_dict();
    let i = implementation.downcast::<Dict>().expect("just made");
    i.set_str(vm, &vm.names().name, vm.intern("serpens"));
    i.set_name(vm, "cache_tag", vm.intern(crate::import::CACHE_TAG));
    for name in ["version", "hexversion"] {
        let from = if name == "version" { "version_info" } else { name };
        i.set_name(vm, name, sys.get_name(vm, from).unwrap_or(Value::NONE));
    }
    i.set_name(vm, "_multiarch", vm.intern("x86_64-linux-gnu"));
    i.set_name(vm, "supports_isolated_interpreters", Value::TRUE);
    vm.call_dict(&vm.types().SimpleNamespace.value(), &[], i)
}

fn settings(vm: &Vm, d: &Dict, runtime: &Runtime) -> PyResult<()> {
    let s = runtime.settings();
    for own in ["argv", "orig_argv"] {
        d.set_name(vm, own, Value::NONE);
    }
    d.set_name(vm, "executable", vm.str(&s.executable));
    d.set_name(vm, "_base_executable", vm.str(&s.executable));
    for own in ["path", "warnoptions", "_xoptions"] {
        d.set_name(vm, own, Value::NONE);
    }
    d.set_name(vm, "pycache_prefix", s.pycache_prefix.as_ref().map_or(Value::NONE, |p| vm.str(p)));
    d.set_name(vm, "dont_write_bytecode", Value::bool(s.dont_write_bytecode));
    let prefix = std::path::Path::new(&s.executable)
        .parent()
        .and_then(|p| p.parent())
        .map_or_else(|| "/usr".to_string(), |p| p.to_string_lossy().into_owned());
    for name in ["prefix", "exec_prefix", "base_prefix", "base_exec_prefix"] {
        d.set_name(vm, name, vm.str(&prefix));
    }
    d.set_name(vm, "_stdlib_dir", vm.str(crate::import::library::PREFIX));
    let mut native: Vec<&str> = runtime.native_module_names().to_vec();
    native.extend(["builtins", "sys"]);
    native.sort_unstable();
    let native = native.into_iter().map(|n| vm.str(n)).collect();
    d.set_name(vm, "builtin_module_names", vm.tuple(native));
    let mut all: Vec<&str> = runtime.library().names().filter(|n| !n.contains('.')).collect();
    all.extend_from_slice(runtime.native_module_names());
    all.extend(["builtins", "sys"]);
    all.sort_unstable();
    all.dedup();
    let all = vm.list(all.into_iter().map(|n| vm.str(n)).collect());
    d.set_name(vm, "stdlib_module_names", vm.call_one(&vm.types().frozenset.value(), &all)?);
    d.set_name(vm, "flags", Value::NONE);
    Ok(())
}

/// Names `sys.flags` of the main interpreter.
static FLAGS_OF_MAIN: u8 = 0;
/// Names `sys.flags` of the others.
static FLAGS_OF_OTHERS: u8 = 0;

fn flags(vm: &Vm, runtime: &Runtime) -> PyResult {
    let is_main = interpreter_of(vm).is_none_or(|i| i.is_main());
    let key = if is_main { key_of(&FLAGS_OF_MAIN) } else { key_of(&FLAGS_OF_OTHERS) };
    vm.frozen(key, &|builder| make_flags(builder, runtime, is_main))
}

fn make_flags(vm: &Vm, runtime: &Runtime, is_main: bool) -> PyResult {
    let s = runtime.settings();
    let int = |b: bool| Value::int_unchecked(b as i64);
    let count = |n: u8| Value::int_unchecked(n as i64);
    let flags = vec![
        count(s.debug),
        int(s.inspect),
        int(s.interactive && is_main),
        count(s.optimize),
        int(s.dont_write_bytecode),
        int(s.no_user_site),
        int(s.no_site),
        int(s.ignore_environment),
        count(s.verbose),
        count(s.bytes_warning),
        int(s.quiet),
        int(s.hash_seed != Some(0)),
        int(s.isolated),
        Value::bool(s.dev_mode),
        Value::int_unchecked(1),
        Value::int_unchecked(0),
        Value::bool(s.safe_path),
        Value::int_unchecked(4300),
        Value::int_unchecked(1),
        Value::int_unchecked(0),
        Value::int_unchecked(0),
    ];
    FLAGS.make(vm, flags)
}
