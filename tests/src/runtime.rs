//! The Python runtimes that programs are run by: the `serpens` command, or a peer to compare it with.
//!
//! What differs between runs but not between runtimes (paths, the command's own name) is replaced by fixed words before
//! anything is compared.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process::{self, Finished};

/// A command that runs Python programs as `python3` does.
#[derive(Clone, Debug)]
pub struct Runtime {
    /// What to execute.
    pub command: PathBuf,
    /// The names by which the command calls itself in its messages, longest first.
    own_names: Vec<String>,
    /// A folder of modules that only peers need.
    python_path: Option<PathBuf>,
}

/// What is compared between an expectation and a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Standard output, with the replacements made.
    pub stdout: String,
    /// Standard error, with the replacements made.
    pub stderr: String,
    /// The exit code; a negative number is the signal that ended the process.
    pub exit: i32,
}

/// One program to run.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// The arguments, the program's path among them.
    pub args: Vec<String>,
    /// Variables to set for the run.
    pub env: Vec<(String, String)>,
    /// What the program reads from its standard input.
    pub stdin: String,
}

impl Runtime {
    /// The `serpens` binary: `$SERPENS_BIN`, or the one that was built beside this test program.
    pub fn serpens() -> Result<Runtime, String> {
        let command = match std::env::var_os("SERPENS_BIN") {
            Some(path) => PathBuf::from(path),
            None => beside_this_program("serpens").ok_or("cannot tell where this program lies")?,
        };
        if !command.is_file() {
            return Err(format!("{} does not exist: build it with `cargo build -p serpens-cli`", command.display()));
        }
        Ok(Runtime { own_names: vec![command.display().to_string()], command, python_path: None })
    }

    /// A peer, by the path of its command.
    pub fn peer(command: impl Into<PathBuf>) -> Runtime {
        let command = command.into();
        let own_names = vec![command.display().to_string(), "/usr/bin/python3.14".into(), "python3.14".into()];
        let python_path = Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("_peer"));
        Runtime { command, own_names, python_path }
    }

    /// A command that runs in `directory`, with an environment in which no variable steers Python unseen.
    pub fn command(&self, directory: &Path) -> Command {
        let mut command = Command::new(&self.command);
        command.current_dir(directory);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PYTHON") {
                command.env_remove(name);
            }
        }
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1").env("TERM", "dumb");
        if let Some(folder) = &self.python_path {
            command.env("PYTHONPATH", folder);
        }
        command
    }

    /// Runs one program in `directory` and gives what it did in comparable form, or why there is no outcome.
    pub fn run(
        &self,
        directory: &Path,
        invocation: &Invocation,
        limit: Duration,
    ) -> io::Result<Result<Outcome, String>> {
        let mut command = self.command(directory);
        command.args(&invocation.args).envs(invocation.env.iter().map(|(name, value)| (name, value)));
        let finished = process::run(&mut command, invocation.stdin.as_bytes(), limit)?;
        Ok(match finished.code() {
            Some(exit) => Ok(self.outcome(directory, &finished, exit)),
            None => Err(format!("still running after {} s", limit.as_secs())),
        })
    }

    fn outcome(&self, directory: &Path, finished: &Finished, exit: i32) -> Outcome {
        let tidy = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).replace(&directory.display().to_string(), "$DIR");
            let text = without_addresses(&text);
            self.own_names.iter().fold(text, |text, name| replace_own_name(&text, name))
        };
        Outcome { stdout: tidy(&finished.stdout), stderr: tidy(&finished.stderr), exit }
    }
}

/// Replaces the command's name where it speaks of itself: at the start of a message, and in a usage line.
fn replace_own_name(text: &str, name: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        if let Some(rest) = line.strip_prefix(name)
            && rest.starts_with(':')
        {
            return format!("python{rest}");
        }
        line.replace(&format!("usage: {name} "), "usage: python ").replace(&format!("`{name} -h'"), "`python -h'")
    });
    lines.collect()
}

/// The text with what stands behind ` at 0x`, which differs from run to run, replaced by dots.
fn without_addresses(text: &str) -> String {
    const BEFORE: &str = " at 0x";
    let mut parts = text.split(BEFORE);
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        out.push_str(BEFORE);
        out.push_str("...");
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    out
}

/// `target/PROFILE/NAME`, seen from `target/PROFILE/deps/this-program`.
fn beside_this_program(name: &str) -> Option<PathBuf> {
    let this = std::env::current_exe().ok()?;
    let folder = this.parent()?;
    let folder = if folder.ends_with("deps") { folder.parent()? } else { folder };
    Some(folder.join(name))
}
