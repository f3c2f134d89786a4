//! `time`: clocks, sleeping and calendar time.
//!
//! Rooms: this file has the clocks and `sleep`; [`calendar`] `struct_time` and what formats it.
#![expect(unsafe_code, reason = "system calls")]

pub mod calendar;

use crate::posix::call::check;
use serpens_share::WaitError;
use serpens_share::prims::Event;
use serpens_state::{NativeModule, blocking, waiting};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::io;
use std::time::Duration;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("time")
    .doc("This module provides various functions to manipulate time values.")
    .functions(FUNCTIONS)
    .init(init);

/// Nanoseconds of a clock.
pub fn clock(id: libc::clockid_t) -> io::Result<i128> {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the target is a local.
    check(unsafe { libc::clock_gettime(id, &mut t) })?;
    Ok(t.tv_sec as i128 * 1_000_000_000 + t.tv_nsec as i128)
}

fn seconds(vm: &Vm, id: libc::clockid_t) -> PyResult {
    let ns = clock(id).map_err(|e| vm.io_error(&e, None))?;
    Ok(Value::float(ns as f64 / 1e9))
}

fn nanoseconds(vm: &Vm, id: libc::clockid_t) -> PyResult {
    Ok(vm.int_i128(clock(id).map_err(|e| vm.io_error(&e, None))?))
}

macro_rules! clocks {
    ($($name:literal $ns:literal $id:ident),*) => {
        [$(
            MethodDef::new($name, "()", |vm, _| seconds(vm, libc::$id)),
            MethodDef::new($ns, "()", |vm, _| nanoseconds(vm, libc::$id))
        ),*]
    };
}

static CLOCKS: [MethodDef; 10] = clocks!(
    "time" "time_ns" CLOCK_REALTIME, "monotonic" "monotonic_ns" CLOCK_MONOTONIC,
    "perf_counter" "perf_counter_ns" CLOCK_MONOTONIC, "process_time" "process_time_ns" CLOCK_PROCESS_CPUTIME_ID,
    "thread_time" "thread_time_ns" CLOCK_THREAD_CPUTIME_ID
);

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("sleep", "(seconds, /)", sleep).doc("Delay execution for a given number of seconds."),
    MethodDef::new("clock_gettime", "(clk_id, /)", |vm, a| seconds(vm, vm.arg_i32(a.get(0))?)),
    MethodDef::new("clock_gettime_ns", "(clk_id, /)", |vm, a| nanoseconds(vm, vm.arg_i32(a.get(0))?)),
    MethodDef::new("clock_getres", "(clk_id, /)", |vm, a| {
        let id = vm.arg_i32(a.get(0))?;
        Ok(Value::float(resolution(id).map_err(|e| vm.io_error(&e, None))?))
    }),
    MethodDef::new("get_clock_info", "(name)", |vm, a| {
        let name = a.get(0).downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        let (id, call, monotonic, adjustable) = match name.as_str() {
            "time" => (libc::CLOCK_REALTIME, "clock_gettime(CLOCK_REALTIME)", false, true),
            "monotonic" | "perf_counter" => (libc::CLOCK_MONOTONIC, "clock_gettime(CLOCK_MONOTONIC)", true, false),
            "process_time" => (libc::CLOCK_PROCESS_CPUTIME_ID, "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", true, false),
            "thread_time" => (libc::CLOCK_THREAD_CPUTIME_ID, "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", true, false),
            _ => return Err(vm.value_error("unknown clock")),
        };
        let res = resolution(id).map_err(|e| vm.io_error(&e, None))?;
        vm.call_kw(
            &vm.types().SimpleNamespace.value(),
            &[],
            &[
                ("implementation", vm.str(call)),
                ("monotonic", Value::bool(monotonic)),
                ("adjustable", Value::bool(adjustable)),
                ("resolution", Value::float(res)),
            ],
        )
    }),
];

fn resolution(id: libc::clockid_t) -> io::Result<f64> {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the target is a local.
    check(unsafe { libc::clock_getres(id, &mut t) })?;
    Ok(t.tv_sec as f64 + t.tv_nsec as f64 / 1e9)
}

fn sleep(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let ns = if vm.has_index(v) {
        vm.arg_i64(v)? as i128 * 1_000_000_000
    } else {
        let s = vm.to_f64(v)?;
        if s.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        if s.abs() > 9.2e9 {
            return Err(vm.overflow_error("timestamp out of range for platform time_t"));
        }
        (s * 1e9).ceil() as i128
    };
    if ns < 0 {
        return Err(vm.value_error("sleep length must be non-negative"));
    }
    let now = clock(libc::CLOCK_MONOTONIC).map_err(|e| vm.io_error(&e, None))?;
    if i64::try_from((now + ns) / 1_000_000_000).is_err() {
        return Err(vm.overflow_error("timestamp too large to convert to C PyTime_t"));
    }
    // The number is not negative, and its seconds fit.
    let (seconds, rest) = ((ns / 1_000_000_000) as u64, (ns % 1_000_000_000) as u32);
    if ns == 0 {
        blocking(vm, std::thread::yield_now);
        vm.on_break()?;
        return Ok(Value::NONE);
    }
    let until = waiting::deadline(Some(Duration::new(seconds, rest)));
    // Nobody sets it: the wait ends with its time, or with an exception.
    let never = Event::new();
    waiting::sleep(vm, until, |wait| never.wait(wait), |e| *e == WaitError::Interrupted)?.ok();
    Ok(Value::NONE)
}

fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    let name = vm.intern("time");
    for def in CLOCKS.iter().chain(calendar::FUNCTIONS) {
        dict.set_name(vm, def.name, vm.builtin(def, Some(name.clone())));
    }
    for (name, n) in [
        ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
        ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
        ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW),
        ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
        ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
        ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME),
        ("CLOCK_TAI", libc::CLOCK_TAI),
    ] {
        dict.set_name(vm, name, vm.int(n as i64));
    }
    dict.set_name(vm, "_STRUCT_TM_ITEMS", vm.int(11));
    calendar::init(vm, dict)
}
