//! Two interpreters on two threads: each has its own `__main__` and its own lock, so neither waits for the other.
//!
//! `cargo run --release -p serpens-state --example isolated`

use serpens_state::runtime::Whence;
use serpens_state::{Config, Runtime, run};
use std::thread;
use std::time::Instant;

const SOURCE: &str = "
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
answer = fib(25)
";

fn main() {
    let runtime = Runtime::builder().build();
    // With a main interpreter all others end.
    runtime.without_main();
    let begin = Instant::now();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let interpreter = runtime.create(Config::ISOLATED, Whence::Capi);
                let attached = interpreter.attach().expect("an open interpreter");
                run::run_main_source(&attached, SOURCE, "<example>").expect("a program without errors");
                let main = run::main_dict(&attached).expect("a main module");
                let answer = attached.get_item(&main, &attached.str("answer")).expect("a global");
                println!("interpreter {}: {answer:?}", interpreter.id());
                drop((answer, main, attached));
                interpreter.close();
            });
        }
    });
    println!("both after {:?}", begin.elapsed());
}
