//! Workers of any kind on one table: a channel of tasks, a lock, a map, an array under it, and a wait for the first of two things.
//!
//! `cargo run -p serpens-share --example coordination`

use serpens_share::portable::{Key, Lookup};
use serpens_share::prims::{AtomicInt, Barrier, Event, Lock};
use serpens_share::{Portable, SharedArray, SharedMap, Wait, bounded, select, unbounded};
use std::error::Error;
use std::thread;
use std::time::Duration;

const N_WORKERS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let (send_task, tasks) = bounded::<i64>(4);
    let (send_note, notes) = unbounded::<String>();
    let (lock, done, n_tasks) = (Lock::new(), Event::new(), AtomicInt::new(0));
    let together = Barrier::new(N_WORKERS);
    let squares = SharedMap::new();
    let sums = SharedArray::<i64>::zeros(&[N_WORKERS, 2])?;

    thread::scope(|scope| {
        for worker in 0..N_WORKERS {
            let (tasks, send_note) = (tasks.clone(), send_note.clone());
            let (lock, squares, sums, together, n_tasks) = (&lock, &squares, &sums, &together, &n_tasks);
            scope.spawn(move || {
                let _ = together.wait(&Wait::timeout(Duration::from_secs(1)));
                for n in tasks.iter() {
                    if let Ok(key) = Key::new(Portable::Int(n)) {
                        squares.insert(key, Portable::Int(n * n));
                    }
                    // Each element is atomic; the pair of them is not, but for who takes the lock.
                    if lock.acquire(worker as u64, &Wait::FOREVER).is_ok() {
                        let _ = sums.fetch_add(&[worker, 0], n);
                        let _ = sums.fetch_add(&[worker, 1], n * n);
                        let _ = lock.release();
                    }
                    n_tasks.add(1);
                }
                let _ = send_note.send(format!("worker {worker} ends"));
            });
        }
        for n in 1..=20 {
            let _ = send_task.send(n);
        }
        send_task.close();
        // The notes come when the channel of tasks is closed and empty.
        let ready = select(&[notes.source()], &Wait::timeout(Duration::from_secs(5)));
        println!("ready: {ready:?}");
        done.set();
    });

    println!("tasks: {}, notes: {}, done: {}", n_tasks.load(), notes.len(), done.is_set());
    let of_two = sums.iter().collect::<Vec<_>>();
    let (sum, of_squares) = of_two.chunks(2).fold((0, 0), |(a, b), pair| (a + pair[0], b + pair[1]));
    println!("sum: {sum}, of squares: {of_squares}, 12 squared: {:?}", squares.read(Lookup::Int(12), Portable::clone));
    println!("received: {}", notes.try_iter().count());
    println!("nothing more: {:?}", notes.recv_timeout(Duration::from_millis(5)));
    Ok(())
}
