//! Interpreters watched from outside: counters, stacks, and what subscribers of `tracing` are told.

use serpens::{Refused, Runtime, Stats};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

const LONG: Duration = Duration::from_secs(60);

fn until(mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + LONG;
    while !condition() {
        assert!(Instant::now() < end, "it takes too long");
        thread::yield_now();
    }
}

#[test]
fn memory_and_collections_are_counted() {
    let runtime = Runtime::new();
    let interpreter = runtime.create().unwrap();
    let fresh = interpreter.stats();
    assert_eq!(fresh.id, interpreter.id());
    assert_eq!((fresh.sent, fresh.received, fresh.collections), (0, 0, 0));
    interpreter.run("blocks = [bytes(1000) for _ in range(3000)]").unwrap();
    let full = interpreter.stats();
    assert!(full.bytes > fresh.bytes + 3_000_000 && full.objects >= fresh.objects + 3000, "{full:?}");
    interpreter.run("del blocks\nimport gc\ngc.collect()").unwrap();
    let empty = interpreter.stats();
    assert!(empty.bytes < full.bytes - 2_900_000 && empty.peak_bytes >= full.bytes, "{empty:?}");
    assert!(empty.collections > full.collections && empty.entries > full.entries, "{empty:?}");
    assert!(empty.run_time > Duration::ZERO && empty.threads == 0, "{empty:?}");
    // From inside, the numbers are of this moment.
    interpreter.with(|py| {
        let before = interpreter.stats();
        let kept = py.eval("bytearray(1_000_000)", None, None).unwrap();
        assert!(interpreter.stats().bytes > before.bytes + 1_000_000);
        drop(kept);
        assert_eq!(interpreter.stats().threads, 1);
    });
}

#[test]
fn a_running_program_is_seen_where_it_is() {
    let runtime = Runtime::new();
    let interpreter = runtime.create().unwrap();
    assert_eq!(interpreter.stacks(LONG), Ok(vec![]));
    let program = "def inner():\n    while True:\n        pass\ndef outer():\n    inner()\nouter()\n";
    thread::scope(|scope| {
        let running = scope.spawn(|| interpreter.run(program));
        let names = || {
            let stacks = interpreter.stacks(LONG).unwrap();
            stacks.first().map_or(vec![], |stack| stack.frames.iter().map(|f| f.function.clone()).collect::<Vec<_>>())
        };
        until(|| names() == ["<module>", "outer", "inner"]);
        let stacks = interpreter.stacks(LONG).unwrap();
        assert!(stacks.len() == 1 && stacks[0].is_main);
        assert!(matches!(stacks[0].frames[2].line, 2 | 3) && stacks[0].frames[1].line == 5, "{stacks:?}");
        // The program goes on, and its counters with it.
        let before = interpreter.stats();
        until(|| interpreter.stats().run_time > before.run_time + Duration::from_millis(5));
        assert!(interpreter.stats().hand_offs > 0, "it was asked to pause");
        interpreter.stopper().stop();
        assert!(running.join().unwrap().is_err());
    });
    assert_eq!(interpreter.stacks(LONG), Ok(vec![]));
}

#[test]
fn native_code_is_not_waited_for() {
    let runtime = Runtime::new();
    let interpreter = runtime.create().unwrap();
    let (entered, leave) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    thread::scope(|scope| {
        scope.spawn(|| {
            interpreter.with(|py| {
                entered.wait();
                leave.wait();
                py.detach(|| {
                    entered.wait();
                    leave.wait();
                });
            });
        });
        entered.wait();
        assert_eq!(interpreter.stacks(Duration::from_millis(5)), Err(Refused::TimedOut));
        let begin = Instant::now();
        let Stats { threads, .. } = interpreter.stats();
        assert!(threads == 1 && begin.elapsed() < LONG);
        leave.wait();
        // A thread that has left need not be asked.
        entered.wait();
        assert_eq!(interpreter.stacks(Duration::ZERO), Ok(vec![]));
        leave.wait();
    });
}

/// Events as texts: the message and the fields, by target.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<(String, BTreeMap<String, String>)>>>);

impl<S: Subscriber> Layer<S> for Recorder {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        struct Fields(BTreeMap<String, String>);
        impl Visit for Fields {
            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                self.0.insert(field.name().to_string(), format!("{value:?}"));
            }
        }
        let mut fields = Fields(BTreeMap::new());
        event.record(&mut fields);
        self.0.lock().unwrap().push((event.metadata().target().to_string(), fields.0));
    }
}

impl Recorder {
    /// The messages about an interpreter, with the value of one field each.
    fn about(&self, target: &str, id: i64, field: &str) -> Vec<String> {
        let all = self.0.lock().unwrap();
        let chosen = all.iter().filter(|(t, f)| t == target && f.get("interpreter") == Some(&id.to_string()));
        chosen.map(|(_, f)| format!("{} {}", f["message"], f.get(field).map_or("-", |v| v.as_str()))).collect()
    }
}

#[test]
fn subscribers_are_told() {
    let recorder = Recorder::default();
    let subscriber = tracing_subscriber::registry().with(recorder.clone());
    tracing::subscriber::with_default(subscriber, || {
        let runtime = Runtime::new();
        let interpreter = runtime.create().unwrap();
        let id = interpreter.id();
        interpreter
            .run(
                "import gc, colorsys\nfrom concurrent import interpreters\nqueue = interpreters.create_queue()\n\
                 queue.put(1)\nqueue.get()\ngc.collect()\n",
            )
            .unwrap();
        let inside = interpreter.stats();
        assert_eq!((inside.sent, inside.received), (1, 1));
        drop(interpreter);
        assert_eq!(recorder.about("serpens::interpreter", id, "-"), ["created -", "closed -"]);
        let imported = recorder.about("serpens::import", id, "module");
        assert!(imported.contains(&"imported \"colorsys\"".to_string()), "{imported:?}");
        assert_eq!(recorder.about("serpens::message", id, "through"), ["sent \"queue\"", "received \"queue\""]);
        assert!(!recorder.about("serpens::gc", id, "garbage").is_empty());
    });
}
