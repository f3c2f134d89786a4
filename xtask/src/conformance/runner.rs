//! Runs one test file in a process of its own and gathers what its methods did.
//!
//! The program in the process, `tests/conformance/run.py`, notes every method's start and outcome in a file. A process that dies or
//! stands still is marked at the method that was running, and started again for the methods that are left.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serpens_tests::process::kill_group;

use crate::{Result, workspace};

/// How often a file is started again after a crash.
const RESTARTS: usize = 30;

/// What a test method did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MethodOutcome {
    /// It passed.
    Pass,
    /// An assertion failed.
    Fail,
    /// An exception of another kind came out.
    Error,
    /// It skipped itself.
    Skip,
    /// It failed, as its author expects.
    ExpectedFailure,
    /// It passed, which its author does not expect.
    UnexpectedSuccess,
    /// The process died in it.
    Crash,
    /// It stood still until its time limit.
    Hang,
    /// The process ended before its turn came.
    NotRun,
}

impl MethodOutcome {
    /// The outcome's name.
    pub fn word(self) -> &'static str {
        match self {
            MethodOutcome::Pass => "pass",
            MethodOutcome::Fail => "fail",
            MethodOutcome::Error => "error",
            MethodOutcome::Skip => "skip",
            MethodOutcome::ExpectedFailure => "expected-failure",
            MethodOutcome::UnexpectedSuccess => "unexpected-success",
            MethodOutcome::Crash => "crash",
            MethodOutcome::Hang => "hang",
            MethodOutcome::NotRun => "not-run",
        }
    }

    /// Whether there is nothing to mend.
    pub fn is_good(self) -> bool {
        matches!(self, MethodOutcome::Pass | MethodOutcome::Skip | MethodOutcome::ExpectedFailure)
    }

    fn from_word(word: &str) -> Option<MethodOutcome> {
        let all = [
            MethodOutcome::Pass,
            MethodOutcome::Fail,
            MethodOutcome::Error,
            MethodOutcome::Skip,
            MethodOutcome::ExpectedFailure,
            MethodOutcome::UnexpectedSuccess,
        ];
        all.into_iter().find(|outcome| outcome.word() == word)
    }
}

/// What a file's methods did.
pub struct FileOutcome {
    /// From a method's full name to its outcome.
    pub methods: BTreeMap<String, MethodOutcome>,
    /// The same, counted.
    pub counts: Counts,
}

/// Methods by outcome.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    total: usize,
    passed: usize,
    failed: usize,
    errors: usize,
    skipped: usize,
    crashed: usize,
    hung: usize,
    not_run: usize,
}

impl Counts {
    /// The heading over [`Counts::line`].
    pub const HEADER: &str =
        "file                                             total passed failed errors skipped crashed hung not-run";

    fn of(methods: &BTreeMap<String, MethodOutcome>) -> Counts {
        let mut counts = Counts { total: methods.len(), ..Counts::default() };
        for outcome in methods.values() {
            *match outcome {
                MethodOutcome::Pass | MethodOutcome::ExpectedFailure => &mut counts.passed,
                MethodOutcome::Fail | MethodOutcome::UnexpectedSuccess => &mut counts.failed,
                MethodOutcome::Error => &mut counts.errors,
                MethodOutcome::Skip => &mut counts.skipped,
                MethodOutcome::Crash => &mut counts.crashed,
                MethodOutcome::Hang => &mut counts.hung,
                MethodOutcome::NotRun => &mut counts.not_run,
            } += 1;
        }
        counts
    }

    /// Adds another file's counts.
    pub fn add(&mut self, other: &Counts) {
        self.total += other.total;
        self.passed += other.passed;
        self.failed += other.failed;
        self.errors += other.errors;
        self.skipped += other.skipped;
        self.crashed += other.crashed;
        self.hung += other.hung;
        self.not_run += other.not_run;
    }

    /// One line of the table; the percentage is of the methods that did not skip themselves.
    pub fn line(&self, name: &str) -> String {
        let Counts { total, passed, failed, errors, skipped, crashed, hung, not_run } = self;
        let tried = (total - skipped).max(1);
        let percentage = *passed as f64 * 100.0 / tried as f64;
        format!(
            "{name:<48} {total:>5} {passed:>6} {failed:>6} {errors:>6} {skipped:>7} {crashed:>7} {hung:>4} {not_run:>7}  {percentage:.1} %"
        )
    }
}

/// Runs files on one runtime.
pub struct Runner {
    runtime: PathBuf,
    /// Where notes and logs go.
    pub folder: PathBuf,
    /// How long one file may take.
    pub limit: Duration,
    /// How long one method may take.
    pub method_limit: Duration,
}

/// How a process ended.
enum Ending {
    Exited(bool),
    StoodStill,
    OutOfTime,
}

impl Runner {
    /// A runner whose processes see CPython's suite as the package `test`, and nothing else of CPython's.
    pub fn new(runtime: PathBuf, suite: &Path) -> Result<Runner> {
        let folder = workspace::target().join("conformance");
        let path = folder.join("path");
        fs::create_dir_all(&path)?;
        fs::create_dir_all(folder.join("scratch"))?;
        let link = path.join("test");
        if link.is_symlink() {
            fs::remove_file(&link)?;
        }
        std::os::unix::fs::symlink(suite, &link)?;
        Ok(Runner { runtime, folder, limit: Duration::from_secs(300), method_limit: Duration::from_secs(60) })
    }

    /// Runs a file to its end, over as many processes as that takes.
    pub fn run(&self, name: &str) -> Result<FileOutcome> {
        let deadline = Instant::now() + self.limit;
        let notes = self.folder.join(format!("{name}.notes"));
        let log = self.folder.join(format!("{name}.log"));
        let log = File::create(log)?;
        let mut methods: BTreeMap<String, MethodOutcome> = BTreeMap::new();
        for _ in 0..=RESTARTS {
            fs::write(&notes, "")?;
            let done = methods
                .iter()
                .filter(|(_, outcome)| **outcome != MethodOutcome::NotRun)
                .map(|(method, _)| method.as_str());
            let ending = self.process(name, &notes, &log, done, deadline)?;
            let running = take_notes(&fs::read_to_string(&notes)?, &mut methods);
            match (ending, running) {
                (Ending::Exited(true), None) => break,
                (Ending::StoodStill, Some(method)) => methods.insert(method, MethodOutcome::Hang),
                (Ending::OutOfTime, Some(method)) => {
                    methods.insert(method, MethodOutcome::Hang);
                    break;
                }
                (Ending::Exited(_), Some(method)) => methods.insert(method, MethodOutcome::Crash),
                // It ended outside of any method: nothing can be left out to get further.
                (ending, None) => {
                    let outcome =
                        if matches!(ending, Ending::Exited(_)) { MethodOutcome::Crash } else { MethodOutcome::Hang };
                    methods.insert(format!("{name} (outside of its methods)"), outcome);
                    break;
                }
            };
        }
        let counts = Counts::of(&methods);
        Ok(FileOutcome { methods, counts })
    }

    fn process<'a>(
        &self,
        name: &str,
        notes: &Path,
        log: &File,
        done: impl Iterator<Item = &'a str>,
        deadline: Instant,
    ) -> Result<Ending> {
        let mut command = Command::new(&self.runtime);
        command
            .arg(workspace::root().join("tests/conformance/run.py"))
            .arg(format!("test.{name}"))
            .arg(notes)
            .args(done);
        command
            .current_dir(self.folder.join("scratch"))
            .env("PYTHONPATH", self.folder.join("path"))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log.try_clone()?).process_group(0);
        let mut child = command.spawn()?;
        let mut length = 0;
        let mut changed = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Ending::Exited(status.success()));
            }
            let now = Instant::now();
            let current = fs::metadata(notes)?.len();
            if current != length {
                (length, changed) = (current, now);
            }
            let out_of_time = now >= deadline;
            if out_of_time || now >= changed + self.method_limit {
                kill_group(child.id());
                child.wait()?;
                return Ok(if out_of_time { Ending::OutOfTime } else { Ending::StoodStill });
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Takes a process' notes into `methods` and gives the method that was running at its end.
fn take_notes(notes: &str, methods: &mut BTreeMap<String, MethodOutcome>) -> Option<String> {
    let mut running = None;
    for (word, method) in notes.lines().filter_map(|line| line.split_once(' ')) {
        match word {
            "list" => {
                methods.entry(method.into()).or_insert(MethodOutcome::NotRun);
            }
            "start" => running = Some(method.to_string()),
            word => {
                if let Some(outcome) = MethodOutcome::from_word(word) {
                    methods.insert(method.into(), outcome);
                    running = None;
                }
            }
        }
    }
    running
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_tell_what_was_running() {
        let mut methods = BTreeMap::new();
        let running = take_notes("list a\nlist b\nlist c\nstart a\npass a\nstart b\n", &mut methods);
        assert_eq!(running.as_deref(), Some("b"));
        assert_eq!(methods["a"], MethodOutcome::Pass);
        assert_eq!(methods["c"], MethodOutcome::NotRun);
    }
}
