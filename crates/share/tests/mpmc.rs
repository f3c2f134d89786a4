//! Channels for Rust users on real threads, and against a simple model.

use proptest::prelude::*;
use serpens_share::mpmc::{bounded, unbounded};
use serpens_share::{RecvError, SendFailure, Wait, select};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};
use std::thread;
use std::time::Duration;

#[test]
fn ends_close_when_dropped() {
    let (sender, receiver) = unbounded();
    let other = sender.clone();
    drop(sender);
    other.send(1).unwrap();
    drop(other);
    assert_eq!(receiver.recv(), Ok(1));
    assert_eq!(receiver.recv(), Err(RecvError::Closed));

    let (sender, receiver) = bounded(1);
    let item = Arc::new(());
    sender.send(item.clone()).unwrap();
    drop(receiver);
    assert_eq!(sender.send(item.clone()).unwrap_err().failure, SendFailure::Closed);
    assert_eq!(Arc::strong_count(&item), 1, "what nobody can receive is dropped");
}

#[test]
fn all_items_arrive_once() {
    for capacity in [1, 3, 5, 100, usize::MAX] {
        let (sender, receiver) = bounded(capacity);
        let sums: usize = thread::scope(|scope| {
            let receivers: Vec<_> = (0..3)
                .map(|_| {
                    let receiver = receiver.clone();
                    scope.spawn(move || receiver.iter().sum::<usize>())
                })
                .collect();
            for who in 0..3 {
                let sender = sender.clone();
                scope.spawn(move || (0..2_000).for_each(|n| sender.send(n * 3 + who).unwrap()));
            }
            drop(sender);
            receivers.into_iter().map(|receiver| receiver.join().unwrap()).sum()
        });
        assert_eq!(sums, (0..6_000).sum());
    }
}

/// Senders that are faster than the receiver, then slower, then faster again: items take all ways there are.
#[test]
fn items_of_each_sender_stay_in_order() {
    const N: usize = 5_000;
    for capacity in [1, 4, 7, usize::MAX] {
        let (sender, receiver) = bounded(capacity);
        thread::scope(|scope| {
            for who in 0..3 {
                let sender = sender.clone();
                scope.spawn(move || {
                    for n in 0..N {
                        sender.send((who, n)).unwrap();
                        if n % 1_000 == 999 {
                            thread::sleep(Duration::from_millis(1));
                        }
                    }
                });
            }
            drop(sender);
            let mut next = [0; 3];
            for (who, n) in receiver.iter() {
                assert_eq!(n, next[who]);
                next[who] += 1;
                if n % 700 == 699 {
                    thread::sleep(Duration::from_millis(1));
                }
            }
            assert_eq!(next, [N; 3]);
        });
    }
}

/// What lies anywhere in a channel is dropped with it.
#[test]
fn what_nobody_received_is_dropped() {
    let item = Arc::new(());
    for n in [1, 4, 9] {
        let (sender, receiver) = unbounded();
        (0..n).for_each(|_| sender.send(item.clone()).unwrap());
        assert!(receiver.recv().is_ok());
        assert_eq!((Arc::strong_count(&item), receiver.len()), (n, n - 1));
        drop((sender, receiver));
        assert_eq!(Arc::strong_count(&item), 1);
    }
}

#[test]
fn items_of_one_sender_stay_in_order() {
    let (sender, receiver) = bounded(4);
    thread::scope(|scope| {
        scope.spawn(move || (0..10_000).for_each(|n| sender.send(n).unwrap()));
        assert!(receiver.iter().eq(0..10_000));
    });
}

#[test]
fn timeouts() {
    let (sender, receiver) = bounded::<u8>(1);
    let short = Duration::from_millis(5);
    assert_eq!(receiver.recv_timeout(short), Err(RecvError::TimedOut));
    sender.send_timeout(1, short).unwrap();
    assert_eq!(sender.send_timeout(2, short).unwrap_err().failure, SendFailure::TimedOut);
    assert_eq!(select(&[sender.source()], &Wait::timeout(short)).ok(), None);
    assert_eq!(select(&[sender.source(), receiver.source()], &Wait::FOREVER), Ok(1));
}

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn callbacks_are_called_once() {
    let (sender, receiver) = unbounded();
    let count = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(count.clone());
    assert!(receiver.source().wake_when_ready(&waker));
    assert!(receiver.source().wake_when_ready(&waker), "twice is once");
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
    assert!(!receiver.source().wake_when_ready(&waker), "it is ready");
    assert_eq!(receiver.try_iter().count(), 2);
    assert!(receiver.source().wake_when_ready(&waker));
    receiver.source().forget(&waker);
    sender.send(3).unwrap();
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
}

/// A ring of threads, with receivers that come and go by time-out: no item and no wake-up is lost.
#[test]
fn stress() {
    const N_THREADS: usize = 4;
    const N_ROUNDS: usize = 500;
    let ends: Vec<_> = (0..N_THREADS).map(|_| bounded::<usize>(1)).collect();
    thread::scope(|scope| {
        for at in 0..N_THREADS {
            let (receiver, sender) = (&ends[at].1, &ends[(at + 1) % N_THREADS].0);
            scope.spawn(move || {
                for round in 0..N_ROUNDS {
                    let token = loop {
                        match receiver.recv_timeout(Duration::from_micros((round % 50) as u64)) {
                            Ok(token) => break token,
                            Err(RecvError::TimedOut) => (),
                            Err(error) => panic!("{error}"),
                        }
                    };
                    assert_eq!(token, round * N_THREADS + at);
                    sender.send(token + 1).unwrap();
                }
            });
        }
        ends[0].0.send(0).unwrap();
    });
    assert_eq!(ends[0].1.try_recv(), Ok(N_THREADS * N_ROUNDS));
}

proptest! {
    #[test]
    fn like_a_deque(capacity in 1_usize..5, steps in prop::collection::vec(0_u8..8, 0..60)) {
        let (sender, receiver) = bounded(capacity);
        let mut model = VecDeque::new();
        let mut closed = false;
        for (n, step) in steps.into_iter().enumerate() {
            match step {
                0..=3 => {
                    let expected = if closed {
                        Err(SendFailure::Closed)
                    } else if model.len() == capacity {
                        Err(SendFailure::Full)
                    } else {
                        model.push_back(n);
                        Ok(())
                    };
                    prop_assert_eq!(sender.try_send(n).map_err(|error| error.failure), expected);
                }
                4..=6 => {
                    let empty = if closed { RecvError::Closed } else { RecvError::Empty };
                    prop_assert_eq!(receiver.try_recv(), model.pop_front().ok_or(empty));
                }
                _ if n > 40 => prop_assert_eq!(sender.close(), !std::mem::replace(&mut closed, true)),
                _ => (),
            }
            prop_assert_eq!(receiver.len(), model.len());
        }
    }
}
