//! Round trips of an integer between two threads: this crate's channels beside crossbeam's.
//!
//! `cargo run --release -p serpens-share --example ping_pong`

use serpens_share::cross::{Channel, Queue, Received};
use serpens_share::{Defaults, Interrupt, Portable, UnboundOp, Wait, mpmc};
use std::thread;
use std::time::Instant;

const N: u32 = 200_000;
const DEFAULTS: Defaults = Defaults { unbound: UnboundOp::Unbound, fallback: 0 };

fn main() {
    for _ in 0..3 {
        let (there, here) = (crossbeam_channel::unbounded::<i64>(), crossbeam_channel::unbounded::<i64>());
        measure(
            "crossbeam, unbounded",
            |n| there.0.send(n).unwrap(),
            || there.1.recv().unwrap(),
            |n| here.0.send(n).unwrap(),
            || here.1.recv().unwrap(),
        );

        let (there, here) = (mpmc::unbounded::<i64>(), mpmc::unbounded::<i64>());
        measure(
            "mpmc, unbounded",
            |n| there.0.send(n).unwrap(),
            || there.1.recv().unwrap(),
            |n| here.0.send(n).unwrap(),
            || here.1.recv().unwrap(),
        );

        let (there, here) = (mpmc::bounded::<i64>(1), mpmc::bounded::<i64>(1));
        measure(
            "mpmc, room for one",
            |n| there.0.send(n).unwrap(),
            || there.1.recv().unwrap(),
            |n| here.0.send(n).unwrap(),
            || here.1.recv().unwrap(),
        );

        let interrupt = Interrupt::new();
        let wait = Wait::FOREVER.interruptible(&interrupt);
        let (there, here) = (Queue::new(1, 0, DEFAULTS), Queue::new(2, 0, DEFAULTS));
        measure(
            "Queue, interruptible",
            |n| there.try_put(1, Portable::Int(n), None).unwrap(),
            || int(there.get(&wait).unwrap()),
            |n| here.try_put(2, Portable::Int(n), None).unwrap(),
            || int(here.get(&wait).unwrap()),
        );

        let (there, here) = (Channel::new(1, DEFAULTS), Channel::new(2, DEFAULTS));
        measure(
            "Channel, interruptible",
            |n| there.send(1, Portable::Int(n), None).unwrap(),
            || int(there.recv(2, &wait).unwrap()),
            |n| here.send(2, Portable::Int(n), None).unwrap(),
            || int(here.recv(1, &wait).unwrap()),
        );
        println!();
    }
}

fn int(received: Received) -> i64 {
    match received {
        Received::Value(Portable::Int(value)) => value,
        other => panic!("expected an integer, got {other:?}"),
    }
}

fn measure(
    what: &str,
    send_there: impl Fn(i64) + Sync,
    recv_there: impl Fn() -> i64 + Sync,
    send_here: impl Fn(i64) + Sync,
    recv_here: impl Fn() -> i64 + Sync,
) {
    thread::scope(|scope| {
        scope.spawn(|| (0..N).for_each(|_| send_here(recv_there() + 1)));
        let start = Instant::now();
        let last = (0..N).fold(0, |n, _| {
            send_there(n);
            recv_here()
        });
        assert_eq!(last, i64::from(N));
        let ns = start.elapsed().as_nanos() as f64 / f64::from(N);
        println!("{what:24} {ns:8.0} ns a round trip");
    });
}
