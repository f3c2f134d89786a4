//! `cargo xtask build`: the `serpens` command; with `--dynamic` the one that imports native modules from dynamic libraries, and
//! the example of such a module.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use crate::{Result, workspace};

/// Says to this program that it stands for the compiler (`wrap`).
pub const WRAPPER: &str = "SERPENS_RUSTC_WRAPPER";

/// Builds the command and says where it lies.
pub fn main(args: &mut lexopt::Parser) -> Result {
    let mut profile = "debug";
    let mut dynamic = false;
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Long("release") => profile = "release",
            lexopt::Arg::Long("dynamic") => dynamic = true,
            _ => return Err(arg.unexpected().into()),
        }
    }
    let mut command = workspace::cargo();
    command.args(["build", "--package", "serpens-cli"]);
    if profile == "release" {
        command.arg("--release");
    }
    if dynamic {
        command.args(["--package", "serpens-dylib", "--package", "tally", "--features", "tally/dynamic"]);
        // Code that is optimised when it is linked cannot be shared.
        command.args(["--config", "profile.release.lto=false"]);
        command.env("RUSTC_WRAPPER", std::env::current_exe()?).env(WRAPPER, "1").env("SERPENS_SHARED", "1");
    }
    let good = workspace::succeeds(&mut command)?;
    if good && dynamic {
        let folder = workspace::target().join(profile);
        std::fs::create_dir_all(folder.join("modules"))?;
        std::fs::copy(folder.join("libtally.so"), folder.join("modules/tally.serpens.so"))?;
        println!("{}", folder.join("serpens-dynamic").display());
        println!("{}", folder.join("modules/tally.serpens.so").display());
    } else if good {
        println!("{}", workspace::serpens(profile).display());
    }
    Ok(workspace::exit_code(good))
}

/// Compiles as `RUSTC_WRAPPER`: the crate that becomes the shared library links the standard library dynamically.
pub fn wrap() -> Result {
    let mut args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let compiler = args.first().cloned().ok_or("no compiler")?;
    let shared = args.windows(2).any(|pair| pair[0] == "--crate-name" && pair[1] == "serpens_dylib");
    if shared {
        args.extend(["-C".into(), "prefer-dynamic".into()]);
    }
    let status = Command::new(compiler).args(&args[1..]).env_remove(WRAPPER).status()?;
    Ok(ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)))
}
