//! Prints `docs/bytecode.md`.
//!
//! `cargo run -p serpens-bytecode --example document > docs/bytecode.md`

fn main() {
    print!("{}", serpens_bytecode::doc::markdown());
}
