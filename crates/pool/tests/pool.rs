//! The pool as Rust programs use it: results, failures, limits, tenants, shutdown.

use serpens_pool::{Isolation, Pool, Task, TaskError};
use serpens_share::Portable;
use serpens_state::Runtime;
use serpens_state::import::library::PREFIX;
use serpens_state::runtime::Settings;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

fn runtime() -> Arc<Runtime> {
    let settings = Settings { path: vec![PREFIX.into()], ..Settings::default() };
    Runtime::builder().modules(&serpens_stdlib::modules()).library(serpens_stdlib::library()).settings(settings).build()
}

fn class_of(error: TaskError) -> String {
    match error {
        TaskError::Raised(failure) => failure.class,
        other => panic!("{other:?}"),
    }
}

#[test]
fn tasks_have_results() {
    let pool = Pool::builder(&runtime()).workers(2).build().unwrap();
    let run = Task::run("result = [n * n for n in range(3)][-1] + extra").name("extra", 10);
    assert_eq!(pool.submit(run).join(), Ok(Portable::Int(14)));
    assert_eq!(pool.submit(Task::eval("'a' * n").name("n", 3)).join(), Ok(Portable::from("aaa")));
    assert_eq!(pool.submit(Task::call("math:floor").arg(2.5)).join(), Ok(Portable::Int(2)));
    assert_eq!(class_of(pool.submit(Task::eval("nope")).join().unwrap_err()), "NameError");
    assert_eq!(
        class_of(pool.submit(Task::eval("[]")).join().unwrap_err()),
        "concurrent.interpreters.NotShareableError"
    );
    let handles: Vec<_> = (0..1_000_u64).map(|i| pool.spawn(move |_| i)).collect();
    assert_eq!(handles.into_iter().map(|h| h.join().unwrap()).sum::<u64>(), 499_500);
    pool.shutdown();
    let metrics = pool.metrics();
    assert_eq!((metrics.submitted, metrics.completed, metrics.failed), (1_005, 1_003, 2));
    assert!(metrics.interpreters <= 2);
}

#[test]
fn a_handle_is_a_future() {
    let pool = Pool::builder(&runtime()).workers(1).build().unwrap();
    let (start, wait) = mpsc::channel::<()>();
    let mut handle = std::pin::pin!(pool.spawn(move |_| wait.recv().is_ok()));
    let mut context = Context::from_waker(Waker::noop());
    assert!(handle.as_mut().poll(&mut context).is_pending());
    start.send(()).unwrap();
    let begin = Instant::now();
    loop {
        match handle.as_mut().poll(&mut context) {
            Poll::Ready(result) => break assert_eq!(result, Ok(true)),
            Poll::Pending => assert!(begin.elapsed() < Duration::from_secs(30)),
        }
        std::thread::yield_now();
    }
}

#[test]
fn running_tasks_are_stopped() {
    let pool = Pool::builder(&runtime()).workers(1).time_limit(Duration::from_millis(100)).build().unwrap();
    let endless = Task::run("while True:\n    try:\n        while True: pass\n    except BaseException: pass");
    assert_eq!(pool.submit(endless.clone()).join(), Err(TaskError::TimedOut));
    // A task has its own limit, and the next one is not touched by the last one's.
    let patient = endless.time_limit(Duration::from_secs(600));
    let handle = pool.submit(patient);
    while !handle.is_running() {
        std::thread::yield_now();
    }
    assert!(handle.cancel());
    assert_eq!(handle.join(), Err(TaskError::Cancelled));
    assert_eq!(pool.submit(Task::eval("1 + 1")).join(), Ok(Portable::Int(2)));
    assert_eq!(pool.metrics().interpreters, 1);
}

#[test]
fn queued_tasks_are_cancelled() {
    let pool = Pool::builder(&runtime()).workers(1).build().unwrap();
    let (start, wait) = mpsc::channel::<()>();
    let first = pool.spawn(move |_| wait.recv().is_ok());
    while !first.is_running() {
        std::thread::yield_now();
    }
    let (second, third) = (pool.spawn(|_| 2), pool.spawn(|_| 3));
    assert!(second.cancel() && !second.cancel());
    start.send(()).unwrap();
    assert_eq!((first.join(), second.join(), third.join()), (Ok(true), Err(TaskError::Cancelled), Ok(3)));
}

#[test]
fn panics_are_contained() {
    let pool = Pool::builder(&runtime()).workers(1).build().unwrap();
    pool.submit(Task::run("import sys\nsys.mark = 1")).join().unwrap();
    let panicked = pool.spawn(|py| {
        py.eval("[1, 2, 3]", None, None).unwrap();
        if py.memory() > 0 {
            panic!("a bug");
        }
    });
    assert_eq!(panicked.join(), Err(TaskError::Panicked("a bug".into())));
    // The interpreter was thrown away.
    assert_eq!(pool.submit(Task::eval("hasattr(__import__('sys'), 'mark')")).join(), Ok(Portable::Bool(false)));
    let metrics = pool.metrics();
    assert_eq!((metrics.broken, metrics.interpreters), (1, 2));
}

#[test]
fn memory_is_limited() {
    let pool = Pool::builder(&runtime()).workers(1).memory_limit(16 << 20).build().unwrap();
    let greedy = pool.submit(Task::run("l = []\nwhile True: l.append(str(len(l)))"));
    assert_eq!(class_of(greedy.join().unwrap_err()), "MemoryError");
    assert_eq!(pool.submit(Task::eval("len('still here')")).join(), Ok(Portable::Int(10)));
}

#[test]
fn fresh_interpreters_keep_nothing() {
    let pool = Pool::builder(&runtime()).workers(2).isolation(Isolation::Task).build().unwrap();
    let count = Task::run("import sys\nsys.n = getattr(sys, 'n', 0) + 1\nresult = sys.n");
    for _ in 0..5 {
        assert_eq!(pool.submit(count.clone()).join(), Ok(Portable::Int(1)));
    }
    assert_eq!(pool.metrics().interpreters, 5);
}

/// Waits until nobody runs anything.
fn settle(pool: &Pool) {
    while pool.metrics().sleeping < pool.metrics().workers {
        std::thread::yield_now();
    }
}

#[test]
fn tenants_have_interpreters_of_their_own() {
    let pool = Pool::builder(&runtime()).workers(2).tenants_kept(2).build().unwrap();
    let count = Task::run("import sys\nsys.n = getattr(sys, 'n', 0) + 1\nresult = sys.n");
    let handles: Vec<_> =
        (0..200).map(|i| pool.submit(count.clone().tenant(if i % 2 == 0 { "even" } else { "odd" }))).collect();
    let results: Vec<_> = handles.into_iter().map(|h| h.join().unwrap()).collect();
    // One after the other, in order.
    let expected: Vec<_> = (0..200).map(|i| Portable::Int(i / 2 + 1)).collect();
    assert_eq!(results, expected);
    settle(&pool);
    // A third one takes the place of the one that was idle longest.
    assert_eq!(pool.submit(count.clone().tenant("third")).join(), Ok(Portable::Int(1)));
    settle(&pool);
    assert_eq!(pool.submit(count.clone().tenant("odd")).join(), Ok(Portable::Int(101)));
    settle(&pool);
    assert_eq!(pool.submit(count.tenant("even")).join(), Ok(Portable::Int(1)));
    assert_eq!(
        pool.spawn_for("odd", |py| py.import("sys").unwrap().getattr("n").unwrap().extract::<i64>().unwrap()).join(),
        Ok(101)
    );
}

#[test]
fn an_initializer_prepares_or_breaks() {
    let pool = Pool::builder(&runtime()).workers(1).initializer(|py| py.run("ready = 7", None, None)).build().unwrap();
    let ready = pool.spawn(|py| py.eval("ready", None, None).unwrap().extract::<i64>().unwrap());
    assert_eq!(ready.join(), Ok(7));
    let pool = Pool::builder(&runtime()).workers(1).initializer(|py| py.run("1 / 0", None, None)).build().unwrap();
    match pool.submit(Task::eval("1")).join() {
        Err(TaskError::Broken(text)) => assert!(text.ends_with("ZeroDivisionError: division by zero\n"), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_shutdown_runs_what_is_queued() {
    let n_run = Arc::new(AtomicUsize::new(0));
    let pool = Pool::builder(&runtime()).workers(2).build().unwrap();
    let handles: Vec<_> = (0..100)
        .map(|_| {
            let n_run = n_run.clone();
            pool.spawn(move |_| n_run.fetch_add(1, Ordering::Relaxed))
        })
        .collect();
    pool.shutdown();
    assert_eq!(n_run.load(Ordering::Relaxed), 100);
    assert!(handles.iter().all(|h| h.is_finished()));
    assert_eq!(pool.submit(Task::eval("1")).join(), Err(TaskError::Closed));
}

#[test]
fn the_last_drop_waits() {
    let pool = Pool::builder(&runtime()).workers(2).build().unwrap();
    let handle = pool.submit(Task::run("n = 0\nwhile n < 100_000: n += 1\nresult = n"));
    drop(pool);
    assert!(handle.is_finished());
    assert_eq!(handle.join(), Ok(Portable::Int(100_000)));
}
