//! The command line, as `python3` reads it: the first of `-c`, `-m`, a file or `-` ends the options.

use serpens_state::runtime::{HashChecks, Settings};
use std::env;
use std::ffi::OsString;

/// What is to be run.
pub enum Main {
    /// `-c`.
    Code(String),
    /// `-m`.
    Module(String),
    /// A file, or a folder or archive with `__main__.py`.
    File(String),
    /// Standard input.
    Stdin,
}

/// A program to run with its settings.
pub struct Run {
    /// What is to be run.
    pub main: Main,
    /// What interpreters start with.
    pub settings: Settings,
    /// `-x`: skip the first line.
    pub skip_first_line: bool,
}

/// What the command line asks for.
pub enum Command {
    /// Run a program.
    Run(Box<Run>),
    /// Print something and succeed.
    Print(String),
    /// Complain on the error stream and fail.
    Refuse(String),
}

const USAGE_HINT: &str = "Try `python -h' for more information.";

const HELP: &str = "\
usage: serpens [option] ... [-c cmd | -m mod | file | -] [arg] ...
Options (and corresponding environment variables):
-b     : issue warnings about converting bytes/bytearray to str and comparing
         bytes/bytearray with str or bytes with int; also PYTHONBYTESWARNING (-bb: issue errors)
-B     : don't write .pyc files on import; also PYTHONDONTWRITEBYTECODE=x
-c cmd : program passed in as string (terminates option list)
-d     : turn on parser debugging output (accepted, without effect)
-E     : ignore PYTHON* environment variables (such as PYTHONPATH)
-h     : print this help message and exit (also -? or --help)
-i     : inspect interactively after running script; also PYTHONINSPECT=x
-I     : isolate Python from the user's environment (implies -E and -s)
-m mod : run library module as a script (terminates option list)
-O     : remove assert and __debug__-dependent statements; also PYTHONOPTIMIZE=x
-OO    : do -O changes and also discard docstrings
-P     : don't prepend a potentially unsafe path to sys.path; also PYTHONSAFEPATH
-q     : don't print version and copyright messages on interactive startup
-s     : don't add user site directory to sys.path; also PYTHONNOUSERSITE=x
-S     : don't imply 'import site' on initialization
-u     : force the stdout and stderr streams to be unbuffered; also PYTHONUNBUFFERED=x
-v     : verbose (accepted, without effect)
-V     : print the Python version number and exit (also --version)
-W arg : warning control; arg is action:message:category:module:lineno; also PYTHONWARNINGS=arg
-x     : skip first line of source, allowing use of non-Unix forms of #!cmd
-X opt : set implementation-specific option (pycache_prefix=PATH; also PYTHONPYCACHEPREFIX)
--check-hash-based-pycs always|default|never:
         control how Python invalidates hash-based .pyc files
file   : program read from script file
-      : program read from stdin (default; interactive mode if a tty)
arg ...: arguments passed to program in sys.argv[1:]";

fn version() -> String {
    let (a, b, c) = serpens_state::sys::VERSION;
    format!("Python {a}.{b}.{c}")
}

fn text(arg: &OsString) -> String {
    arg.to_string_lossy().into_owned()
}

/// Reads the command line.
pub fn parse(args: impl Iterator<Item = OsString>) -> Command {
    let all: Vec<String> = args.map(|a| text(&a)).collect();
    let mut s = Settings { orig_argv: all.clone(), ..Settings::default() };
    s.executable = env::current_exe().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    let mut skip_first_line = false;
    let mut rest = all.into_iter().skip(1);
    let mut main = None;
    while main.is_none() {
        let Some(arg) = rest.next() else { break };
        if arg == "-" {
            main = Some((Main::Stdin, "-".to_string()));
            break;
        }
        if arg == "--" {
            main = rest.next().map(|file| (Main::File(file.clone()), file));
            break;
        }
        if let Some(long) = arg.strip_prefix("--") {
            match long {
                "help" => return Command::Print(HELP.into()),
                "version" => return Command::Print(version()),
                "check-hash-based-pycs" => {
                    let mode = rest.next().unwrap_or_default();
                    let all = [HashChecks::Default, HashChecks::Always, HashChecks::Never];
                    match all.into_iter().find(|c| c.name() == mode) {
                        Some(checks) => s.hash_checks = checks,
                        None => {
                            return unknown("--check-hash-based-pycs must be one of 'default', 'always', or 'never'");
                        }
                    }
                    continue;
                }
                "help-env" | "help-xoptions" | "help-all" => return Command::Print(HELP.into()),
                _ => return unknown(&format!("Unknown option: {arg}")),
            }
        }
        let Some(letters) = arg.strip_prefix('-') else {
            main = Some((Main::File(arg.clone()), arg));
            break;
        };
        let mut chars = letters.chars();
        while let Some(c) = chars.next() {
            let mut value = |name: char| -> Result<String, Command> {
                let tail: String = chars.by_ref().collect();
                if !tail.is_empty() {
                    return Ok(tail);
                }
                rest.next().ok_or_else(|| unknown(&format!("Argument expected for the -{name} option")))
            };
            match c {
                'c' => match value('c') {
                    Ok(code) => main = Some((Main::Code(code), "-c".into())),
                    Err(e) => return e,
                },
                'm' => match value('m') {
                    Ok(module) => main = Some((Main::Module(module), "-m".into())),
                    Err(e) => return e,
                },
                'W' => match value('W') {
                    Ok(w) => s.warn_options.push(w),
                    Err(e) => return e,
                },
                'X' => match value('X') {
                    Ok(x) => match x.split_once('=') {
                        Some((n, v)) => s.x_options.push((n.into(), Some(v.into()))),
                        None => s.x_options.push((x, None)),
                    },
                    Err(e) => return e,
                },
                'b' => s.bytes_warning += 1,
                'B' => s.dont_write_bytecode = true,
                'd' => s.debug += 1,
                'E' => s.ignore_environment = true,
                'h' | '?' => return Command::Print(HELP.into()),
                'i' => {
                    s.inspect = true;
                    s.interactive = true;
                }
                'I' => {
                    s.isolated = true;
                    s.ignore_environment = true;
                    s.no_user_site = true;
                    s.safe_path = true;
                }
                'O' => s.optimize = (s.optimize + 1).min(2),
                'P' => s.safe_path = true,
                'q' => s.quiet = true,
                'R' => {}
                's' => s.no_user_site = true,
                'S' => s.no_site = true,
                't' => {}
                'u' => s.unbuffered = true,
                'v' => s.verbose += 1,
                'V' => return Command::Print(version()),
                'x' => skip_first_line = true,
                _ => return unknown(&format!("Unknown option: -{c}")),
            }
        }
    }
    let (main, first) = main.unwrap_or((Main::Stdin, String::new()));
    s.argv = std::iter::once(first).chain(rest).collect();
    if !s.ignore_environment {
        environment(&mut s);
    }
    let prefix = s.x_options.iter().rfind(|(n, _)| n == "pycache_prefix").and_then(|(_, v)| v.clone());
    s.pycache_prefix = prefix.or(s.pycache_prefix).filter(|p| !p.is_empty());
    if s.x_options.iter().any(|(n, _)| n == "dev") {
        s.dev_mode = true;
    }
    path(&mut s, &main);
    Command::Run(Box::new(Run { main, settings: s, skip_first_line }))
}

fn unknown(message: &str) -> Command {
    let own = env::args().next().unwrap_or_else(|| "serpens".into());
    Command::Refuse(format!(
        "{message}\nusage: {own} [option] ... [-c cmd | -m mod | file | -] [arg] ...\n{USAGE_HINT}\n"
    ))
}

fn environment(s: &mut Settings) {
    let set = |name: &str| env::var(name).is_ok_and(|v| !v.is_empty());
    s.dont_write_bytecode |= set("PYTHONDONTWRITEBYTECODE");
    s.pycache_prefix = env::var("PYTHONPYCACHEPREFIX").ok();
    s.unbuffered |= set("PYTHONUNBUFFERED");
    s.no_user_site |= set("PYTHONNOUSERSITE");
    s.safe_path |= set("PYTHONSAFEPATH");
    if set("PYTHONINSPECT") {
        s.inspect = true;
    }
    if s.optimize == 0
        && let Ok(v) = env::var("PYTHONOPTIMIZE")
        && !v.is_empty()
    {
        s.optimize = v.parse().unwrap_or(1u8).min(2);
    }
    if let Ok(w) = env::var("PYTHONWARNINGS")
        && !w.is_empty()
    {
        let mut all: Vec<String> = w.split(',').map(str::to_string).collect();
        all.append(&mut s.warn_options);
        s.warn_options = all;
    }
    if let Ok(seed) = env::var("PYTHONHASHSEED")
        && seed != "random"
    {
        s.hash_seed = seed.parse().ok();
    }
    if let Ok(path) = env::var("PYTHONPATH") {
        s.path.extend(path.split(':').filter(|p| !p.is_empty()).map(str::to_string));
    }
}

/// Puts in front of `sys.path` the script's folder (`-c`, `-`: the empty string; `-m`: the current folder).
fn path(s: &mut Settings, main: &Main) {
    let front = match main {
        Main::File(file) => {
            let full = std::fs::canonicalize(file).unwrap_or_else(|_| file.into());
            if full.is_dir() {
                Some(full.to_string_lossy().into_owned())
            } else {
                Some(full.parent().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default())
            }
        }
        Main::Module(_) => env::current_dir().ok().map(|p| p.to_string_lossy().into_owned()),
        Main::Code(_) | Main::Stdin => Some(String::new()),
    };
    if let Some(front) = front.filter(|_| !s.safe_path) {
        s.path.insert(0, front);
    }
    s.path.push(serpens_state::import::library::PREFIX.to_string());
}
