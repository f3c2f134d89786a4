//! At the end of the process: interpreters that nobody has closed, whose threads wait for what nobody can bring any more.
//!
//! The main thread joins these threads, as Python requires, and would do so for ever. A watcher sees when all threads of
//! all such interpreters sleep in locks, queues, channels or joins without a time limit: then nobody is left to wake them,
//! and each gets the exception `Stopped`.
//!
//! Invariant: threads that run, or wait for the outside world (a file, a socket, the clock), are left in peace.

use crate::interpreter::{Interpreter, this_thread};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);
/// So many looks in a row have to find everybody asleep.
const N_LOOKS: usize = 4;
/// How often a thread is asked; then it is not waited for any more.
const N_TRIES: usize = 3;
const MESSAGE: &str = "the process ends, and nobody is left to end this wait";

/// Watches interpreters while the calling thread closes them.
pub(crate) struct Watch {
    over: Option<Sender<()>>,
    watcher: Option<JoinHandle<()>>,
}

impl Watch {
    /// Watches those that have threads; no thread is started if none has.
    pub(crate) fn begin(interpreters: &[Arc<Interpreter>]) -> Watch {
        let watched: Vec<_> = interpreters.iter().filter(|i| i.n_threads() > 0 && !i.is_running()).cloned().collect();
        if watched.is_empty() {
            return Watch { over: None, watcher: None };
        }
        let (over, is_over) = channel();
        let closer = this_thread();
        let watcher = thread::Builder::new().spawn(move || {
            let mut tries = 0;
            let mut looks = 0;
            let mut last = 0;
            while is_over.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                let entries = watched.iter().map(|i| i.counters().n_entries()).fold(0, u64::wrapping_add);
                let asleep = watched.iter().all(|i| i.n_parked() == i.n_threads() && !i.has_thrown());
                looks = if asleep && entries == last { looks + 1 } else { 0 };
                last = entries;
                if looks >= N_LOOKS {
                    looks = 0;
                    tries += 1;
                    watched.iter().for_each(|i| wake_all(i, closer, tries >= N_TRIES));
                }
            }
        });
        Watch { over: Some(over), watcher: watcher.ok() }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.over.take());
        if let Some(watcher) = self.watcher.take() {
            // It has no more to do than to notice.
            let _ = watcher.join();
        }
    }
}

/// Ends the waits of an interpreter's threads; as the last resort that of the thread that closes it, instead.
fn wake_all(interpreter: &Interpreter, closer: u64, is_last: bool) {
    for stack in interpreter.stacks(PAUSE).unwrap_or_default() {
        if is_last == (stack.thread == closer) {
            interpreter.throw(stack.thread, MESSAGE);
        }
    }
}
