//! A Fibonacci server that is started and ended, and the client that asks it: the same client for every runtime.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use serpens_tests::process::kill_group;

use super::measure::Contestant;
use crate::{Result, workspace};

/// How long a request may take.
const LIMIT: Duration = Duration::from_secs(60);

/// A server that runs until it is dropped.
pub struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts `tests/article/fib_server_VERSION.py` and waits until it listens.
    pub fn start(contestant: &Contestant, version: &str) -> Result<Server> {
        let program = workspace::root().join(format!("tests/article/fib_server_{version}.py"));
        let mut command = contestant.command();
        command
            .arg(program)
            .arg("0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0);
        let mut child = command.spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        match line.trim().parse() {
            Ok(port) => Ok(Server { child, port }),
            Err(_) => {
                kill_group(child.id());
                child.wait()?;
                Err(format!("the server in {version} does not start").into())
            }
        }
    }

    fn connect(&self) -> Result<Client> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LIMIT))?;
        Ok(Client { stream })
    }

    /// Seconds until `clients` clients, who ask at the same time, all have fib(n).
    pub fn seconds(&self, clients: usize, n: u32) -> Result<f64> {
        let mut connected = Vec::new();
        for _ in 0..clients {
            let mut client = self.connect()?;
            client.ask(1)?;
            connected.push(client);
        }
        let begun = Instant::now();
        thread::scope(|scope| {
            let asking: Vec<_> =
                connected.iter_mut().map(|client| scope.spawn(move || client.ask(n).map_err(text))).collect();
            asking.into_iter().try_for_each(|asked| asked.join().map_err(|_| "a client panicked")?)
        })?;
        Ok(begun.elapsed().as_secs_f64())
    }

    /// Requests for fib(1) that `clients` clients together have answered in a second; `long` says whether another client has
    /// asked for one long fib before.
    pub fn requests_per_second(&self, clients: usize, long: bool, span: Duration) -> Result<f64> {
        let mut busy = None;
        if long {
            let mut client = self.connect()?;
            client.stream.write_all(b"42\n")?;
            // The long request is under way before the short ones begin.
            thread::sleep(Duration::from_millis(50));
            busy = Some(client);
        }
        let mut connected = Vec::new();
        for _ in 0..clients {
            let mut client = self.connect()?;
            client.ask(1)?;
            connected.push(client);
        }
        let barrier = Barrier::new(clients);
        let barrier = &barrier;
        let counts: std::result::Result<Vec<(u64, f64)>, String> = thread::scope(|scope| {
            let asking: Vec<_> = connected
                .iter_mut()
                .map(|client| scope.spawn(move || client.ask_for(span, barrier).map_err(text)))
                .collect();
            asking.into_iter().map(|asked| asked.join().map_err(|_| "a client panicked")?).collect()
        });
        drop(busy);
        Ok(counts?.into_iter().map(|(count, seconds)| count as f64 / seconds).sum())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        kill_group(self.child.id());
        // It was killed: how it ended is known.
        let _ = self.child.wait();
    }
}

struct Client {
    stream: TcpStream,
}

impl Client {
    /// Asks for fib(n) and waits for the answer.
    fn ask(&mut self, n: u32) -> Result<()> {
        self.stream.write_all(format!("{n}\n").as_bytes())?;
        let mut answer = [0; 64];
        let mut length = 0;
        while !answer[..length].ends_with(b"\n") {
            let read = self.stream.read(&mut answer[length..])?;
            if read == 0 {
                return Err("the server hung up".into());
            }
            length += read;
        }
        Ok(())
    }

    /// Asks for fib(1) again and again for a time; gives the number of answers and the seconds.
    fn ask_for(&mut self, span: Duration, barrier: &Barrier) -> Result<(u64, f64)> {
        barrier.wait();
        let begun = Instant::now();
        let mut count = 0;
        loop {
            self.ask(1)?;
            count += 1;
            let elapsed = begun.elapsed();
            if elapsed >= span {
                return Ok((count, elapsed.as_secs_f64()));
            }
        }
    }
}

/// An error in a form that can leave a thread.
fn text(error: Box<dyn std::error::Error>) -> String {
    error.to_string()
}
