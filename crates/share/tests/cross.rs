//! Queues and channels between interpreters.

use serpens_share::cross::{ChannelError, Received, Side, Status};
use serpens_share::{
    ChannelRegistry, Defaults, Interrupt, Portable, QueueRegistry, RecvError, RegistryError, SendFailure, UnboundOp,
    Wait, select,
};
use std::thread;
use std::time::{Duration, Instant};

const DEFAULTS: Defaults = Defaults { unbound: UnboundOp::Unbound, fallback: 1 };
const SOON: Duration = Duration::from_millis(20);

fn int(value: i64) -> Portable {
    Portable::Int(value)
}

fn got<E>(value: i64) -> Result<Received, E> {
    Ok(Received::Value(int(value)))
}

#[test]
fn queue_ids_and_references() {
    let queues = QueueRegistry::new();
    let first = queues.create(2, DEFAULTS);
    let second = queues.create(-10, DEFAULTS);
    assert_eq!((first.id(), second.id(), second.maxsize()), (1, 2, -10));
    assert_eq!(queues.release(1), Err(RegistryError::NeverBound(1)));
    queues.bind(1).unwrap();
    queues.bind(1).unwrap();
    queues.release(1).unwrap();
    assert!(queues.get(1).is_ok());
    queues.release(1).unwrap();
    assert_eq!(queues.get(1).err(), Some(RegistryError::NotFound(1)));
    assert_eq!(queues.destroy(1), Err(RegistryError::NotFound(1)));
    assert_eq!(first.try_get(), Err(RecvError::Closed));
    assert_eq!(queues.list().iter().map(|queue| queue.id()).collect::<Vec<_>>(), [2]);
    assert_eq!(queues.create(0, DEFAULTS).id(), 3);
}

#[test]
fn queue_bounds() {
    let queue = QueueRegistry::new().create(2, DEFAULTS);
    queue.try_put(0, int(1), None).unwrap();
    assert!(!queue.is_full());
    queue.try_put(0, int(2), None).unwrap();
    assert!(queue.is_full());
    let error = queue.try_put(0, int(3), None).unwrap_err();
    assert_eq!((error.failure, error.value), (SendFailure::Full, int(3)));
    let error = queue.put(0, int(3), None, &Wait::timeout(SOON)).unwrap_err();
    assert_eq!((error.failure, error.value), (SendFailure::TimedOut, int(3)));
    assert_eq!(queue.try_get(), got(1));
    assert_eq!(queue.try_get(), got(2));
    assert_eq!(queue.try_get(), Err(RecvError::Empty));
    let start = Instant::now();
    assert_eq!(queue.get(&Wait::timeout(SOON)), Err(RecvError::TimedOut));
    assert!(start.elapsed() >= SOON && start.elapsed() < Duration::from_secs(5));
}

#[test]
fn queue_unbinds() {
    let queues = QueueRegistry::new();
    let queue = queues.create(0, DEFAULTS);
    queue.try_put(7, int(1), None).unwrap();
    queue.try_put(7, int(2), Some(UnboundOp::Remove)).unwrap();
    queue.try_put(8, int(3), None).unwrap();
    queue.try_put(7, int(4), Some(UnboundOp::Error)).unwrap();
    queues.clear_interpreter(7);
    queues.clear_interpreter(7);
    assert_eq!(queue.len(), 3);
    assert_eq!(queue.try_get(), Ok(Received::Unbound(UnboundOp::Unbound)));
    assert_eq!(queue.try_get(), got(3));
    assert_eq!(queue.try_get(), Ok(Received::Unbound(UnboundOp::Error)));
    assert!(queue.is_empty());
}

#[test]
fn queue_unbinding_makes_room() {
    let queues = QueueRegistry::new();
    let queue = queues.create(1, DEFAULTS);
    queue.try_put(7, int(1), Some(UnboundOp::Remove)).unwrap();
    thread::scope(|scope| {
        let putter = scope.spawn(|| queue.put(8, int(2), None, &Wait::FOREVER));
        thread::sleep(SOON);
        queues.clear_interpreter(7);
        putter.join().unwrap().unwrap();
    });
    assert_eq!(queue.try_get(), got(2));
}

#[test]
fn queue_waits_end() {
    let queues = QueueRegistry::new();
    let queue = queues.create(0, DEFAULTS);
    let interrupt = Interrupt::new();
    thread::scope(|scope| {
        let interrupted = scope.spawn(|| queue.get(&Wait::FOREVER.interruptible(&interrupt)));
        let closed = scope.spawn(|| queue.get(&Wait::FOREVER));
        thread::sleep(SOON);
        interrupt.raise();
        assert_eq!(interrupted.join().unwrap(), Err(RecvError::Interrupted));
        queues.destroy(queue.id()).unwrap();
        assert_eq!(closed.join().unwrap(), Err(RecvError::Closed));
    });
    assert!(interrupt.lower());
    assert!(!interrupt.is_raised());
}

#[test]
fn channel_ends() {
    let channels = ChannelRegistry::new();
    let channel = channels.create(DEFAULTS);
    assert_eq!(channel.id(), 0);
    assert_eq!(channel.try_recv(1), Err(ChannelError::Empty));
    channel.send(0, int(1), None).unwrap();
    channel.send(2, int(2), None).unwrap();
    assert_eq!(channel.interpreters(Side::Send), Ok(vec![0, 2]));
    assert_eq!(channel.interpreters(Side::Recv), Ok(vec![1]));
    let info = channel.info();
    assert_eq!((info.status, info.count, info.n_send, info.n_recv), (Status::Open, 2, 2, 1));
    channel.release(0, Side::Send).unwrap();
    assert_eq!(channel.send(0, int(3), None), Err(ChannelError::Released));
    assert_eq!(channel.try_recv(1), got(1));
    channel.release(1, Side::Both).unwrap();
    assert_eq!(channel.try_recv(1), Err(ChannelError::Released));
    channel.release(2, Side::Send).unwrap();
    assert_eq!(channel.status(), Status::Closed, "the last one has left");
    assert_eq!(channel.try_recv(3), Err(ChannelError::Closed));
    assert_eq!(channel.release(3, Side::Both), Err(ChannelError::Closed));
}

#[test]
fn channel_closes() {
    let channels = ChannelRegistry::new();
    let channel = channels.create(DEFAULTS);
    channel.send(0, int(1), None).unwrap();
    assert_eq!(channel.close(Side::Both, false), Err(ChannelError::NotEmpty));
    assert_eq!(channel.close(Side::Recv, false), Err(ChannelError::NotEmpty));
    channel.close(Side::Send, false).unwrap();
    assert_eq!((channel.status(), channel.count()), (Status::Closing, Ok(1)));
    assert_eq!(channel.send(0, int(2), None), Err(ChannelError::Closed));
    assert_eq!(channel.close(Side::Send, false), Err(ChannelError::Closed));
    assert_eq!(channel.close(Side::Both, false), Err(ChannelError::NotEmpty));
    assert_eq!(channel.try_recv(0), got(1));
    assert_eq!(channel.status(), Status::Closed);
    assert_eq!(channel.count(), Err(ChannelError::Closed));
    assert_eq!(channel.close(Side::Both, true), Err(ChannelError::Closed));

    let channel = channels.create(DEFAULTS);
    channel.send(0, int(1), None).unwrap();
    channel.close(Side::Recv, true).unwrap();
    assert_eq!((channel.status(), channel.info().count), (Status::Closed, 0));
}

#[test]
fn channel_send_waits() {
    let channels = ChannelRegistry::new();
    let channel = channels.create(DEFAULTS);
    assert_eq!(channel.send_and_wait(0, int(1), None, &Wait::timeout(SOON)), Err(ChannelError::TimedOut));
    assert_eq!(channel.count(), Ok(0), "the item is withdrawn");
    let interrupt = Interrupt::new();
    thread::scope(|scope| {
        let sender = scope.spawn(|| channel.send_and_wait(0, int(2), None, &Wait::FOREVER));
        assert_eq!(channel.recv(1, &Wait::FOREVER), got(2));
        assert_eq!(sender.join().unwrap(), Ok(()));

        let sender = scope.spawn(|| channel.send_and_wait(0, int(3), None, &Wait::FOREVER.interruptible(&interrupt)));
        thread::sleep(SOON);
        interrupt.raise();
        assert_eq!(sender.join().unwrap(), Err(ChannelError::Interrupted));

        let sender = scope.spawn(|| channel.send_and_wait(0, int(4), None, &Wait::FOREVER));
        thread::sleep(SOON);
        channel.close(Side::Both, true).unwrap();
        assert_eq!(sender.join().unwrap(), Err(ChannelError::ClosedMeanwhile));
    });
}

#[test]
fn channel_loses_an_interpreter() {
    let channels = ChannelRegistry::new();
    let channel = channels.create(DEFAULTS);
    assert_eq!(channel.try_recv(0), Err(ChannelError::Empty));
    channel.send(1, int(1), Some(UnboundOp::Remove)).unwrap();
    channel.send(1, int(2), None).unwrap();
    channels.clear_interpreter(1);
    assert_eq!(channel.interpreters(Side::Send), Ok(vec![]));
    assert_eq!(channel.try_recv(0), Ok(Received::Unbound(UnboundOp::Unbound)));
    assert_eq!(channel.try_recv(0), Err(ChannelError::Empty));
    thread::scope(|scope| {
        let receiver = scope.spawn(|| channel.recv(0, &Wait::FOREVER));
        thread::sleep(SOON);
        channels.clear_interpreter(0);
        assert_eq!(receiver.join().unwrap(), Err(ChannelError::Closed));
    });
}

#[test]
fn select_over_both_kinds() {
    let (queues, channels) = (QueueRegistry::new(), ChannelRegistry::new());
    let (queue, channel) = (queues.create(1, DEFAULTS), channels.create(DEFAULTS));
    let sources = [queue.getting(), channel.receiving()];
    thread::scope(|scope| {
        let selector = scope.spawn(|| select(&sources, &Wait::FOREVER));
        thread::sleep(SOON);
        channel.send(0, int(1), None).unwrap();
        assert_eq!(selector.join().unwrap(), Ok(1));
    });
    queue.try_put(0, int(1), None).unwrap();
    assert_eq!(select(&sources, &Wait::FOREVER), Ok(0));
    assert!(select(&[queue.putting()], &Wait::timeout(SOON)).is_err());
}
