//! `cargo xtask fuzz differential`: random programs on Serpens and on a peer, and what differs between them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serpens_tests::generate;
use serpens_tests::process;

use crate::{Result, workspace};

/// How long one program may run.
const LIMIT: Duration = Duration::from_secs(20);

/// Differences after which it is enough.
const ENOUGH: usize = 60;

/// What to compare.
pub struct Plan {
    /// The command under test.
    pub serpens: PathBuf,
    /// The command to compare with.
    pub peer: String,
    /// The first seed.
    pub seed: u64,
    /// How long to go on.
    pub span: Duration,
}

/// Runs programs until the time is over; gives the number of differences.
pub fn run(plan: &Plan) -> Result<usize> {
    let folder = workspace::target().join("differential");
    std::fs::create_dir_all(&folder)?;
    let begun = Instant::now();
    let (mut differences, mut programs) = (0, 0);
    let mut seed = plan.seed;
    while begun.elapsed() < plan.span && differences < ENOUGH {
        let kinds = [("expressions", generate::expressions(seed)), ("statements", generate::statements(seed))];
        for (kind, program) in kinds {
            let path = folder.join(format!("{kind}_{seed}.py"));
            std::fs::write(&path, &program)?;
            let found = compare(plan, &path, &program)?;
            if found == 0 {
                std::fs::remove_file(&path)?;
            } else {
                println!("  {}", path.display());
            }
            differences += found;
            programs += 1;
        }
        seed += 1;
    }
    println!("{programs} programs, {differences} differences; the next seed is {seed}");
    Ok(differences)
}

/// Prints how the two differ on one program; gives the number of lines that do.
fn compare(plan: &Plan, path: &Path, program: &str) -> Result<usize> {
    let own = output(plan.serpens.as_os_str().as_ref(), path)?;
    let peer = output(Path::new(&plan.peer), path)?;
    if own == peer {
        return Ok(0);
    }
    let (own_lines, peer_lines): (Vec<&str>, Vec<&str>) = (own.lines().collect(), peer.lines().collect());
    let mut found = 0;
    for at in 0..own_lines.len().max(peer_lines.len()) {
        let (ours, theirs) =
            (own_lines.get(at).copied().unwrap_or("(nothing)"), peer_lines.get(at).copied().unwrap_or("(nothing)"));
        if ours == theirs {
            continue;
        }
        found += 1;
        if let Some(probe) = theirs.split(' ').next().and_then(|n| probe(program, n)) {
            println!("{probe}");
        }
        println!("    expected {}\n    got      {}", cut(theirs), cut(ours));
        if own_lines.len() != peer_lines.len() && found == 1 {
            println!("    ({} lines instead of {})", own_lines.len(), peer_lines.len());
            println!("    the last: {}", cut(own_lines.last().copied().unwrap_or_default()));
            break;
        }
    }
    Ok(found.max(1))
}

/// Everything a command wrote, and how it ended.
fn output(command: &Path, program: &Path) -> Result<String> {
    let mut command = std::process::Command::new(command);
    command.arg("-W").arg("ignore").arg(program);
    let finished = process::run(&mut command, b"", LIMIT)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(format!("{}{}exit {:?}\n", text(&finished.stdout), text(&finished.stderr), finished.code()))
}

/// The source of a numbered probe.
fn probe<'a>(program: &'a str, number: &str) -> Option<&'a str> {
    let begin = format!("probe({number}, lambda: ");
    program.lines().find_map(|line| line.strip_prefix(&begin)?.strip_suffix(')'))
}

fn cut(line: &str) -> String {
    line.chars().take(400).collect()
}
