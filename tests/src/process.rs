//! Runs a command to its end or to a time limit, with its output captured.
//!
//! The command gets a process group of its own, so that what it started dies with it when the limit is reached.

use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How a process ended and what it wrote.
#[derive(Debug)]
pub struct Finished {
    /// `None` when the time limit was reached and the process was killed.
    pub status: Option<ExitStatus>,
    /// Everything written to standard output.
    pub stdout: Vec<u8>,
    /// Everything written to standard error.
    pub stderr: Vec<u8>,
    /// From start to end, by the wall clock.
    pub elapsed: Duration,
}

impl Finished {
    /// The exit code; the negative number of the signal that ended the process; `None` after the time limit.
    pub fn code(&self) -> Option<i32> {
        let status = self.status?;
        status.code().or_else(|| status.signal().map(|signal| -signal))
    }
}

/// Runs `command` with `stdin` as its standard input, for at most `limit`.
pub fn run(command: &mut Command, stdin: &[u8], limit: Duration) -> io::Result<Finished> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let begun = Instant::now();
    let mut child = command.spawn()?;
    let mut input = child.stdin.take();
    let mut output = child.stdout.take();
    let mut errors = child.stderr.take();
    thread::scope(|scope| {
        scope.spawn(move || {
            if let Some(pipe) = input.as_mut() {
                // A program that exits without reading its input breaks the pipe; that is not the test's business.
                let _ = pipe.write_all(stdin);
            }
        });
        let stdout = scope.spawn(move || read_all(output.as_mut()));
        let stderr = scope.spawn(move || read_all(errors.as_mut()));
        let status = wait(&mut child, begun + limit)?;
        let elapsed = begun.elapsed();
        let (stdout, stderr) = (stdout.join().unwrap_or_default(), stderr.join().unwrap_or_default());
        Ok(Finished { status, stdout, stderr, elapsed })
    })
}

fn read_all(pipe: Option<&mut impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // What was read before an error is still worth comparing.
        let _ = pipe.read_to_end(&mut bytes);
    }
    bytes
}

/// Waits for the child until `deadline`, then kills its process group.
fn wait(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_micros(200);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            kill_group(child.id());
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(5));
    }
}

/// Kills every process of the group that `leader` leads.
pub fn kill_group(leader: u32) {
    let group = format!("-{leader}");
    // The group may have ended by itself: nothing to report.
    let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
}
