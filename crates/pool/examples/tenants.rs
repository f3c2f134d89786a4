//! Tenants of a service: each has an interpreter of its own, whose tasks run one after the other, on two threads in all.
//! `cargo run -p serpens-pool --example tenants`

use serpens_pool::{Pool, Task};
use serpens_state::Runtime;
use serpens_state::import::library::PREFIX;
use serpens_state::runtime::Settings;

fn main() -> std::io::Result<()> {
    let settings = Settings { path: vec![PREFIX.into()], ..Settings::default() };
    let runtime = Runtime::builder()
        .modules(&serpens_stdlib::modules())
        .library(serpens_stdlib::library())
        .settings(settings)
        .build();
    let pool = Pool::builder(&runtime).workers(2).memory_limit(16 << 20).build()?;

    let deposit = Task::run("import sys\nsys.balance = getattr(sys, 'balance', 0) + amount\nresult = sys.balance");
    let tasks: Vec<_> = (1..=6)
        .map(|n| {
            let name = ["ada", "grace", "joan"][n % 3];
            (name, pool.submit(deposit.clone().name("amount", n as i64).tenant(name)))
        })
        .collect();
    for (name, task) in tasks {
        println!("{name}: {:?}", task.join());
    }
    println!("{:?}", pool.metrics());
    Ok(())
}
