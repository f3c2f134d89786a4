//! Two threads share numbers and a map, and talk over a queue whose items know their sender.
//!
//! `cargo run -p serpens-share --example sharing`

use serpens_share::portable::Key;
use serpens_share::{Defaults, Portable, QueueRegistry, Received, SharedArray, SharedMap, UnboundOp, Wait};
use std::sync::Arc;
use std::thread;

/// The ids of two interpreters, were there any.
const MAIN: u64 = 0;
const WORKER: u64 = 1;

fn main() {
    let queues = QueueRegistry::new();
    let defaults = Defaults { unbound: UnboundOp::Unbound, fallback: 0 };
    let (tasks, results) = (queues.create(0, defaults), queues.create(0, defaults));
    let totals = SharedMap::new();

    thread::scope(|scope| {
        scope.spawn(|| {
            // Each task is an array: the worker sees the sender's memory, at the same address.
            while let Ok(Received::Value(Portable::Buffer(view))) = tasks.get(&Wait::FOREVER) {
                let Ok(array) = SharedArray::<f64>::of_view((*view).clone()) else {
                    continue;
                };
                let total: f64 = array.iter().sum();
                if let Ok(name) = Key::new(Portable::Str("total".into())) {
                    totals.insert(name, Portable::Float(total));
                }
                let _ = results.try_put(WORKER, Portable::Float(total), None);
            }
            let _ = results.try_put(WORKER, "a last word".into(), None);
        });

        let Ok(array) = SharedArray::from_slice(&[1.0, 2.0, 3.5]) else {
            return;
        };
        let _ = tasks.try_put(MAIN, Portable::Buffer(Arc::new(array.view().clone())), None);
        println!("result: {:?}", results.get(&Wait::FOREVER));
        let _ = tasks.try_put(MAIN, Portable::None, None);
    });

    // The worker is gone. What it has left behind is unbound from it.
    queues.clear_interpreter(WORKER);
    println!("left behind: {:?}", results.try_get());
    println!("totals: {:?}", totals.snapshot());
}
