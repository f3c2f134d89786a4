//! Runs every test program and every row of the command-line tables on the `serpens` command and compares what they do with
//! what they say they do.
//!
//! A program is a `.py` file under `tests/article`, `tests/lang` or `tests/programs`, except in folders whose names begin with `_` (modules that
//! programs import); the examples of `tests/isolation/*.md`, `docs/isolation.md` and `docs/sharing.md` are run too. A test on the list `known_failures.txt` must fail. The environment chooses another job:
//!
//! - `SERPENS_CHECK_PEER=COMMAND` runs everything on a CPython 3.14 instead, to check that the expectations are CPython's;
//! - `SERPENS_BLESS_PEER=COMMAND` writes what that CPython does into the files;
//! - `SERPENS_UPDATE_KNOWN_FAILURES=shrink` takes what passes off the list, `grow` adds what fails too.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use serpens_tests::cli_cases::{self, Case};
use serpens_tests::expectation;
use serpens_tests::known_failures::KnownFailures;
use serpens_tests::markdown;
use serpens_tests::runtime::{Invocation, Outcome, Runtime};

const CASE_LIMIT: Duration = Duration::from_secs(60);

/// One thing to run: where, how, and what is to come out.
struct Job {
    name: String,
    invocation: Invocation,
    expected: Outcome,
    limit: Duration,
    no_peer: bool,
}

/// Names with whether they passed, in the order in which they ended.
type Verdicts = Arc<Mutex<Vec<(String, bool)>>>;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let arguments = Arguments::from_args();
    if let Some(command) = std::env::var_os("SERPENS_BLESS_PEER") {
        bless(&folder, &Runtime::peer(command), arguments.filter.as_deref().unwrap_or(""))?;
        return Ok(ExitCode::SUCCESS);
    }
    let peer = std::env::var_os("SERPENS_CHECK_PEER").map(Runtime::peer);
    let list = folder.join("known_failures.txt");
    let known = if peer.is_some() { KnownFailures::default() } else { KnownFailures::read(&list)? };
    let mut jobs = jobs(&folder)?;
    if peer.is_some() {
        jobs.retain(|job| !job.no_peer);
    }
    if let Some(gone) = known.names().find(|name| !jobs.iter().any(|job| job.name == **name)) {
        return Err(format!("{} names a test that does not exist: {gone}", list.display()).into());
    }
    let runtime = match peer {
        Some(peer) => peer,
        None => Runtime::serpens()?,
    };
    let verdicts = Verdicts::default();
    let trials = jobs.into_iter().map(|job| trial(job, &folder, &runtime, &known, &verdicts)).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let Some(how) = std::env::var_os("SERPENS_UPDATE_KNOWN_FAILURES") {
        update_list(known, &list, &verdicts, how == "grow")?;
    }
    Ok(conclusion.exit_code())
}

fn trial(job: Job, folder: &Path, runtime: &Runtime, known: &KnownFailures, verdicts: &Verdicts) -> Trial {
    let reason = known.reason(&job.name).map(String::from);
    let (folder, runtime, verdicts) = (folder.to_path_buf(), runtime.clone(), Arc::clone(verdicts));
    Trial::test(job.name.clone(), move || {
        let result = run(&job, &folder, &runtime);
        verdicts.lock().expect("no test panics with the lock").push((job.name.clone(), result.is_ok()));
        match (result, reason) {
            (Ok(()), Some(reason)) => Err(Failed::from(format!(
                "passes, but known_failures.txt lists it ({reason}): `cargo xtask test --update-known-failures` takes it out"
            ))),
            (Err(_), Some(_)) => Ok(()),
            (result, None) => result.map_err(Failed::from),
        }
    })
}

fn run(job: &Job, folder: &Path, runtime: &Runtime) -> Result<(), String> {
    let outcome = runtime.run(folder, &job.invocation, job.limit).map_err(|error| format!("cannot run: {error}"))??;
    compare(&job.expected, &outcome)
}

fn compare(expected: &Outcome, got: &Outcome) -> Result<(), String> {
    if expected == got {
        return Ok(());
    }
    let mut report = String::new();
    if expected.exit != got.exit {
        report.push_str(&format!("exit code {} instead of {}\n", got.exit, expected.exit));
    }
    for (name, expected, got) in [("stdout", &expected.stdout, &got.stdout), ("stderr", &expected.stderr, &got.stderr)]
    {
        if expected != got {
            report.push_str(&first_difference(name, expected, got));
        }
    }
    Err(report)
}

/// The first line that differs, with a few lines of what came after it.
fn first_difference(name: &str, expected: &str, got: &str) -> String {
    let at = expected.lines().zip(got.lines()).take_while(|(a, b)| a == b).count();
    let excerpt = |text: &str| text.lines().skip(at).take(12).map(|line| format!("    {line}\n")).collect::<String>();
    format!("{name} differs from line {}:\n  expected\n{}  got\n{}", at + 1, excerpt(expected), excerpt(got))
}

/// Everything there is to run, sorted by name.
fn jobs(folder: &Path) -> Result<Vec<Job>, Box<dyn Error>> {
    let mut jobs = Vec::new();
    for (name, source) in programs(folder)? {
        let expectation = expectation::parse(&source).map_err(|error| format!("{name}: {error}"))?;
        let mut invocation = expectation.invocation;
        invocation.args.insert(0, name.clone());
        let no_peer = expectation.no_peer.is_some();
        jobs.push(Job { name, invocation, expected: expectation.outcome, limit: expectation.limit, no_peer });
    }
    for (name, text) in tables(folder)? {
        let (_, cases) = cli_cases::parse(&text).map_err(|error| format!("{name}: {error}"))?;
        for Case { name: row, invocation, outcome: expected, no_peer, .. } in cases {
            let name = format!("{name}: {row}");
            jobs.push(Job { name, invocation, expected, limit: CASE_LIMIT, no_peer: no_peer.is_some() });
        }
    }
    for (name, text) in documents(folder)? {
        let text_is_ours = name == OURS;
        for example in markdown::examples(&text) {
            let no_peer = text_is_ours || needs_ours(&example);
            let name = format!("{name}: {}", example.heading);
            jobs.push(Job {
                name,
                invocation: example.invocation(),
                expected: example.outcome(),
                limit: CASE_LIMIT,
                no_peer,
            });
        }
    }
    jobs.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(pair) = jobs.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(format!("two tests are named {:?}", pair[0].name).into());
    }
    Ok(jobs)
}

fn programs(folder: &Path) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let mut files = Vec::new();
    for part in ["article", "lang", "programs"] {
        files_below(&folder.join(part), "py", &mut files)?;
    }
    read_named(folder, files)
}

fn tables(folder: &Path) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let mut files = Vec::new();
    files_below(&folder.join("cli"), "cases", &mut files)?;
    read_named(folder, files)
}

/// The document whose examples CPython cannot run.
const OURS: &str = "docs/sharing.md";

/// Whether a program uses the module `interpreters`, of which CPython has the part in PEP 554 only.
fn needs_ours(example: &markdown::Example) -> bool {
    example.no_peer || example.program.lines().any(|line| line == "import interpreters")
}

/// The documents whose examples are run.
fn documents(folder: &Path) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let root = folder.parent().ok_or("the tests lie in the workspace")?;
    let mut files = vec![root.join("docs/isolation.md"), root.join(OURS)];
    files_below(&folder.join("isolation"), "md", &mut files)?;
    read_named(root, files)
}

fn files_below(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('_')) {
            continue;
        }
        if path.is_dir() {
            files_below(&path, extension, files)?;
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    Ok(())
}

/// Each file's path below `folder`, with its text.
fn read_named(folder: &Path, files: Vec<PathBuf>) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let mut read = Vec::new();
    for path in files {
        let bytes = fs::read(&path)?;
        let name = path.strip_prefix(folder)?.display().to_string();
        // Some programs are not UTF-8 on purpose; their expectations are.
        read.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(read)
}

/// Writes what the peer does into the files whose names contain `filter`.
fn bless(folder: &Path, peer: &Runtime, filter: &str) -> Result<(), Box<dyn Error>> {
    for (name, source) in programs(folder)?.into_iter().filter(|(name, _)| name.contains(filter)) {
        let expectation = expectation::parse(&source).map_err(|error| format!("{name}: {error}"))?;
        if expectation.no_peer.is_some() {
            continue;
        }
        let mut invocation = expectation.invocation;
        invocation.args.insert(0, name.clone());
        let outcome = peer.run(folder, &invocation, CASE_LIMIT)?.map_err(|error| format!("{name}: {error}"))?;
        let blessed = expectation::with_outcome(&source, &outcome);
        if blessed != source {
            println!(
                "{name}: {} after {:?}",
                if outcome.exit == 0 { "written" } else { "written, exit code" },
                outcome.exit
            );
            fs::write(folder.join(&name), blessed)?;
        }
    }
    for (name, text) in tables(folder)?.into_iter().filter(|(name, _)| name.contains(filter)) {
        let (preamble, mut cases) = cli_cases::parse(&text).map_err(|error| format!("{name}: {error}"))?;
        for case in cases.iter_mut().filter(|case| case.no_peer.is_none()) {
            case.outcome = peer.run(folder, &case.invocation, CASE_LIMIT)??;
        }
        let blessed = cli_cases::write(&preamble, &cases);
        if blessed != text {
            println!("{name}: written");
            fs::write(folder.join(&name), blessed)?;
        }
    }
    for (name, text) in documents(folder)?.into_iter().filter(|(name, _)| name.contains(filter) && name != OURS) {
        let mut outputs = Vec::new();
        for example in markdown::examples(&text) {
            if needs_ours(&example) {
                outputs.push(example.output);
                continue;
            }
            let outcome = peer.run(folder, &example.invocation(), CASE_LIMIT)??;
            if !outcome.stderr.is_empty() {
                println!("{name}: {}: {}", example.heading, outcome.stderr);
            }
            outputs.push(outcome.stdout);
        }
        fs::write(folder.join("..").join(&name), markdown::with_outputs(&text, &outputs))?;
    }
    Ok(())
}

fn update_list(mut known: KnownFailures, list: &Path, verdicts: &Verdicts, grow: bool) -> Result<(), Box<dyn Error>> {
    for (name, passed) in verdicts.lock().expect("no test panics with the lock").iter() {
        match passed {
            true => known.remove(name),
            false if grow => known.add(name, "not implemented yet"),
            false => {}
        }
    }
    known.write(list)?;
    Ok(())
}
