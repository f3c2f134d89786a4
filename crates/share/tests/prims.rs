//! Locks, events and the like on real threads.

use serpens_share::prims::{AtomicInt, Barrier, BarrierError, Condition, Event, Lock, NotHeld, RLock, Semaphore};
use serpens_share::{Interrupt, Wait, WaitError};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

const SOON: Duration = Duration::from_millis(10);

fn soon() -> Wait<'static> {
    Wait::timeout(SOON)
}

#[test]
fn locks_know_their_holder() {
    let lock = Lock::new();
    assert_eq!(lock.release(), Err(NotHeld));
    assert!(lock.try_acquire(1) && !lock.try_acquire(1));
    assert_eq!(lock.acquire(2, &soon()), Err(WaitError::TimedOut));
    assert!(!lock.abandon(2));
    assert!(lock.abandon(1));
    assert_eq!(lock.holder(), None);

    let lock = RLock::new();
    assert!(lock.try_acquire(0) && lock.try_acquire(0) && !lock.try_acquire(1));
    assert_eq!((lock.n_held(0), lock.n_held(1), lock.holder()), (2, 0, Some(0)));
    assert_eq!(lock.release(1), Err(NotHeld));
    lock.release(0).unwrap();
    assert!(!lock.try_acquire(1));
    lock.release(0).unwrap();
    assert_eq!(lock.release(0), Err(NotHeld));
    assert_eq!(lock.holder(), None);
}

#[test]
fn a_lock_excludes() {
    let (lock, inside) = (Lock::new(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for who in 0..4 {
            let (lock, inside) = (&lock, &inside);
            scope.spawn(move || {
                for _ in 0..2_000 {
                    lock.acquire(who, &Wait::FOREVER).unwrap();
                    assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0);
                    inside.fetch_sub(1, Ordering::Relaxed);
                    lock.release().unwrap();
                }
            });
        }
    });
    assert_eq!(lock.holder(), None);
}

#[test]
fn waits_are_interrupted() {
    let (lock, event, interrupt) = (Lock::new(), Event::new(), Interrupt::new());
    assert!(lock.try_acquire(0));
    let wait = Wait::FOREVER.interruptible(&interrupt);
    thread::scope(|scope| {
        let waits = [
            scope.spawn(|| lock.acquire(1, &wait)),
            scope.spawn(|| event.wait(&wait)),
            scope.spawn(|| Semaphore::new(0).acquire(&wait)),
        ];
        thread::sleep(SOON);
        interrupt.raise();
        for wait in waits {
            assert_eq!(wait.join().unwrap(), Err(WaitError::Interrupted));
        }
    });
    event.set();
    assert_eq!(event.wait(&Wait::FOREVER), Ok(()));
    event.clear();
    assert_eq!((event.is_set(), event.wait(&soon())), (false, Err(WaitError::TimedOut)));
}

#[test]
fn semaphores() {
    let semaphore = Semaphore::bounded(2);
    assert!(semaphore.try_acquire() && semaphore.try_acquire() && !semaphore.try_acquire());
    assert!(!semaphore.release(3));
    thread::scope(|scope| {
        let takers = [0, 1].map(|_| scope.spawn(|| semaphore.acquire(&Wait::FOREVER)));
        assert!(semaphore.release(2));
        for taker in takers {
            taker.join().unwrap().unwrap();
        }
    });
    assert!(semaphore.release(2) && !semaphore.release(1));
    assert_eq!(semaphore.n_permits(), 2);
    assert!(!Semaphore::new(1).release(usize::MAX));
}

#[test]
fn conditions() {
    let (lock, condition) = (RLock::new(), Condition::new());
    assert_eq!(condition.wait(&lock, 1, &soon()), Err(NotHeld));
    assert!(lock.try_acquire(1) && lock.try_acquire(1));
    assert_eq!(condition.wait(&lock, 1, &soon()), Ok(Err(WaitError::TimedOut)));
    assert_eq!(lock.n_held(1), 2, "the lock is taken back as it was held");
    lock.abandon(1);
    assert_eq!(condition.notify_all(), 0);

    let (lock, n_ready) = (Lock::new(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for who in 1..4 {
            let (lock, condition, n_ready) = (&lock, &condition, &n_ready);
            scope.spawn(move || {
                lock.acquire(who, &Wait::FOREVER).unwrap();
                n_ready.fetch_add(1, Ordering::Relaxed);
                condition.wait(lock, who, &Wait::FOREVER).unwrap().unwrap();
                assert_eq!(lock.holder(), Some(who));
                lock.release().unwrap();
            });
        }
        while n_ready.load(Ordering::Relaxed) < 3 {
            thread::yield_now();
        }
        // Who holds the lock now knows that all have let it go to wait.
        lock.acquire(0, &Wait::FOREVER).unwrap();
        assert_eq!((condition.notify(1), condition.notify_all()), (1, 2));
        lock.release().unwrap();
    });
}

#[test]
fn barriers() {
    let barrier = Barrier::new(3);
    let pass = |n: usize| {
        thread::scope(|scope| {
            let all: Vec<_> = (0..n).map(|_| scope.spawn(|| barrier.wait(&Wait::timeout(SOON * 10)))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
        })
    };
    for _ in 0..20 {
        let mut places: Vec<_> = pass(3).into_iter().map(Result::unwrap).collect();
        places.sort_unstable();
        assert_eq!(places, [0, 1, 2]);
    }
    assert!(pass(2).into_iter().all(|result| result.is_err()));
    assert!(barrier.is_broken());
    assert_eq!(barrier.wait(&soon()), Err(BarrierError::Broken));
    barrier.reset();
    assert!(pass(3).into_iter().all(|result| result.is_ok()));
    thread::scope(|scope| {
        let one = scope.spawn(|| barrier.wait(&Wait::FOREVER));
        while barrier.n_waiting() == 0 {
            thread::yield_now();
        }
        barrier.reset();
        assert_eq!(one.join().unwrap(), Err(BarrierError::Broken));
        assert!(!barrier.is_broken());
        barrier.abort();
        assert!(barrier.is_broken());
    });
    assert_eq!(Barrier::new(0).wait(&Wait::FOREVER), Ok(0));
}

#[test]
fn integers() {
    let number = AtomicInt::new(i64::MAX - 1);
    assert_eq!((number.add(1), number.add(1), number.load()), (Some(i64::MAX - 1), None, i64::MAX));
    assert_eq!(number.swap(3), i64::MAX);
    assert_eq!((number.compare_and_set(3, 4), number.compare_and_set(3, 5)), (Ok(()), Err(4)));
    assert_eq!((number.update(|n| Some(n * 2)), number.load()), (Some(4), 8));
    number.store(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..1_000).filter_map(|_| number.add(1)).count());
        }
    });
    assert_eq!(number.load(), 3_000);
}
