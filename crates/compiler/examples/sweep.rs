//! Compiles every `.py` file under the given folders and says which fail.
//!
//! `cargo run -p serpens-compiler --example sweep -- FOLDER...`

use serpens_compiler::{Mode, Options, compile};
use std::path::Path;

fn visit(path: &Path, counts: &mut (u32, u32, usize)) {
    if path.is_dir() {
        let Ok(entries) = std::fs::read_dir(path) else { return };
        let mut entries: Vec<_> = entries.flatten().map(|e| e.path()).collect();
        entries.sort();
        entries.iter().for_each(|p| visit(p, counts));
    } else if path.extension().is_some_and(|e| e == "py") {
        let Ok(text) = std::fs::read_to_string(path) else { return };
        counts.0 += 1;
        counts.2 += text.len();
        let result =
            std::panic::catch_unwind(|| compile(&text, &path.display().to_string(), Mode::Exec, Options::default()));
        match result {
            Ok(Ok(code)) => {
                if let Err(e) = serpens_bytecode::verify::verify(&code) {
                    counts.1 += 1;
                    println!("{}: does not verify: {e}", path.display());
                }
                let bytes = serpens_bytecode::serial::to_bytes(&code);
                if serpens_bytecode::serial::from_trusted_bytes(&bytes).as_ref() != Ok(&code) {
                    counts.1 += 1;
                    println!("{}: does not survive serialisation", path.display());
                }
            }
            Ok(Err(e)) => {
                counts.1 += 1;
                println!("{}:{}:{}: {}", path.display(), e.line, e.col, e.message);
            }
            Err(_) => {
                counts.1 += 1;
                println!("{}: panicked", path.display());
            }
        }
    }
}

fn main() {
    let start = std::time::Instant::now();
    let mut counts = (0, 0, 0);
    for folder in std::env::args().skip(1) {
        visit(Path::new(&folder), &mut counts);
    }
    println!("{} files, {} bytes, {} failures, {:?}", counts.0, counts.2, counts.1, start.elapsed());
}
