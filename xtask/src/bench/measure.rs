//! The runtimes that are measured, one run of one program, and the progress display.

#![expect(unsafe_code, reason = "wait4 tells the peak memory of a child; std does not")]

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serpens_tests::process;

use crate::{Result, workspace};

/// How long one program may run.
const LIMIT: Duration = Duration::from_secs(300);

/// A runtime that is measured.
#[derive(Clone, Debug)]
pub struct Contestant {
    /// Its name in the reports.
    pub name: String,
    command: Vec<String>,
    peer: bool,
}

impl Contestant {
    /// Serpens, by its command.
    pub fn serpens(command: &str) -> Contestant {
        Contestant { name: "Serpens".into(), command: vec![command.into()], peer: false }
    }

    /// A peer, by its command and the arguments behind it.
    pub fn peer(name: &str, command: &str) -> Contestant {
        Contestant { name: name.into(), command: command.split_whitespace().map(String::from).collect(), peer: true }
    }

    /// The command, ready for arguments.
    pub fn command(&self) -> Command {
        let (program, arguments) = self.command.split_first().expect("a command has a program");
        let mut command = Command::new(program);
        command.args(arguments).current_dir(workspace::root());
        command.env("PYTHONDONTWRITEBYTECODE", "1").env_remove("PYTHONPATH");
        if self.peer {
            command.env("PYTHONPATH", workspace::root().join("tests/_peer"));
        }
        command
    }

    /// Runs a program to its end and gives its standard output and standard error, or what went wrong.
    pub fn run(&self, program: &Path, arguments: &[String]) -> std::result::Result<(String, String), String> {
        let mut command = self.command();
        command.arg(program).args(arguments);
        let finished = process::run(&mut command, b"", LIMIT).map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let errors = text(&finished.stderr);
        match finished.code() {
            Some(0) => Ok((text(&finished.stdout), errors)),
            Some(code) => Err(errors.lines().next_back().map_or_else(|| format!("exit code {code}"), String::from)),
            None => Err(format!("still running after {} s", LIMIT.as_secs())),
        }
    }

    /// Wall time and peak resident memory in bytes of one run of `-c pass`.
    pub fn start_up(&self) -> Result<(Duration, u64)> {
        let begun = Instant::now();
        let mut command = self.command();
        command.args(["-c", "pass"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn()?;
        let mut status = 0;
        // SAFETY: `rusage` is plain numbers, for which zeros are a value.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: both pointers are to live, writable values of the right types; the child is ours and not yet waited for.
        let waited = unsafe { libc::wait4(child.id().cast_signed(), &raw mut status, 0, &raw mut usage) };
        if waited < 0 || status != 0 {
            return Err(format!("{} -c pass fails", self.name).into());
        }
        // Linux counts ru_maxrss in KiB.
        Ok((begun.elapsed(), usage.ru_maxrss.unsigned_abs() * 1024))
    }
}

/// CPython 3.14: `$SERPENS_PEER_CPYTHON`, or `python3.14` on the path, or a peer beside the checkout.
pub fn find_cpython() -> Option<String> {
    if let Some(command) = std::env::var_os("SERPENS_PEER_CPYTHON") {
        return Some(command.to_string_lossy().into_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let beside = workspace::root().parent()?.join("shared/tools/py314");
    std::env::split_paths(&path)
        .map(|folder| folder.join("python3.14"))
        .chain([beside])
        .find(|command| command.is_file())
        .map(|command| command.display().to_string())
}

/// Says on standard error how far a suite has come: one line that is rewritten on a terminal, one a step elsewhere.
pub struct Progress {
    total: usize,
    done: usize,
    begun: Instant,
    terminal: bool,
}

impl Progress {
    /// A suite of `total` steps begins.
    pub fn new(total: usize) -> Progress {
        Progress { total, done: 0, begun: Instant::now(), terminal: std::io::stderr().is_terminal() }
    }

    /// The next step begins.
    pub fn step(&mut self, what: &str) {
        self.done += 1;
        let elapsed = self.begun.elapsed().as_secs();
        let line = format!("[{:>4}/{}] {elapsed:>4} s  {what}", self.done, self.total);
        let mut errors = std::io::stderr().lock();
        // Progress that cannot be shown is no reason to stop measuring.
        let _ = if self.terminal { write!(errors, "\r\x1b[K{line}") } else { writeln!(errors, "{line}") };
        let _ = errors.flush();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}
