//! The module as a dynamic library: built, imported, and refused where it does not fit.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that the tests were built into.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    test.ancestors().nth(2).expect("it lies in target/PROFILE/deps").to_path_buf()
}

fn cargo(args: &[&str]) {
    let mut command = Command::new(env!("CARGO"));
    command.args(args).env("CARGO_TARGET_DIR", target().parent().expect("a profile lies in the target folder"));
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    assert!(command.status().expect("cargo runs").success(), "cargo {args:?}");
}

/// Runs a program with a folder on `sys.path`; standard output, or standard error if it failed.
fn run(command: &str, folder: &Path, program: &str) -> String {
    let mut command = Command::new(target().join(command));
    // Cargo shows tests where the shared library lies; a command that does not know it must not find it.
    command.args(["-B", "-c", program]).env("PYTHONPATH", folder).env_remove("LD_LIBRARY_PATH");
    let out = command.output().expect("the command runs");
    let text = if out.status.success() { out.stdout } else { out.stderr };
    String::from_utf8_lossy(&text).trim_end().to_string()
}

/// A fresh folder below the target folder.
fn folder(name: &str) -> PathBuf {
    let path = target().join("modules").join(name);
    drop(std::fs::remove_dir_all(&path));
    std::fs::create_dir_all(&path).expect("the target folder can be written");
    path
}

const IMPORT: &str = "
try:
    import NAME
except ImportError as error:
    print(error, error.name, error.path, sep='|')
";

const USE: &str = r#"
import importlib.machinery, importlib.util, sys
from concurrent import interpreters
program = open(PROGRAM).read()
for _ in range(2):
    interp = interpreters.create()
    interp.exec(program)
    interp.close()
exec(program)
assert tally.__file__ == tally.__spec__.origin and tally.__file__.endswith("tally.serpens.so")
assert importlib.machinery.EXTENSION_SUFFIXES == [".serpens.so"]
assert importlib.util.find_spec("tally").has_location and "tally" not in sys.builtin_module_names
# The same interpreter has one state, however the module comes.
loader = importlib.machinery.ExtensionFileLoader("tally", tally.__file__)
spec = importlib.util.spec_from_file_location("tally", tally.__file__, loader=loader)
again = importlib.util.module_from_spec(spec)
spec.loader.exec_module(again)
assert again is not tally and again.calls() == tally.calls() == 1
print("used")
"#;

#[test]
fn a_dynamic_library_is_imported_or_refused() {
    // With a copy of the runtime in it: without the feature.
    cargo(&["build", "--quiet", "--package", "tally", "--lib"]);
    let alone = folder("alone");
    std::fs::copy(target().join("libtally.so"), alone.join("tally.serpens.so")).expect("it was built");
    cargo(&["run", "--quiet", "--package", "xtask", "--", "build", "--dynamic"]);
    let modules = target().join("modules");

    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program.py");
    assert_eq!(run("serpens-dynamic", &modules, &USE.replace("PROGRAM", &format!("{program:?}"))), "used");

    let import = |command: &str, folder: &Path, name: &str| run(command, folder, &IMPORT.replace("NAME", name));
    let copy = import("serpens-dynamic", &alone, "tally");
    assert!(copy.contains("another copy of the runtime"), "{copy}");
    let fixed = import("serpens", &modules, "tally");
    assert!(fixed.contains("for programs linked against serpens-dylib"), "{fixed}");

    let odd = folder("odd");
    std::fs::copy(modules.join("tally.serpens.so"), odd.join("other.serpens.so")).expect("it was built");
    std::fs::write(odd.join("text.serpens.so"), "no library").expect("the folder can be written");
    let other = odd.join("other.serpens.so").display().to_string();
    assert_eq!(
        import("serpens-dynamic", &odd, "other"),
        format!("dynamic module does not define its entry (serpens_module_other)|other|{other}")
    );
    let text = import("serpens-dynamic", &odd, "text");
    assert!(text.contains("file too short") || text.contains("invalid ELF header"), "{text}");
}
