//! `select`: `select()`, and the types of `poll` and `epoll`.
#![expect(unsafe_code, reason = "system calls")]

use super::deadline::Deadline;
use super::{epoll, poll};
use crate::posix::call::check;
use crate::posix::fd::fileno;
use serpens_state::{NativeModule, blocking};
use serpens_vm::types::list::List;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::time::Duration;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("select")
    .doc("This module supports asynchronous I/O on multiple file descriptors.")
    .functions(&[
        MethodDef::new("select", "(rlist, wlist, xlist, timeout=None, /)", select)
            .doc("Wait until one or more file descriptors are ready for some kind of I/O."),
        MethodDef::new("poll", "()", |vm, _| Ok(poll::new(vm))).doc("Returns a polling object."),
    ])
    .types(&[&epoll::EPOLL])
    .init(|vm, d| {
        for (name, n) in CONSTANTS {
            d.set_name(vm, name, vm.int(*n));
        }
        d.set_name(vm, "error", vm.types().OSError.value());
        Ok(())
    });

macro_rules! constants {
    ($($name:ident)*) => { &[$( (stringify!($name), libc::$name as u32 as i64) ),*] };
}

const CONSTANTS: &[(&str, i64)] = constants! {
    PIPE_BUF POLLIN POLLPRI POLLOUT POLLERR POLLHUP POLLNVAL POLLRDNORM POLLRDBAND POLLWRNORM POLLWRBAND POLLRDHUP
    EPOLLIN EPOLLOUT EPOLLPRI EPOLLERR EPOLLHUP EPOLLRDHUP EPOLLET EPOLLONESHOT EPOLLEXCLUSIVE EPOLLRDNORM EPOLLRDBAND
    EPOLLWRNORM EPOLLWRBAND EPOLLMSG EPOLLWAKEUP EPOLL_CLOEXEC
};

/// A time-out in seconds: `None`, or a number that is not negative.
fn timeout_arg(vm: &Vm, v: Option<&Value>) -> PyResult<Option<Duration>> {
    let Some(v) = v.filter(|v| !v.is_none()) else { return Ok(None) };
    let Some(seconds) = vm.real_number(v)? else { return Err(vm.type_error("timeout must be a float or None")) };
    if seconds.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    if seconds < 0.0 {
        return Err(vm.value_error("timeout must be non-negative"));
    }
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|t| t.as_secs() <= i64::MAX as u64 / 1_000_000_000)
        .map(Some)
        .ok_or_else(|| vm.overflow_error("timestamp too large to convert to C PyTime_t"))
}

/// One of the three lists: descriptors and the objects that stand for them.
struct Watched {
    items: Vec<(i32, Value)>,
    set: libc::fd_set,
}

impl Watched {
    fn new(vm: &Vm, v: &Value) -> PyResult<Watched> {
        let copied = match v.is_a::<List>() {
            true => Vec::new(),
            false => match vm.unless(vm.collect(v), vm.types().TypeError)? {
                Some(objects) => objects,
                None => return Err(vm.type_error("arguments 1-3 must be sequences")),
            },
        };
        // `fileno()` may change a list while it is read.
        let item = |i: usize| match v.downcast::<List>() {
            Some(list) => list.get(i),
            None => copied.get(i).cloned(),
        };
        // SAFETY: zeroes are an empty set.
        let mut watched = Watched { items: Vec::new(), set: unsafe { std::mem::zeroed() } };
        let mut i = 0;
        while let Some(object) = item(i) {
            i += 1;
            let fd = fileno(vm, &object)?;
            if fd as usize >= libc::FD_SETSIZE {
                return Err(vm.value_error("filedescriptor out of range in select()"));
            }
            // SAFETY: the descriptor fits in the set.
            unsafe { libc::FD_SET(fd, &mut watched.set) };
            watched.items.push((fd, object));
        }
        Ok(watched)
    }

    /// The objects whose descriptors are in the set now.
    fn ready(self, vm: &Vm) -> Value {
        // SAFETY: the descriptors fit in the set.
        let ready = self.items.into_iter().filter(|(fd, _)| unsafe { libc::FD_ISSET(*fd, &self.set) });
        vm.list(ready.map(|(_, object)| object).collect())
    }
}

fn select(vm: &Vm, a: Args<'_>) -> PyResult {
    let deadline = Deadline::after(timeout_arg(vm, a.opt(3))?);
    let mut lists = [Watched::new(vm, a.get(0))?, Watched::new(vm, a.get(1))?, Watched::new(vm, a.get(2))?];
    let n = lists.iter().flat_map(|l| l.items.iter().map(|(fd, _)| fd + 1)).max().unwrap_or(0);
    let asked = [lists[0].set, lists[1].set, lists[2].set];
    loop {
        let mut sets = asked;
        let result = blocking(vm, || {
            let mut left = deadline.left().map(|d| libc::timeval {
                tv_sec: d.as_secs() as i64,
                tv_usec: i64::from(d.subsec_nanos().div_ceil(1000).min(999_999)),
            });
            let [read, write, except] = &mut sets;
            let timeout = left.as_mut().map_or(std::ptr::null_mut(), |t| t as *mut libc::timeval);
            // SAFETY: the sets and the time-out are locals.
            check(unsafe { libc::select(n, read, write, except, timeout) })
        });
        match result {
            Ok(_) => {
                for (list, set) in lists.iter_mut().zip(sets) {
                    list.set = set;
                }
                return Ok(vm.tuple(lists.map(|l| l.ready(vm)).to_vec()));
            }
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => {
                vm.on_break()?;
                if deadline.is_over() {
                    let empty = || vm.list(Vec::new());
                    return Ok(vm.tuple(vec![empty(), empty(), empty()]));
                }
            }
            Err(e) => return Err(vm.io_error(&e, None)),
        }
    }
}
