//! Waiting for a POSIX semaphore so that it can be ended from outside.
//!
//! No system call waits for a semaphore and for anything else at once. So a thread of its own sits in `sem_timedwait`, and the
//! interpreter's thread waits for that one as it waits for locks: without polling, until it is asked for something. If the
//! wait is given up, the sitting thread is cancelled; it is C's and not Rust's, since it may have nothing on its stack that
//! needs to be dropped.
//!
//! Invariant: no permit is lost. Cancellation acts in the system call only, before the permit is taken; one that the thread
//! has taken when nobody wants it any more is given back.
#![expect(unsafe_code, reason = "system calls, and a thread that can be cancelled")]

use serpens_share::prims::Bell;
use serpens_share::{Wait, WaitError};
use serpens_state::waiting;
use serpens_vm::{PyResult, Vm};
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;
use std::{io, mem, ptr};

// As in the C library, but these may unwind: that is how a thread is cancelled.
unsafe extern "C-unwind" {
    fn sem_wait(semaphore: *mut libc::sem_t) -> i32;
    fn sem_timedwait(semaphore: *mut libc::sem_t, until: *const libc::timespec) -> i32;
    fn pthread_setcancelstate(state: i32, old: *mut i32) -> i32;
}

unsafe extern "C" {
    fn pthread_cancel(thread: libc::pthread_t) -> i32;
    fn pthread_create(
        thread: *mut libc::pthread_t,
        attributes: *const libc::pthread_attr_t,
        start: extern "C-unwind" fn(*mut c_void) -> *mut c_void,
        argument: *mut c_void,
    ) -> i32;
}

/// `PTHREAD_CANCEL_DISABLE`.
const CANCEL_DISABLE: i32 = 1;
/// Still waiting; other outcomes are error numbers, or 0.
const PENDING: i32 = -1;

/// What the two threads have in common.
struct Shared {
    semaphore: *mut libc::sem_t,
    until: Option<libc::timespec>,
    outcome: AtomicI32,
    bell: Bell,
}

// SAFETY: a semaphore may be used by all threads; the rest is shared as it is or never written.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

/// A thread that waits for a semaphore.
pub(super) struct Sitter {
    thread: libc::pthread_t,
    shared: Arc<Shared>,
}

impl Sitter {
    /// Takes a permit off the interpreter's lock, waiting at most `timeout`. `ETIMEDOUT` if there was none; `Err` if what the
    /// thread was asked for meanwhile raised.
    ///
    /// # Safety
    /// The semaphore stays open until this returns.
    pub(super) unsafe fn wait(
        vm: &Vm,
        semaphore: *mut libc::sem_t,
        timeout: Option<Duration>,
    ) -> PyResult<io::Result<()>> {
        let until = timeout.and_then(real_time_after);
        let shared = Arc::new(Shared { semaphore, until, outcome: AtomicI32::new(PENDING), bell: Bell::new() });
        let sitter = match Sitter::start(shared) {
            Ok(sitter) => sitter,
            Err(error) => return Ok(Err(error)),
        };
        let shared = &sitter.shared;
        let is_over = || shared.outcome.load(Ordering::Acquire) != PENDING;
        let step = |wait: &Wait<'_>| shared.bell.wait(wait, is_over);
        // The time limit is the thread's. If this raises, the sitter is dropped with its permit, if it has got one.
        waiting::sleep_outside(vm, None, step, |e| *e == WaitError::Interrupted)?.ok();
        Ok(match sitter.finish() {
            0 => Ok(()),
            error => Err(io::Error::from_raw_os_error(error)),
        })
    }

    fn start(shared: Arc<Shared>) -> io::Result<Sitter> {
        // Signals are for threads that run Python.
        // SAFETY: the sets are locals; the mask is put back below.
        let old = unsafe {
            let (mut all, mut old) = (mem::zeroed::<libc::sigset_t>(), mem::zeroed::<libc::sigset_t>());
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut old);
            old
        };
        let mut thread: libc::pthread_t = 0;
        // SAFETY: the sitter keeps what the thread looks at until the thread has ended.
        let error = unsafe {
            let argument = Arc::as_ptr(&shared).cast_mut().cast();
            let error = pthread_create(&mut thread, ptr::null(), sit, argument);
            libc::pthread_sigmask(libc::SIG_SETMASK, &old, ptr::null_mut());
            error
        };
        if error == 0 { Ok(Sitter { thread, shared }) } else { Err(io::Error::from_raw_os_error(error)) }
    }

    /// The outcome of a thread that has one.
    fn finish(self) -> i32 {
        // What it has got is the caller's.
        self.shared.outcome.swap(libc::ECANCELED, Ordering::AcqRel)
    }
}

impl Drop for Sitter {
    fn drop(&mut self) {
        // SAFETY: the thread has not been joined yet. It ends at once: it has its outcome, or is cancelled in its call.
        unsafe {
            pthread_cancel(self.thread);
            libc::pthread_join(self.thread, ptr::null_mut());
            let outcome = self.shared.outcome.load(Ordering::Acquire);
            // Nobody wants the permit; or the thread was woken for one and cancelled, and another waits on.
            if outcome == 0 || outcome == PENDING && libc::sem_trywait(self.shared.semaphore) == 0 {
                libc::sem_post(self.shared.semaphore);
            }
        }
    }
}

/// The thread. Nothing here may need to be dropped while it can be cancelled.
extern "C-unwind" fn sit(argument: *mut c_void) -> *mut c_void {
    // SAFETY: the sitter keeps it until this thread has ended.
    let shared = unsafe { &*argument.cast_const().cast::<Shared>() };
    let outcome = loop {
        // SAFETY: the semaphore is open; the time lies in what is shared.
        let result = unsafe {
            match &shared.until {
                Some(until) => sem_timedwait(shared.semaphore, until),
                None => sem_wait(shared.semaphore),
            }
        };
        // SAFETY: as the manual has it.
        let errno = unsafe { *libc::__errno_location() };
        if result == 0 {
            break 0;
        }
        if errno != libc::EINTR {
            break errno;
        }
    };
    // SAFETY: no old state is wanted.
    unsafe { pthread_setcancelstate(CANCEL_DISABLE, ptr::null_mut()) };
    shared.outcome.store(outcome, Ordering::Release);
    shared.bell.ring();
    ptr::null_mut()
}

/// The time of day after a while; `None` if there is no such time.
fn real_time_after(timeout: Duration) -> Option<libc::timespec> {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the target is a local.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &mut now) };
    let ns = now.tv_nsec + i64::from(timeout.subsec_nanos());
    let seconds = now.tv_sec.checked_add(i64::try_from(timeout.as_secs()).ok()?)?.checked_add(ns / 1_000_000_000)?;
    Some(libc::timespec { tv_sec: seconds, tv_nsec: ns % 1_000_000_000 })
}
