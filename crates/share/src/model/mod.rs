//! What waits, again, compiled over loom, with models that try every interleaving of two or three threads.
//!
//! Loom has no clock: a wait with a time limit ends at once unless it is already decided.
#![allow(dead_code, unused_imports, reason = "the models do not use everything")]
#![expect(clippy::duplicate_mod, reason = "the point of the second build")]

#[path = "../lane.rs"]
mod lane;
#[path = "../pipe.rs"]
mod pipe;
#[path = "../prims/mod.rs"]
mod prims;
#[path = "../select.rs"]
mod select;
mod sync;
#[path = "../wait/mod.rs"]
mod wait;

use loom::thread;
use pipe::{End, Pipe, RecvError, SendFailure};
use prims::{Barrier, Condition, Event, Lock, RLock};
use select::{Source, select};
use std::time::Duration;
use sync::Arc;
use wait::{Interrupt, Outcome, Wait, WaitError, Waiter};

fn check(bound: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(bound);
    builder.check(model);
}

/// Two poppers, one pusher: each gets one, none sleeps for ever.
#[test]
fn two_poppers() {
    check(2, || {
        let pipe = Arc::new(Pipe::new(usize::MAX));
        let popper = thread::spawn({
            let pipe = pipe.clone();
            move || pipe.pop(&Wait::FOREVER).unwrap()
        });
        let pusher = thread::spawn({
            let pipe = pipe.clone();
            move || {
                pipe.try_push(1).unwrap();
                pipe.try_push(2).unwrap();
            }
        });
        let own = pipe.pop(&Wait::FOREVER).unwrap();
        pusher.join().unwrap();
        assert_eq!(own + popper.join().unwrap(), 3);
    });
}

/// A pipe with room for one: both ends wait for each other.
#[test]
fn bounded() {
    check(3, || {
        let pipe = Arc::new(Pipe::new(1));
        let pusher = thread::spawn({
            let pipe = pipe.clone();
            move || {
                for item in 0..3 {
                    pipe.push(item, &Wait::FOREVER).unwrap();
                }
            }
        });
        for item in 0..3 {
            assert_eq!(pipe.pop(&Wait::FOREVER), Ok(item));
        }
        pusher.join().unwrap();
    });
}

/// More than the lane holds: what goes behind it keeps its place.
#[test]
fn order_beyond_the_lane() {
    check(2, || {
        let pipe = Arc::new(Pipe::new(usize::MAX));
        let pusher = thread::spawn({
            let pipe = pipe.clone();
            move || (0..4).for_each(|item| pipe.try_push(item).unwrap())
        });
        for item in 0..4 {
            assert_eq!(pipe.pop(&Wait::FOREVER), Ok(item));
        }
        pusher.join().unwrap();
    });
}

/// Two pushers: no more than the capacity lies there, and each one's items come in its order.
#[test]
fn two_pushers_beyond_the_lane() {
    check(2, || {
        let pipe = Arc::new(Pipe::new(3));
        let pushers = [10, 20].map(|who| {
            let pipe = pipe.clone();
            thread::spawn(move || (0..2).filter(|n| pipe.try_push(who + n).is_ok()).count())
        });
        let mut came: Vec<i32> = pipe.try_pop().into_iter().collect();
        let n_pushed: usize = pushers.into_iter().map(|pusher| pusher.join().unwrap()).sum();
        assert!(pipe.len() <= 3);
        came.extend(std::iter::from_fn(|| pipe.try_pop().ok()));
        assert_eq!(came.len(), n_pushed);
        assert!(n_pushed >= 3);
        for who in [1, 2] {
            assert!(came.iter().filter(|item| **item / 10 == who).is_sorted());
        }
    });
}

/// What an edit moves out of the lane is not missed by a popper, who finds it or waits for it.
#[test]
fn an_edit_hides_nothing() {
    check(3, || {
        let pipe = Arc::new(Pipe::new(usize::MAX));
        pipe.try_push(1).unwrap();
        pipe.try_push(2).unwrap();
        let popper = thread::spawn({
            let pipe = pipe.clone();
            move || [pipe.try_pop(), pipe.try_pop()]
        });
        pipe.edit(|_| ());
        assert_eq!(popper.join().unwrap(), [Ok(1), Ok(2)]);
    });
}

/// What is moved into the lane from behind it is not missed by a popper.
#[test]
fn a_refill_hides_nothing() {
    check(3, || {
        let pipe = Arc::new(Pipe::new(usize::MAX));
        (0..4).for_each(|item| pipe.try_push(item).unwrap());
        let popper = thread::spawn({
            let pipe = pipe.clone();
            move || pipe.try_pop().unwrap()
        });
        let own = [(); 3].map(|()| pipe.try_pop().unwrap());
        assert!(own.is_sorted());
        assert_eq!(own.iter().sum::<i32>() + popper.join().unwrap(), 6);
    });
}

/// A push that succeeds before the pipe closes is drained; none succeeds afterwards.
#[test]
fn push_or_close() {
    check(3, || {
        let pipe = Arc::new(Pipe::new(usize::MAX));
        let pusher = thread::spawn({
            let pipe = pipe.clone();
            move || pipe.try_push(1).is_ok()
        });
        pipe.close();
        let came = std::iter::from_fn(|| pipe.pop(&Wait::FOREVER).ok()).count();
        let pushed = pusher.join().unwrap();
        assert_eq!(came, usize::from(pushed));
        assert_eq!(pipe.try_pop(), Err(RecvError::Closed));
    });
}

/// A waiter that times out does not take a notification with it.
#[test]
fn a_timed_out_popper_steals_nothing() {
    check(2, || {
        let pipe = Arc::new(Pipe::new(usize::MAX));
        let hasty = thread::spawn({
            let pipe = pipe.clone();
            move || pipe.pop(&Wait::timeout(Duration::from_secs(1)))
        });
        let pusher = thread::spawn({
            let pipe = pipe.clone();
            move || {
                pipe.try_push(1).unwrap();
                pipe.try_push(2).unwrap();
            }
        });
        let own = pipe.pop(&Wait::FOREVER).unwrap();
        pusher.join().unwrap();
        match hasty.join().unwrap() {
            Ok(its) => assert_eq!(own + its, 3),
            Err(error) => assert_eq!((error, own, pipe.try_pop()), (RecvError::TimedOut, 1, Ok(2))),
        }
    });
}

#[test]
fn close_wakes_both_ends() {
    check(3, || {
        let pipe = Arc::new(Pipe::<u8>::new(1));
        let popper = thread::spawn({
            let pipe = pipe.clone();
            move || pipe.pop(&Wait::FOREVER)
        });
        assert!(pipe.close());
        assert_eq!(popper.join().unwrap(), Err(RecvError::Closed));
        assert_eq!(pipe.push(1, &Wait::FOREVER).map_err(|error| error.failure), Err(SendFailure::Closed));
    });
}

#[test]
fn interrupt_or_item() {
    check(2, || {
        let pipe = Arc::new(Pipe::new(usize::MAX));
        let interrupt = Interrupt::new();
        let popper = thread::spawn({
            let (pipe, interrupt) = (pipe.clone(), interrupt.clone());
            move || pipe.pop(&Wait::FOREVER.interruptible(&interrupt))
        });
        let pusher = thread::spawn({
            let pipe = pipe.clone();
            move || pipe.try_push(1).unwrap()
        });
        interrupt.raise();
        pusher.join().unwrap();
        match popper.join().unwrap() {
            Ok(item) => assert_eq!(item, 1),
            Err(error) => assert_eq!((error, pipe.try_pop()), (RecvError::Interrupted, Ok(1))),
        }
    });
}

/// An interrupt lets a resting thread look up and rest again; the notification is not lost.
#[test]
fn an_interrupted_rest_decides_nothing() {
    check(3, || {
        let (waiter, interrupt) = (Waiter::new(), Interrupt::new());
        let sleeper = thread::spawn({
            let (waiter, interrupt) = (waiter.clone(), interrupt.clone());
            move || loop {
                match Wait::FOREVER.interruptible(&interrupt).rest(&waiter) {
                    Some(outcome) => return outcome,
                    None => drop(interrupt.lower()),
                }
            }
        });
        interrupt.raise();
        assert!(waiter.claim(Outcome::Notified));
        waiter.wake();
        assert_eq!(sleeper.join().unwrap(), Outcome::Notified);
    });
}

/// Two threads wait with one interrupt, and each lowers it: one raise ends both waits.
#[test]
fn an_interrupt_is_not_lowered_for_others() {
    check(2, || {
        let interrupt = Interrupt::new();
        let others = [(); 2].map(|()| {
            let interrupt = interrupt.clone();
            thread::spawn(move || {
                let raised = || interrupt.count() != 0;
                let wait = Wait::FOREVER.interruptible(&interrupt).alarmed(&raised);
                assert_eq!(wait.rest(&Waiter::new()), None);
                interrupt.lower();
            })
        });
        interrupt.raise();
        for other in others {
            other.join().unwrap();
        }
    });
}

#[test]
fn select_sees_either() {
    check(2, || {
        let pipes = Arc::new([Pipe::new(usize::MAX), Pipe::new(usize::MAX)]);
        let pusher = thread::spawn({
            let pipes = pipes.clone();
            move || pipes[1].try_push(1).unwrap()
        });
        let sources = [Source::new(&pipes[0], End::Pop), Source::new(&pipes[1], End::Pop)];
        assert_eq!(select(&sources, &Wait::FOREVER), Ok(1));
        assert_eq!(pipes[1].try_pop(), Ok(1));
        pusher.join().unwrap();
    });
}

/// A thread that selects does not use up the notification of one that pops.
#[test]
fn select_takes_nothing() {
    check(2, || {
        let pipe = Arc::new(Pipe::new(usize::MAX));
        let popper = thread::spawn({
            let pipe = pipe.clone();
            move || pipe.pop(&Wait::FOREVER).unwrap()
        });
        let selector = thread::spawn({
            let pipe = pipe.clone();
            move || select(&[Source::new(&*pipe, End::Pop)], &Wait::timeout(Duration::from_secs(1)))
        });
        pipe.try_push(1).unwrap();
        assert_eq!(popper.join().unwrap(), 1);
        assert!(matches!(selector.join().unwrap(), Ok(0) | Err(WaitError::TimedOut)));
    });
}

#[test]
fn a_lock_excludes() {
    check(2, || {
        let shared = Arc::new((Lock::new(), loom::cell::Cell::new(0)));
        let others = [1, 2].map(|who| {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.0.acquire(who, &Wait::FOREVER).unwrap();
                shared.1.set(shared.1.get() + 1);
                shared.0.release().unwrap();
            })
        });
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(shared.1.get(), 2);
    });
}

#[test]
fn an_event_wakes_all() {
    check(2, || {
        let event = Arc::new(Event::new());
        let others = [1, 2].map(|_| {
            let event = event.clone();
            thread::spawn(move || event.wait(&Wait::FOREVER).unwrap())
        });
        event.set();
        for other in others {
            other.join().unwrap();
        }
    });
}

/// The notifier holds the lock, so it sees either the waiter's ticket or its condition unwanted.
#[test]
fn a_condition_loses_no_notification() {
    check(3, || {
        let shared = Arc::new((RLock::new(), Condition::new(), loom::cell::Cell::new(false)));
        let other = thread::spawn({
            let shared = shared.clone();
            move || {
                let (lock, condition, ready) = &*shared;
                lock.acquire(1, &Wait::FOREVER).unwrap();
                while !ready.get() {
                    condition.wait(lock, 1, &Wait::FOREVER).unwrap().unwrap();
                }
                lock.release(1).unwrap();
            }
        });
        let (lock, condition, ready) = &*shared;
        lock.acquire(0, &Wait::FOREVER).unwrap();
        ready.set(true);
        condition.notify(1);
        lock.release(0).unwrap();
        other.join().unwrap();
    });
}

#[test]
fn a_barrier_is_passed_together() {
    check(2, || {
        let barrier = Arc::new(Barrier::new(2));
        let other = thread::spawn({
            let barrier = barrier.clone();
            move || barrier.wait(&Wait::FOREVER).unwrap() + barrier.wait(&Wait::FOREVER).unwrap()
        });
        let own = barrier.wait(&Wait::FOREVER).unwrap() + barrier.wait(&Wait::FOREVER).unwrap();
        assert_eq!(own + other.join().unwrap(), 2);
    });
}
