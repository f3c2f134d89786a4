//! What the end-to-end tests and `xtask` share: running a process under a time limit, and the forms in which a test
//! program holds its expectation.
//!
//! It knows Serpens and its peers only as commands; nothing here links the runtime.

pub mod cli_cases;
pub mod expectation;
pub mod generate;
pub mod known_failures;
pub mod markdown;
pub mod process;
pub mod runtime;
