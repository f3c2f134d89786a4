//! Which interpreters use which end of a channel.
//!
//! An interpreter is associated with an end by its first use of it, and stays until it releases that end or is
//! destroyed. A channel is open while somebody is associated with it, or nobody ever was.
//!
//! | status | sends | receives | becomes |
//! | --- | --- | --- | --- |
//! | `Open` | yes | yes | `Closing` by a close of the sending end while items are left; `Closed` by any other close, or when the last interpreter leaves |
//! | `Closing` | no | what is left | `Closed` with the last item, or by a forced close |
//! | `Closed` | no | no | |

use smallvec::SmallVec;

/// Whether a channel can be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Yes.
    Open,
    /// What is left in it can be received.
    Closing,
    /// No.
    Closed,
}

/// An end, or both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The end that sends.
    Send,
    /// The end that receives.
    Recv,
    /// Both.
    Both,
}

#[derive(Clone, Copy, Debug)]
struct Association {
    interpreter: u64,
    open: bool,
}

/// The interpreters at one end.
#[derive(Debug, Default)]
pub(super) struct Interpreters(SmallVec<[Association; 2]>);

impl Interpreters {
    fn find(&mut self, interpreter: u64) -> Option<&mut Association> {
        self.0.iter_mut().find(|one| one.interpreter == interpreter)
    }

    /// False if the interpreter has released this end.
    pub(super) fn associate(&mut self, interpreter: u64) -> bool {
        match self.find(interpreter) {
            Some(one) => one.open,
            None => {
                self.0.push(Association { interpreter, open: true });
                true
            }
        }
    }

    /// An interpreter that never used this end is barred from it too.
    fn release(&mut self, interpreter: u64) {
        match self.find(interpreter) {
            Some(one) => one.open = false,
            None => self.0.push(Association { interpreter, open: false }),
        }
    }

    fn forget(&mut self, interpreter: u64) {
        if let Some(one) = self.find(interpreter) {
            one.open = false;
        }
    }

    pub(super) fn open(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().filter(|one| one.open).map(|one| one.interpreter)
    }

    pub(super) fn n_released(&self) -> usize {
        self.0.iter().filter(|one| !one.open).count()
    }
}

#[derive(Debug)]
pub(super) struct Ends {
    pub(super) status: Status,
    /// It was closed because everybody had left.
    pub(super) deserted: bool,
    pub(super) send: Interpreters,
    pub(super) recv: Interpreters,
}

impl Ends {
    pub(super) fn new() -> Self {
        Self { status: Status::Open, deserted: false, send: Interpreters::default(), recv: Interpreters::default() }
    }

    pub(super) fn release(&mut self, interpreter: u64, side: Side) {
        if side != Side::Recv {
            self.send.release(interpreter);
        }
        if side != Side::Send {
            self.recv.release(interpreter);
        }
    }

    pub(super) fn forget(&mut self, interpreter: u64) {
        self.send.forget(interpreter);
        self.recv.forget(interpreter);
    }

    /// Whether everybody who used the channel has left it.
    pub(super) fn is_deserted(&self) -> bool {
        let ever = !self.send.0.is_empty() || !self.recv.0.is_empty();
        ever && self.send.open().next().is_none() && self.recv.open().next().is_none()
    }
}
