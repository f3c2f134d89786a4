//! Python 3.14 source to Serpens bytecode.
//!
//! Reading order: [`options`], [`source`], [`error`]; `parse` (ruff's parser behind CPython's messages), `symtable` (who
//! owns each name), `emit` (instructions), `assembler` (labels, exception table). `fold` and `strings` compute constants.
//!
//! This crate knows nothing of Python objects or the machine that runs its output.

mod assembler;
mod compile;
mod decode;
mod diagnose;
mod emit;
pub mod error;
mod fold;
mod future;
mod limits;
pub mod options;
mod parse;
mod source;
mod strings;
mod symtable;
pub mod tokenizer;
pub mod tree;
mod unparse;
mod warnings;

pub use compile::{Compiled, compile, compile_tree, compile_with_warnings};
pub use decode::{Decoded, Origin, declared_wrongly, decode_source};
pub use error::{SyntaxError, SyntaxErrorKind, Warning};
pub use options::{Mode, Options};
pub use symtable::export::{Table, symbols};
