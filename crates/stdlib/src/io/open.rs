//! `open()`, which puts the layers together, and the standard streams.

use super::codec::Kind;
use super::file::FileIo;
use super::text::Settings;
use super::{DEFAULT_BUFFER_SIZE, buffered, file, text};
use crate::posix::call;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The functions of the module.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new(
        "open",
        "(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
        open,
    )
    .doc("Open file and return a stream.  Raise OSError upon failure."),
    MethodDef::new("open_code", "(path)", |vm, a| {
        if !a.get(0).is_a::<Str>() {
            let got = vm.type_of(a.get(0)).name();
            return Err(vm.type_error(&format!("open_code() argument 'path' must be str, not {got}")));
        }
        let f = vm.getattr_str(&serpens_state::import::import_module(vm, "_io")?, "open")?;
        vm.call_pos(&f, &[a.get(0).clone(), vm.str("rb")])
    })
    .doc("Opens the provided file with the intent to import the contents."),
    MethodDef::new("text_encoding", "(encoding, stacklevel=2, /)", |vm, a| {
        Ok(a.some(0).cloned().unwrap_or_else(|| vm.str("locale")))
    })
    .doc("A helper function to choose the text encoding."),
    MethodDef::new("_standard_stream", "(fd, unbuffered=False, /)", standard_stream),
];

fn open(vm: &Vm, a: Args<'_>) -> PyResult {
    let mode = match a.opt(1) {
        None => "r".to_string(),
        Some(m) => match m.downcast::<Str>() {
            Some(s) => s.to_string(),
            None => {
                return Err(vm.type_error(&format!("open() argument 'mode' must be str, not {}", vm.type_of(m).name())));
            }
        },
    };
    let buffering = a.opt(2).map_or(Ok(-1), |b| vm.arg_i32(b))?;
    let invalid = || vm.value_error(&format!("invalid mode: '{mode}'"));
    for (i, c) in mode.char_indices() {
        if !"xrwatb+".contains(c) || mode[..i].contains(c) {
            return Err(invalid());
        }
    }
    let has = |c: char| mode.contains(c);
    let binary = has('b');
    if has('t') && binary {
        return Err(vm.value_error("can't have text and binary mode at once"));
    }
    if "xrwa".chars().filter(|c| has(*c)).count() != 1 {
        return Err(vm.value_error("must have exactly one of create/read/write/append mode"));
    }
    if binary {
        for (i, what) in [(3, "an encoding"), (4, "an errors"), (5, "a newline")] {
            if a.some(i).is_some() {
                return Err(vm.value_error(&format!("binary mode doesn't take {what} argument")));
            }
        }
    }
    if binary && buffering == 1 {
        let text = "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used";
        vm.hooks().warn(vm, vm.types().RuntimeWarning, text, 1)?;
    }
    let raw_mode: String = mode.chars().filter(|c| *c != 't' && *c != 'b').collect();
    let none = Value::NONE;
    let closefd = a.opt(6).cloned().unwrap_or(Value::TRUE);
    let opener = a.opt(7).unwrap_or(&none).clone();
    let raw_class = vm.native_type(&file::FILE_IO);
    let file = match vm.has_index(a.get(0)) {
        true => a.get(0).clone(),
        false => crate::posix::path::fspath(vm, a.get(0))?,
    };
    let raw = vm.call_pos(&raw_class, &[file, vm.str(&raw_mode), closefd, opener])?;
    let opened = layers(vm, a, &raw, buffering, &mode, binary);
    if opened.is_err() {
        // The first error is what the caller sees.
        let e = vm.take_raised();
        if vm.call_method(&raw, &vm.names().close, &[]).is_err() {
            drop(vm.take_raised());
        }
        return Err(vm.reraise(e));
    }
    opened
}

fn layers(vm: &Vm, a: Args<'_>, raw: &Value, buffering: i32, mode: &str, binary: bool) -> PyResult {
    let f = raw.downcast::<FileIo>();
    let tty = buffering < 0 && f.is_some_and(|f| call::isatty(f.fd.get()));
    let line_buffering = buffering == 1 && !binary || tty;
    let size = match buffering {
        i32::MIN..=-1 | 1 => f.map_or(DEFAULT_BUFFER_SIZE, FileIo::blksize),
        n => n as usize,
    };
    if buffering < -1 {
        return Err(vm.value_error("invalid buffering size"));
    }
    if size == 0 {
        if binary {
            return Ok(raw.clone());
        }
        return Err(vm.value_error("can't have unbuffered text I/O"));
    }
    let def = if mode.contains('+') {
        &buffered::BUFFERED_RANDOM
    } else if mode.contains('r') {
        &buffered::BUFFERED_READER
    } else {
        &buffered::BUFFERED_WRITER
    };
    if mode.contains('+') && f.is_some_and(|f| !f.is_seekable()) {
        return Err(super::unsupported(vm, "File or stream is not seekable."));
    }
    let buffer = buffered::over(vm, def, raw, size)?;
    if binary {
        return Ok(buffer);
    }
    let or_none = |i: usize| a.opt(i).cloned().unwrap_or(Value::NONE);
    let class = vm.native_type(&text::TEXT_IO_WRAPPER);
    let args = [buffer, or_none(3), or_none(4), or_none(5), Value::bool(line_buffering)];
    let wrapper = vm.call_pos(&class, &args)?;
    vm.setattr(&wrapper, &vm.intern("mode"), Some(&vm.str(mode)))?;
    Ok(wrapper)
}

/// `sys.stdin`, `sys.stdout` or `sys.stderr`; `None` if the descriptor is not open.
fn standard_stream(vm: &Vm, a: Args<'_>) -> PyResult {
    let fd = vm.arg_i32(a.get(0))?;
    let unbuffered = a.opt(1).map_or(Ok(false), |u| vm.truthy(u))?;
    if call::fstat(fd).is_err() {
        return Ok(Value::NONE);
    }
    let (name, readable) = match fd {
        0 => ("<stdin>", true),
        1 => ("<stdout>", false),
        _ => ("<stderr>", false),
    };
    let errors = match fd {
        2 => "backslashreplace",
        _ if c_locale() => "surrogateescape",
        _ => "strict",
    };
    let raw = file::over_fd(vm, fd, readable, vm.str(name))?;
    let def = if readable { &buffered::BUFFERED_READER } else { &buffered::BUFFERED_WRITER };
    let buffer = buffered::over(vm, def, &raw, DEFAULT_BUFFER_SIZE)?;
    let settings = Settings {
        encoding: "utf-8".into(),
        errors: errors.into(),
        kind: Kind::Utf8,
        newline: if readable { None } else { Some("\n".into()) },
        line_buffering: fd == 2 || unbuffered || call::isatty(fd),
        write_through: unbuffered,
    };
    let stream = text::over(vm, &buffer, settings)?;
    vm.setattr(&stream, &vm.intern("mode"), Some(&vm.str(if readable { "r" } else { "w" })))?;
    Ok(stream)
}

/// Whether the locale of the environment is C or POSIX (or what CPython coerces these to), where CPython passes undecodable bytes through.
fn c_locale() -> bool {
    let value = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|n| std::env::var(n).ok().filter(|v| !v.is_empty()));
    value.is_none_or(|v| matches!(v.as_str(), "C" | "POSIX" | "C.UTF-8" | "C.utf8" | "UTF-8"))
}
