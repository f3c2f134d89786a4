//! The runtime as one shared library.
//!
//! Programs link the runtime into themselves, and a native module that is compiled as a dynamic library would bring a copy of
//! its own: other types, other tables, other locks. A program and modules that both depend on this crate share one copy, in
//! `libserpens_dylib.so`, and only then can such a module be imported (`docs/native-modules.md`).
//!
//! There is nothing in it but the facade and the command.

pub use serpens;
pub use serpens_cli as cli;
