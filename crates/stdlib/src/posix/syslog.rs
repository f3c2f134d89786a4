//! `syslog`: the system's log.
#![expect(unsafe_code, reason = "calls of the C library")]

use serpens_state::NativeModule;
use serpens_state::interpreter::interpreter_of;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::list::List;
use serpens_vm::types::str::Str;
use serpens_vm::{CallArgs, MethodDef, PyResult, Value, Vm};
use std::cell::{Cell, RefCell};
use std::ffi::CString;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("syslog")
    .functions(&[
        MethodDef::raw("syslog", "(priority, message, /)", log),
        MethodDef::new("openlog", "(ident=None, logoption=0, facility=LOG_USER)", |vm, a| {
            let ident = match a.some(0) {
                Some(v) => Some(text(vm, v)?),
                None => script_name(vm)?,
            };
            let option = a.opt(1).map_or(Ok(0), |v| vm.arg_i32(v))?;
            let facility = a.opt(2).map_or(Ok(libc::LOG_USER), |v| vm.arg_i32(v))?;
            open(vm, ident, option, facility)?;
            Ok(Value::NONE)
        }),
        MethodDef::new("closelog", "()", |vm, _| {
            main_only(vm)?;
            let state = vm.local(|_| Log::default());
            if state.open.replace(false) {
                // SAFETY: takes no pointers.
                unsafe { libc::closelog() };
            }
            Ok(Value::NONE)
        }),
        MethodDef::new("setlogmask", "(maskpri, /)", |vm, a| {
            let mask = vm.arg_i32(a.get(0))?;
            // SAFETY: takes no pointers.
            Ok(vm.int(i64::from(unsafe { libc::setlogmask(mask) })))
        }),
        MethodDef::new("LOG_MASK", "(pri, /)", |vm, a| {
            Ok(vm.int(i64::from(1i32.wrapping_shl(vm.arg_i32(a.get(0))? as u32))))
        }),
        MethodDef::new("LOG_UPTO", "(pri, /)", |vm, a| {
            Ok(vm.int(i64::from(1i32.wrapping_shl(vm.arg_i32(a.get(0))? as u32 + 1).wrapping_sub(1))))
        }),
    ])
    .init(|vm, d| {
        for (name, n) in CONSTANTS {
            d.set_name(vm, name, vm.int(i64::from(*n)));
        }
        Ok(())
    });

macro_rules! constants {
    ($($name:ident)*) => { &[$( (stringify!($name), libc::$name) ),*] };
}

const CONSTANTS: &[(&str, i32)] = constants! {
    LOG_EMERG LOG_ALERT LOG_CRIT LOG_ERR LOG_WARNING LOG_NOTICE LOG_INFO LOG_DEBUG LOG_PID LOG_CONS LOG_NDELAY LOG_ODELAY
    LOG_NOWAIT LOG_PERROR LOG_KERN LOG_USER LOG_MAIL LOG_DAEMON LOG_AUTH LOG_SYSLOG LOG_LPR LOG_NEWS LOG_UUCP LOG_CRON
    LOG_AUTHPRIV LOG_FTP LOG_LOCAL0 LOG_LOCAL1 LOG_LOCAL2 LOG_LOCAL3 LOG_LOCAL4 LOG_LOCAL5 LOG_LOCAL6 LOG_LOCAL7
};

/// The log of the process, as the main interpreter has opened it.
#[derive(Default)]
struct Log {
    open: Cell<bool>,
    /// The C library keeps the address of the name.
    ident: RefCell<Option<CString>>,
}

serpens_vm::local!(Log: fresh);

impl Drop for Log {
    fn drop(&mut self) {
        if self.open.get() {
            // SAFETY: the name lives until the log is closed.
            unsafe { libc::closelog() };
        }
    }
}

fn main_only(vm: &Vm) -> PyResult<()> {
    if interpreter_of(vm).is_some_and(|i| !i.is_main()) {
        return Err(vm.runtime_error("subinterpreter can't use syslog.openlog() or syslog.closelog()"));
    }
    Ok(())
}

fn text(vm: &Vm, v: &Value) -> PyResult<CString> {
    if !v.is_a::<Str>() {
        return Err(vm.type_error(&format!("syslog() argument must be str, not {}", vm.arg_type_name(v))));
    }
    CString::new(vm.str_string(v)?).map_err(|_| vm.value_error("embedded null character"))
}

/// The base name of the script.
fn script_name(vm: &Vm) -> PyResult<Option<CString>> {
    let argv = vm.sys_dict().and_then(|d| d.downcast::<Dict>()?.get_name(vm, "argv"));
    let Some(script) = argv.as_ref().and_then(|l| l.downcast::<List>()?.get(0)) else { return Ok(None) };
    let name = vm.str_string(&script)?;
    let base = name.rsplit('/').next().unwrap_or_default();
    Ok(CString::new(base).ok().filter(|b| !b.is_empty()))
}

fn open(vm: &Vm, ident: Option<CString>, option: i32, facility: i32) -> PyResult<()> {
    main_only(vm)?;
    let state = vm.local(|_| Log::default());
    let at = ident.as_ref().map_or(std::ptr::null(), |i| i.as_ptr());
    // SAFETY: the name ends with a zero and is kept until the log is closed or opened again.
    unsafe { libc::openlog(at, option, facility) };
    *state.ident.borrow_mut() = ident;
    state.open.set(true);
    Ok(())
}

fn log(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let (priority, message) = match args.pos() {
        _ if args.n_named() > 0 => return Err(vm.type_error("syslog.syslog() takes no keyword arguments")),
        [message] => (libc::LOG_INFO, message),
        [priority, message] => (vm.arg_i32(priority)?, message),
        _ => return Err(vm.type_error("syslog.syslog requires 1 to 2 arguments")),
    };
    let message = text(vm, message)?;
    let state = vm.local(|_| Log::default());
    if !state.open.get() && interpreter_of(vm).is_none_or(|i| i.is_main()) {
        let ident = script_name(vm)?;
        open(vm, ident, 0, libc::LOG_USER)?;
    }
    // SAFETY: both strings end with zeroes.
    serpens_state::blocking(vm, || unsafe { libc::syslog(priority, c"%s".as_ptr(), message.as_ptr()) });
    Ok(Value::NONE)
}
