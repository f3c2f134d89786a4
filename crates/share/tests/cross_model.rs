//! Queues and channels against simple models, and channels under stress.

use proptest::prelude::*;
use serpens_share::cross::{ChannelError, Registered};
use serpens_share::{
    Channel, Defaults, Portable, Queue, Received, RecvError, SendFailure, Side, Status, UnboundOp, Wait,
};
use std::thread;
use std::time::Duration;

const DEFAULTS: Defaults = Defaults { unbound: UnboundOp::Unbound, fallback: 0 };
const OPS: [UnboundOp; 3] = [UnboundOp::Remove, UnboundOp::Error, UnboundOp::Unbound];

#[derive(Clone, Debug)]
enum Step {
    Send { who: u64, op: usize },
    Recv { who: u64 },
    Clear { who: u64 },
    Release { who: u64, side: Side },
    Close { side: Side, force: bool },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = || 0_u64..3;
    let side = || prop_oneof![Just(Side::Send), Just(Side::Recv), Just(Side::Both)];
    let step = prop_oneof![
        6 => (who(), 0_usize..3).prop_map(|(who, op)| Step::Send { who, op }),
        6 => who().prop_map(|who| Step::Recv { who }),
        1 => who().prop_map(|who| Step::Clear { who }),
        1 => (who(), side()).prop_map(|(who, side)| Step::Release { who, side }),
        1 => (side(), any::<bool>()).prop_map(|(side, force)| Step::Close { side, force }),
    ];
    prop::collection::vec(step, 0..40)
}

/// Items as (what is received, who sent it, what becomes of it).
type Items = Vec<(Received, Option<u64>, UnboundOp)>;

fn clear(items: &mut Items, who: u64) {
    items.retain(|item| item.1 != Some(who) || item.2 != UnboundOp::Remove);
    for item in items.iter_mut().filter(|item| item.1 == Some(who)) {
        *item = (Received::Unbound(item.2), None, item.2);
    }
}

fn pop(items: &mut Items) -> Option<Received> {
    (!items.is_empty()).then(|| items.remove(0).0)
}

/// A channel in the plainest words: sets of interpreters per end, each open or not.
#[derive(Default)]
struct Model {
    items: Items,
    closing: bool,
    closed: bool,
    ends: [Vec<(u64, bool)>; 2],
}

impl Model {
    fn use_end(&mut self, end: usize, who: u64) -> Result<(), ChannelError> {
        if !self.ends[end].iter().any(|one| one.0 == who) {
            self.ends[end].push((who, true));
        }
        let open = self.ends[end].contains(&(who, true));
        if open { Ok(()) } else { Err(ChannelError::Released) }
    }

    fn leave(&mut self, end: usize, who: u64, bar: bool) {
        let known = self.ends[end].iter().any(|one| one.0 == who);
        if known || bar {
            self.ends[end].retain(|one| one.0 != who);
            self.ends[end].push((who, false));
        }
    }

    fn settle(&mut self) {
        let mut all = self.ends.iter().flatten().peekable();
        let deserted = all.peek().is_some() && all.all(|one| !one.1);
        if deserted || (self.closing && self.items.is_empty()) {
            self.close();
        }
    }

    fn close(&mut self) {
        self.closed = true;
        self.items.clear();
    }

    fn run(&mut self, step: &Step, value: i64) -> Result<Option<Received>, ChannelError> {
        if self.closed {
            return if matches!(step, Step::Clear { .. }) { Ok(None) } else { Err(ChannelError::Closed) };
        }
        let mut received = None;
        match *step {
            Step::Send { .. } if self.closing => return Err(ChannelError::Closed),
            Step::Send { who, op } => {
                self.use_end(0, who)?;
                self.items.push((Received::Value(Portable::Int(value)), Some(who), OPS[op]));
            }
            Step::Recv { who } => {
                self.use_end(1, who)?;
                received = Some(pop(&mut self.items).ok_or(ChannelError::Empty)?);
            }
            Step::Clear { who } => {
                clear(&mut self.items, who);
                self.leave(0, who, false);
                self.leave(1, who, false);
            }
            Step::Release { who, side } => {
                for end in ends(side) {
                    self.leave(end, who, true);
                }
            }
            Step::Close { side: Side::Send, force: false } if self.closing => return Err(ChannelError::Closed),
            Step::Close { side, force: false } if !self.items.is_empty() => {
                if side != Side::Send {
                    return Err(ChannelError::NotEmpty);
                }
                self.closing = true;
                return Ok(None);
            }
            Step::Close { .. } => self.close(),
        }
        self.settle();
        Ok(received)
    }
}

fn ends(side: Side) -> Vec<usize> {
    match side {
        Side::Send => vec![0],
        Side::Recv => vec![1],
        Side::Both => vec![0, 1],
    }
}

fn run(channel: &Channel, step: &Step, value: i64) -> Result<Option<Received>, ChannelError> {
    match *step {
        Step::Send { who, op } => channel.send(who, Portable::Int(value), Some(OPS[op])).map(|()| None),
        Step::Recv { who } => channel.try_recv(who).map(Some),
        Step::Clear { who } => {
            channel.clear_interpreter(who);
            Ok(None)
        }
        Step::Release { who, side } => channel.release(who, side).map(|()| None),
        Step::Close { side, force } => channel.close(side, force).map(|()| None),
    }
}

proptest! {
    #[test]
    fn channel_like_its_model(steps in steps()) {
        let (channel, mut model) = (Channel::new(0, DEFAULTS), Model::default());
        for (value, step) in steps.iter().enumerate() {
            let value = value as i64;
            prop_assert_eq!(run(&channel, step, value), model.run(step, value), "{:?}", step);
            let status = match (model.closed, model.closing) {
                (true, _) => Status::Closed,
                (false, true) => Status::Closing,
                (false, false) => Status::Open,
            };
            prop_assert_eq!((channel.status(), channel.info().count), (status, model.items.len()));
        }
    }

    #[test]
    fn queue_like_its_model(maxsize in -1_i64..4, steps in steps()) {
        let (queue, mut model) = (Queue::new(1, maxsize, DEFAULTS), Items::new());
        for (value, step) in steps.iter().enumerate() {
            match *step {
                Step::Send { who, op } => {
                    let value = Portable::Int(value as i64);
                    let full = maxsize > 0 && model.len() as i64 >= maxsize;
                    let result = queue.try_put(who, value.clone(), Some(OPS[op])).map_err(|error| error.failure);
                    prop_assert_eq!(result, if full { Err(SendFailure::Full) } else { Ok(()) });
                    if !full {
                        model.push((Received::Value(value), Some(who), OPS[op]));
                    }
                }
                Step::Recv { .. } => {
                    prop_assert_eq!(queue.try_get(), pop(&mut model).ok_or(RecvError::Empty));
                }
                Step::Clear { who } => {
                    queue.clear_interpreter(who);
                    clear(&mut model, who);
                }
                Step::Release { .. } | Step::Close { .. } => (),
            }
            prop_assert_eq!(queue.len(), model.len());
        }
    }
}

/// Senders that wait for receipt, some of them not for long: an item is received exactly if its sender was told so.
#[test]
fn receipts_are_exact() {
    let channel = Channel::new(0, DEFAULTS);
    thread::scope(|scope| {
        let senders: Vec<_> = (0..3)
            .map(|who| {
                let channel = &channel;
                scope.spawn(move || {
                    (0..1_500_i64)
                        .filter(|n| {
                            let wait = Wait::timeout(Duration::from_micros(*n as u64 % 40));
                            channel.send_and_wait(who, Portable::Int(1), None, &wait).is_ok()
                        })
                        .count()
                })
            })
            .collect();
        let receivers: Vec<_> = (10..12)
            .map(|who| {
                let channel = &channel;
                scope.spawn(move || {
                    let mut n = 0;
                    while channel.recv(who, &Wait::FOREVER).is_ok() {
                        n += 1;
                    }
                    n
                })
            })
            .collect();
        let n_sent: usize = senders.into_iter().map(|sender| sender.join().unwrap()).sum();
        channel.close(Side::Both, true).unwrap();
        let n_received: usize = receivers.into_iter().map(|receiver| receiver.join().unwrap()).sum();
        assert_eq!(n_sent, n_received);
    });
}
