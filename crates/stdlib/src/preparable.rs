//! Which modules of the library interpreters need not run themselves: those whose bodies do nothing but make the objects of
//! the module, from what they import and the process's environment. Registrations in modules that they import (`copyreg`,
//! abstract base classes) count as part of those.
//!
//! The program `tests/lang/prepared_library.py` compares each of them with one whose body has run.

use serpens_state::import::{Accelerator, Preparable};
use serpens_vm::types::dict::Dict;
use serpens_vm::{PyResult, Value, Vm};
use std::time::SystemTime;

/// The list.
pub const PREPARABLE: Preparable = Preparable { packages: PACKAGES, except: EXCEPT, renewals: RENEWALS };

const PACKAGES: &[&str] = &[
    "__future__",
    "_ast",
    "_ast_unparse",
    "_call_async",
    "_collections_abc",
    "_colorize",
    "_compat_pickle",
    "_crossing",
    "_frozen_importlib",
    "_markupbase",
    "_opcode_metadata",
    "_py_abc",
    "_py_warnings",
    "_pydatetime",
    "_pydecimal",
    "_pyio",
    "_pylong",
    "_strptime",
    "_symtable",
    "_threading_local",
    "_tokenize",
    "_weakrefset",
    "abc",
    "annotationlib",
    "argparse",
    "ast",
    "asyncio",
    "base64",
    "bdb",
    "bisect",
    "bz2",
    "calendar",
    "cmd",
    "code",
    "codecs",
    "codeop",
    "collections",
    "colorsys",
    "compression",
    "concurrent",
    "configparser",
    "contextlib",
    "contextvars",
    "copy",
    "copyreg",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "dis",
    "email",
    "encodings",
    "enum",
    "filecmp",
    "fnmatch",
    "fractions",
    "functools",
    "genericpath",
    "getopt",
    "gettext",
    "glob",
    "graphlib",
    "gzip",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "http",
    "importlib",
    "inspect",
    "io",
    "ipaddress",
    "json",
    "keyword",
    "linecache",
    "locale",
    "logging",
    "mimetypes",
    "netrc",
    "ntpath",
    "numbers",
    "opcode",
    "operator",
    "optparse",
    "os",
    "pathlib",
    "pickle",
    "pickletools",
    "pkgutil",
    "platform",
    "plistlib",
    "posixpath",
    "pprint",
    "queue",
    "quopri",
    "random",
    "re",
    "reprlib",
    "sched",
    "secrets",
    "selectors",
    "shlex",
    "shutil",
    "signal",
    "socket",
    "socketserver",
    "stat",
    "statistics",
    "string",
    "stringprep",
    "struct",
    "subprocess",
    "symtable",
    "tarfile",
    "tempfile",
    "textwrap",
    "threading",
    "timeit",
    "token",
    "tokenize",
    "tomllib",
    "traceback",
    "types",
    "typing",
    "unittest",
    "urllib",
    "uuid",
    "warnings",
    "wave",
    "weakref",
    "xml",
    "zipfile",
    "zipimport",
    "zoneinfo",
];

/// Interpreters that make others, and what is run, not imported.
const EXCEPT: &[&str] = &[
    "asyncio.__main__",
    "concurrent.futures.interpreter",
    "concurrent.futures.process",
    "concurrent.interpreters",
    "concurrent.interpreters._crossinterp",
    "concurrent.interpreters._queues",
    "json.__main__",
    "json.tool",
    "unittest.__main__",
    "zipfile.__main__",
];

const RENEWALS: &[Accelerator] =
    &[Accelerator { module: "logging", apply: start_of_logging }, Accelerator { module: "random", apply: seed }];

/// `logging` tells times from when it was imported.
fn start_of_logging(vm: &Vm, module: &Value) -> PyResult<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let globals = vm.instance_dict(module);
    if let Some(globals) = globals.as_ref().and_then(|d| d.downcast::<Dict>()) {
        globals.set_str(vm, &vm.intern("_startTime"), vm.int(now.as_nanos() as i64));
    }
    Ok(())
}

/// The functions of `random` have a generator of their own in every interpreter.
fn seed(vm: &Vm, module: &Value) -> PyResult<()> {
    let generator = vm.getattr_str(module, "_inst")?;
    vm.call_method_str(&generator, "seed", &[]).map(drop)
}
