//! A pool with limits: `cargo run --release -p serpens --example pool`.

use serpens::pool::{Task, TaskError};
use serpens::prelude::*;
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let runtime = Runtime::new();
    let pool = runtime
        .pool()
        .time_limit(Duration::from_millis(200))
        .memory_limit(32 << 20)
        .initializer(|py| py.run("import math\ndef area(r):\n    return math.pi * r * r", None, None))
        .build()?;

    let areas: Vec<_> = (1..=3).map(|r| pool.submit(Task::call("area").arg(r))).collect();
    for area in areas {
        println!("area: {:?}", area.join());
    }

    // What harms its task harms nobody else.
    for source in ["while True:\n    pass", "l = [0]\nwhile True:\n    l += l", "1 / 0"] {
        match pool.submit(Task::run(source)).join() {
            Err(TaskError::Raised(failure)) => println!("raised: {}: {}", failure.class, failure.message),
            other => println!("{other:?}"),
        }
    }
    let panicked = pool.spawn(|_| -> i64 { panic!("a bug in native code") }).join();
    println!("{panicked:?}");

    // A tenant's interpreter keeps what the tenant does in it.
    let visit = Task::run("import sys\nsys.visits = getattr(sys, 'visits', 0) + 1\nresult = sys.visits");
    for name in ["alice", "bob", "alice"] {
        println!("visits of {name}: {:?}", pool.submit(visit.clone().tenant(name)).join());
    }

    let n = 200_000;
    let begin = Instant::now();
    let handles: Vec<_> = (0..n).map(|_| pool.spawn(|_| ())).collect();
    for handle in handles {
        let _ = handle.join();
    }
    println!("{:.0} empty tasks a second", f64::from(n) / begin.elapsed().as_secs_f64());
    println!("{:?}", pool.metrics());
    Ok(())
}
