//! Calendar time: `struct_time`, `gmtime`, `localtime`, `mktime`, `strftime`.
#![expect(unsafe_code, reason = "the C library's calendar")]

use super::clock;
use serpens_state::structseq::StructSeq;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, Value, Vm};
use std::ffi::{CStr, CString};

/// `time.struct_time`.
pub static STRUCT_TIME: StructSeq = StructSeq {
    name: "struct_time",
    module: "time",
    doc: "The time value as returned by gmtime(), localtime(), and strptime(), and\n accepted by asctime(), mktime() and strftime().  May be considered as a\n sequence of 9 integers.",
    fields: &[
        ("tm_year", "year, for example, 1993"),
        ("tm_mon", "month of year, range [1, 12]"),
        ("tm_mday", "day of month, range [1, 31]"),
        ("tm_hour", "hours, range [0, 23]"),
        ("tm_min", "minutes, range [0, 59]"),
        ("tm_sec", "seconds, range [0, 61])"),
        ("tm_wday", "day of week, range [0, 6], Monday is 0"),
        ("tm_yday", "day of year, range [1, 366]"),
        ("tm_isdst", "1 if summer time is in effect, 0 if not, and -1 if unknown"),
        ("tm_zone", "abbreviation of timezone name"),
        ("tm_gmtoff", "offset from UTC in seconds"),
    ],
    n_sequence: 9,
};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("gmtime", "(seconds=None, /)", |vm, a| {
        let t = seconds_arg(vm, a)?;
        of_tm(vm, &utc(vm, t)?)
    }),
    MethodDef::new("localtime", "(seconds=None, /)", |vm, a| {
        let t = seconds_arg(vm, a)?;
        of_tm(vm, &local(vm, t)?)
    }),
    MethodDef::new("mktime", "(seconds_tuple, /)", |vm, a| {
        let mut tm = to_tm(vm, a.get(0), "mktime")?;
        let before = tm.tm_wday;
        tm.tm_wday = -1;
        // SAFETY: the target is a local.
        let t = unsafe { libc::mktime(&mut tm) };
        if t == -1 && tm.tm_wday == -1 {
            let _ = before;
            return Err(vm.overflow_error("mktime argument out of range"));
        }
        Ok(Value::float(t as f64))
    }),
    MethodDef::new("asctime", "(time_tuple=None, /)", |vm, a| {
        let tm = match a.opt(0) {
            Some(t) => checked(vm, to_tm(vm, t, "asctime")?)?,
            None => local(vm, now()?)?,
        };
        Ok(vm.str(&asctime(&tm)))
    }),
    MethodDef::new("ctime", "(seconds=None, /)", |vm, a| {
        let t = seconds_arg(vm, a)?;
        Ok(vm.str(&asctime(&local(vm, t)?)))
    }),
    MethodDef::new("strftime", "(format, time_tuple=None, /)", |vm, a| {
        let Some(format) = a.get(0).downcast::<Str>() else {
            let got = vm.type_of(a.get(0)).name();
            return Err(vm.type_error(&format!("strftime() argument 1 must be str, not {got}")));
        };
        let tm = match a.opt(1) {
            Some(t) => checked(vm, to_tm(vm, t, "strftime")?)?,
            None => local(vm, now()?)?,
        };
        strftime(vm, format, &tm)
    }),
    MethodDef::raw("strptime", "(string, format='%a %b %d %H:%M:%S %Y', /)", |vm, args: &CallArgs<'_>| {
        let m = serpens_state::import::import_module(vm, "_strptime")?;
        let f = vm.getattr_str(&m, "_strptime_time")?;
        vm.call(&f, args)
    }),
    MethodDef::new("tzset", "()", |vm, _| {
        // SAFETY: takes nothing; reads the environment.
        unsafe { tzset() };
        let m = serpens_state::import::import_module(vm, "time")?;
        if let Some(d) = vm.instance_dict(&m)
            && let Some(d) = d.downcast::<Dict>()
        {
            zone(vm, d)?;
        }
        Ok(Value::NONE)
    }),
];

unsafe extern "C" {
    fn tzset();
}

fn now() -> PyResult<i64> {
    Ok(clock(libc::CLOCK_REALTIME).map_or(0, |ns| ns.div_euclid(1_000_000_000) as i64))
}

fn seconds_arg(vm: &Vm, a: Args<'_>) -> PyResult<i64> {
    let Some(v) = a.some(0) else { return now() };
    if vm.has_index(v) {
        return vm.arg_i64(v).map_err(|_| {
            drop(vm.take_raised());
            vm.overflow_error("timestamp out of range for platform time_t")
        });
    }
    let s = vm.to_f64(v)?;
    if s.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    if s.abs() >= 9.2e18 {
        return Err(vm.overflow_error("timestamp out of range for platform time_t"));
    }
    Ok(s.floor() as i64)
}

fn empty() -> libc::tm {
    // SAFETY: zeroes are a valid tm.
    unsafe { std::mem::zeroed() }
}

fn utc(vm: &Vm, t: i64) -> PyResult<libc::tm> {
    let mut tm = empty();
    // SAFETY: source and target are locals.
    if unsafe { libc::gmtime_r(&t, &mut tm) }.is_null() {
        return Err(vm.os_error(libc::EOVERFLOW, None));
    }
    Ok(tm)
}

fn local(vm: &Vm, t: i64) -> PyResult<libc::tm> {
    let mut tm = empty();
    // SAFETY: source and target are locals.
    if unsafe { libc::localtime_r(&t, &mut tm) }.is_null() {
        return Err(vm.os_error(libc::EOVERFLOW, None));
    }
    Ok(tm)
}

fn zone_name(tm: &libc::tm) -> String {
    if tm.tm_zone.is_null() {
        return String::new();
    }
    // SAFETY: the C library points at a string that stays.
    unsafe { CStr::from_ptr(tm.tm_zone) }.to_string_lossy().into_owned()
}

fn of_tm(vm: &Vm, tm: &libc::tm) -> PyResult {
    let n = |i: i64| vm.int(i);
    let values = vec![
        n(tm.tm_year as i64 + 1900),
        n(tm.tm_mon as i64 + 1),
        n(tm.tm_mday as i64),
        n(tm.tm_hour as i64),
        n(tm.tm_min as i64),
        n(tm.tm_sec as i64),
        n((tm.tm_wday as i64 + 6) % 7),
        n(tm.tm_yday as i64 + 1),
        n(tm.tm_isdst as i64),
        vm.str(&zone_name(tm)),
        n(tm.tm_gmtoff),
    ];
    STRUCT_TIME.make(vm, values)
}

fn to_tm(vm: &Vm, v: &Value, function: &str) -> PyResult<libc::tm> {
    let Some(t) = v.downcast::<Tuple>() else {
        return Err(vm.type_error("Tuple or struct_time argument required"));
    };
    let items = t.as_slice();
    if items.len() != 9 {
        return Err(vm.type_error(&format!("{function}(): illegal time tuple argument")));
    }
    let mut n = [0i32; 9];
    for (slot, v) in n.iter_mut().zip(items) {
        *slot = vm.arg_i32(v)?;
    }
    let mut tm = empty();
    tm.tm_year = n[0].checked_sub(1900).ok_or_else(|| vm.overflow_error("year out of range"))?;
    tm.tm_mon = n[1].wrapping_sub(1);
    tm.tm_mday = n[2];
    tm.tm_hour = n[3];
    tm.tm_min = n[4];
    tm.tm_sec = n[5];
    tm.tm_wday = n[6].wrapping_add(1) % 7;
    tm.tm_yday = n[7].wrapping_sub(1);
    tm.tm_isdst = n[8];
    Ok(tm)
}

/// Checks the ranges; zeroes in month, day and day of year stand for one.
fn checked(vm: &Vm, mut tm: libc::tm) -> PyResult<libc::tm> {
    if tm.tm_mon == -1 {
        tm.tm_mon = 0;
    }
    if tm.tm_mday == 0 {
        tm.tm_mday = 1;
    }
    if tm.tm_yday == -1 {
        tm.tm_yday = 0;
    }
    for (ok, what) in [
        ((0..12).contains(&tm.tm_mon), "month"),
        ((1..32).contains(&tm.tm_mday), "day of month"),
        ((0..24).contains(&tm.tm_hour), "hour"),
        ((0..60).contains(&tm.tm_min), "minute"),
        ((0..62).contains(&tm.tm_sec), "seconds"),
        (tm.tm_wday >= 0, "day of week"),
        ((0..366).contains(&tm.tm_yday), "day of year"),
    ] {
        if !ok {
            return Err(vm.value_error(&format!("{what} out of range")));
        }
    }
    Ok(tm)
}

fn asctime(tm: &libc::tm) -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let day = DAYS[tm.tm_wday.rem_euclid(7) as usize];
    let month = MONTHS[tm.tm_mon.rem_euclid(12) as usize];
    let year = tm.tm_year as i64 + 1900;
    format!("{day} {month}{:3} {:02}:{:02}:{:02} {year}", tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec)
}

fn strftime(vm: &Vm, format: &Str, tm: &libc::tm) -> PyResult {
    let mut out = Vec::new();
    for (i, part) in format.as_bytes().split(|b| *b == 0).enumerate() {
        if i > 0 {
            out.push(0);
        }
        if part.is_empty() {
            continue;
        }
        // A mark in front tells an empty result from a buffer that is too small.
        let mut marked = vec![b'x'];
        marked.extend_from_slice(part);
        let c = CString::new(marked).unwrap_or_default();
        let mut size = 256 + part.len() * 8;
        loop {
            let mut buf = vec![0u8; size];
            // SAFETY: the buffer is writable for its length; the format ends with a zero.
            let n = unsafe { libc::strftime(buf.as_mut_ptr().cast(), size, c.as_ptr(), tm) };
            if n > 0 {
                out.extend_from_slice(&buf[1..n]);
                break;
            }
            if size > 1 << 24 {
                return Err(vm.memory_error());
            }
            size *= 4;
        }
    }
    Ok(vm.str_wtf8(&out))
}

fn zone(vm: &Vm, dict: &Dict) -> PyResult<()> {
    // The offsets half a year apart tell standard time from daylight saving time.
    let year = now()?.div_euclid(31_556_952) * 31_556_952;
    let (jan, jul) = (local(vm, year)?, local(vm, year + 15_778_476)?);
    let (std, dst) = if jan.tm_gmtoff <= jul.tm_gmtoff { (&jan, &jul) } else { (&jul, &jan) };
    dict.set_name(vm, "timezone", vm.int(-std.tm_gmtoff));
    dict.set_name(vm, "altzone", vm.int(-dst.tm_gmtoff));
    dict.set_name(vm, "daylight", vm.int(i64::from(jan.tm_gmtoff != jul.tm_gmtoff)));
    dict.set_name(vm, "tzname", vm.tuple(vec![vm.str(&zone_name(std)), vm.str(&zone_name(dst))]));
    Ok(())
}

/// Fills in the type and the time zone.
pub fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    dict.set_name(vm, "struct_time", STRUCT_TIME.class(vm)?);
    zone(vm, dict)
}
