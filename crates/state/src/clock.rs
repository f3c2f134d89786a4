//! A cheap clock: the processor's time-stamp counter where there is one that is easy to read.
//!
//! A reading takes some 10 ns; a second one a while later tells how long a tick is.
#![expect(unsafe_code, reason = "reads a register of the processor")]

use std::time::{Duration, Instant};

/// The time in ticks of unknown length, from an unknown begin.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn ticks() -> u64 {
    // SAFETY: every x86-64 processor has the instruction.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// The time in ticks of unknown length, from an unknown begin.
#[cfg(target_arch = "aarch64")]
#[inline]
pub(crate) fn ticks() -> u64 {
    let ticks: u64;
    // SAFETY: programs may read the virtual counter; it changes nothing.
    unsafe { std::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack, preserves_flags)) };
    ticks
}

/// The time in ticks of unknown length, from an unknown begin.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) fn ticks() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the target is a local.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Knows how long ticks are.
pub(crate) struct Clock {
    began: Instant,
    first: u64,
}

impl Clock {
    pub(crate) fn new() -> Clock {
        Clock { began: Instant::now(), first: ticks() }
    }

    /// The length of `n` ticks.
    pub(crate) fn duration(&self, n: u64) -> Duration {
        let passed = ticks().saturating_sub(self.first);
        if passed == 0 {
            return Duration::ZERO;
        }
        Duration::from_secs_f64(self.began.elapsed().as_secs_f64() * (n as f64 / passed as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_measure_time() {
        let clock = Clock::new();
        let first = ticks();
        std::thread::sleep(Duration::from_millis(20));
        let slept = clock.duration(ticks() - first);
        assert!((Duration::from_millis(19)..Duration::from_secs(20)).contains(&slept), "{slept:?}");
    }
}
