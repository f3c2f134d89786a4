//! Time-outs of waits: how long is left after a signal has interrupted one.

use std::time::{Duration, Instant};

/// When a wait is to end; never, without an instant.
#[derive(Clone, Copy)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// After that time; `None`: never.
    pub fn after(timeout: Option<Duration>) -> Deadline {
        Deadline(timeout.and_then(|t| Instant::now().checked_add(t)))
    }

    /// What is left.
    pub fn left(self) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// What is left, in milliseconds rounded up, for `poll`; −1 without an end.
    pub fn left_ms(self) -> i32 {
        match self.left() {
            None => -1,
            Some(left) => i32::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX),
        }
    }

    /// Whether it has passed.
    pub fn is_over(self) -> bool {
        self.left() == Some(Duration::ZERO)
    }
}
