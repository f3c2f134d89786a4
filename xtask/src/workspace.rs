//! Where the workspace lies, and the commands that every task starts.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;

use crate::Result;

/// The folder of the workspace's `Cargo.toml`.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

/// The folder that cargo builds into.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The `serpens` command of a profile (`debug` or `release`).
pub fn serpens(profile: &str) -> PathBuf {
    target().join(profile).join("serpens")
}

/// `cargo`, in the workspace's root.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs a command whose success is all that matters.
pub fn succeeds(command: &mut Command) -> Result<bool> {
    Ok(command.status().map_err(|error| format!("cannot run {}: {error}", command.get_program().display()))?.success())
}

/// The exit code of a task that succeeded or not.
pub fn exit_code(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The workspace's packages, as `cargo metadata` gives them.
pub fn packages() -> Result<Vec<Value>> {
    let output = cargo().args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    Ok(metadata["packages"].as_array().cloned().unwrap_or_default())
}
