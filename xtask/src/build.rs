//! `cargo xtask build`: the `serpens` command.

use crate::{Result, workspace};

/// Builds the command and says where it lies.
pub fn main(args: &mut lexopt::Parser) -> Result {
    let mut profile = "debug";
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Long("release") => profile = "release",
            _ => return Err(arg.unexpected().into()),
        }
    }
    let mut command = workspace::cargo();
    command.args(["build", "--package", "serpens-cli"]);
    if profile == "release" {
        command.arg("--release");
    }
    let good = workspace::succeeds(&mut command)?;
    if good {
        println!("{}", workspace::serpens(profile).display());
    }
    Ok(workspace::exit_code(good))
}
