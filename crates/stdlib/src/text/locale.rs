//! `_locale`: the C library's locale, which is the process's.
//!
//! Text is UTF-8 whatever the locale says.
#![expect(unsafe_code, reason = "calls of the C library")]

use super::exception_class;
use serpens_state::NativeModule;
use serpens_vm::cell::VCell;
use serpens_vm::types::dict::Dict;
use serpens_vm::{Args, MethodDef, PyResult, Raised, TypeObj, Value, Vm};
use std::ffi::{CStr, CString, c_char};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_locale")
    .doc("Support for POSIX locales.")
    .functions(&[
        MethodDef::new("setlocale", "(category, locale=None, /)", set_locale)
            .doc("Activates/queries locale processing."),
        MethodDef::new("localeconv", "()", conventions).doc("Returns numeric and monetary locale-specific parameters."),
        MethodDef::new("nl_langinfo", "(key, /)", |vm, a| {
            let key = vm.arg_i32(a.get(0))?;
            if key == libc::CODESET {
                return Ok(vm.str("UTF-8"));
            }
            if !CONSTANTS.iter().any(|(_, n)| *n == i64::from(key)) {
                return Err(vm.value_error("unsupported langinfo constant"));
            }
            // SAFETY: the key is one that the C library knows; its text is copied at once.
            text(vm, unsafe { libc::nl_langinfo(key) })
        })
        .doc("Return the value for the locale information associated with key."),
        MethodDef::new("strcoll", "(os1, os2, /)", |vm, a| {
            let (x, y) = (c_text(vm, a.get(0))?, c_text(vm, a.get(1))?);
            // SAFETY: both end with zeroes.
            Ok(vm.int(i64::from(unsafe { libc::strcoll(x.as_ptr(), y.as_ptr()) })))
        })
        .doc("Compares two strings according to the locale."),
        MethodDef::new("strxfrm", "(string, /)", |vm, a| {
            let s = c_text(vm, a.get(0))?;
            // SAFETY: asks for the size only.
            let n = unsafe { libc::strxfrm(std::ptr::null_mut(), s.as_ptr(), 0) };
            vm.check_alloc(n)?;
            let mut out = vec![0u8; n + 1];
            // SAFETY: the target has room for what was announced.
            unsafe { libc::strxfrm(out.as_mut_ptr().cast(), s.as_ptr(), out.len()) };
            out.truncate(n);
            vm.decode_utf8(&out, Some("surrogateescape"))
        })
        .doc("Return a string that can be used as a key for locale-aware comparisons."),
        MethodDef::new("getencoding", "()", |vm, _| Ok(vm.str("UTF-8"))).doc("Get the current locale encoding."),
    ])
    .init(|vm, d| {
        for (name, n) in CATEGORIES.iter().chain(CONSTANTS) {
            d.set_name(vm, name, vm.int(*n));
        }
        d.set_name(vm, "CHAR_MAX", Value::int_unchecked(127));
        d.set_name(vm, "Error", vm.local(State::new).error.get_or_none());
        Ok(())
    });

/// The module's state in an interpreter.
struct State {
    error: VCell,
}

serpens_vm::local!(State { error });

impl State {
    fn new(vm: &Vm) -> State {
        State { error: VCell::from(exception_class(vm, "locale", "Error", vm.types().Exception).ok()) }
    }
}

macro_rules! constants {
    ($($name:ident)*; $($other:ident = $n:expr),*) => {
        &[$( (stringify!($name), libc::$name as i64) ,)* $( (stringify!($other), $n) ),*]
    };
}

const CATEGORIES: &[(&str, i64)] = constants!(LC_CTYPE LC_TIME LC_COLLATE LC_MONETARY LC_MESSAGES LC_NUMERIC LC_ALL;);

const CONSTANTS: &[(&str, i64)] = constants! {
    DAY_1 DAY_2 DAY_3 DAY_4 DAY_5 DAY_6 DAY_7 ABDAY_1 ABDAY_2 ABDAY_3 ABDAY_4 ABDAY_5 ABDAY_6 ABDAY_7
    MON_1 MON_2 MON_3 MON_4 MON_5 MON_6 MON_7 MON_8 MON_9 MON_10 MON_11 MON_12
    ABMON_1 ABMON_2 ABMON_3 ABMON_4 ABMON_5 ABMON_6 ABMON_7 ABMON_8 ABMON_9 ABMON_10 ABMON_11 ABMON_12
    RADIXCHAR THOUSEP CRNCYSTR D_T_FMT D_FMT T_FMT AM_STR PM_STR CODESET T_FMT_AMPM ERA ERA_D_FMT ERA_D_T_FMT ERA_T_FMT
    ALT_DIGITS YESEXPR NOEXPR;
    _DATE_FMT = 131_180
};

#[cold]
fn error(vm: &Vm, message: &str) -> Raised {
    let class = vm.local(State::new).error.get_or_none();
    match TypeObj::from_value(&class) {
        Some(ty) => vm.raise_text(ty, message),
        None => vm.value_error(message),
    }
}

fn c_text(vm: &Vm, v: &Value) -> PyResult<CString> {
    let s = vm.str_string(v)?;
    CString::new(s).map_err(|_| vm.value_error("embedded null character"))
}

/// A text of the C library.
fn text(vm: &Vm, at: *const c_char) -> PyResult {
    if at.is_null() {
        return Ok(vm.str(""));
    }
    // SAFETY: the C library's texts end with zeroes.
    vm.decode_utf8(unsafe { CStr::from_ptr(at) }.to_bytes(), Some("surrogateescape"))
}

fn set_locale(vm: &Vm, a: Args<'_>) -> PyResult {
    let category = vm.arg_i32(a.get(0))?;
    if !CATEGORIES.iter().any(|(_, n)| *n == i64::from(category)) {
        return Err(error(vm, "unsupported locale setting"));
    }
    let name = a.some(1).map(|v| c_text(vm, v)).transpose()?;
    let at = name.as_ref().map_or(std::ptr::null(), |n| n.as_ptr());
    // SAFETY: the name ends with a zero or is null; the answer is copied at once.
    let answer = unsafe { libc::setlocale(category, at) };
    if answer.is_null() {
        return Err(error(vm, if name.is_some() { "unsupported locale setting" } else { "locale query failed" }));
    }
    text(vm, answer)
}

fn conventions(vm: &Vm, _: Args<'_>) -> PyResult {
    // SAFETY: the C library's structure is copied before anything else runs.
    let l = unsafe { std::ptr::read(libc::localeconv()) };
    let made = vm.new_dict();
    let Some(d) = made.downcast::<Dict>() else { return Ok(made) };
    let grouping = |at: *const c_char| {
        let mut list = Vec::new();
        if !at.is_null() {
            // SAFETY: a list of numbers that ends with a zero.
            let sizes = unsafe { CStr::from_ptr(at) }.to_bytes();
            list.extend(sizes.iter().map(|n| Value::int_unchecked(i64::from(*n))));
            if !list.is_empty() && sizes.last() != Some(&127) {
                list.push(Value::int_unchecked(0));
            }
        }
        vm.list(list)
    };
    for (name, at) in [
        ("int_curr_symbol", l.int_curr_symbol),
        ("currency_symbol", l.currency_symbol),
        ("mon_decimal_point", l.mon_decimal_point),
        ("mon_thousands_sep", l.mon_thousands_sep),
        ("positive_sign", l.positive_sign),
        ("negative_sign", l.negative_sign),
        ("decimal_point", l.decimal_point),
        ("thousands_sep", l.thousands_sep),
    ] {
        d.set_name(vm, name, text(vm, at)?);
    }
    for (name, n) in [
        ("int_frac_digits", l.int_frac_digits),
        ("frac_digits", l.frac_digits),
        ("p_cs_precedes", l.p_cs_precedes),
        ("p_sep_by_space", l.p_sep_by_space),
        ("n_cs_precedes", l.n_cs_precedes),
        ("n_sep_by_space", l.n_sep_by_space),
        ("p_sign_posn", l.p_sign_posn),
        ("n_sign_posn", l.n_sign_posn),
    ] {
        d.set_name(vm, name, Value::int_unchecked(i64::from(n)));
    }
    d.set_name(vm, "mon_grouping", grouping(l.mon_grouping));
    d.set_name(vm, "grouping", grouping(l.grouping));
    Ok(made)
}
