//! What a compilation is asked for.

/// The start symbol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A module or script.
    Exec,
    /// One expression.
    Eval,
    /// One interactive statement, whose expressions are displayed.
    Single,
    /// The type of a function, as type comments wrote it. It has a tree and no code.
    FuncType,
}

/// Settings of a compilation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// 0; 1 drops assertions; 2 drops docstrings too.
    pub optimize: u8,
    /// `from __future__ import annotations` is in force.
    pub future_annotations: bool,
    /// `from __future__ import barry_as_FLUFL` is in force.
    pub barry_as_flufl: bool,
    /// `await` is allowed outside functions; the code object is then a coroutine's.
    pub top_level_await: bool,
    /// Source that ends too early is reported as [`crate::SyntaxErrorKind::Incomplete`].
    pub allow_incomplete: bool,
    /// The end of the source does not end the blocks of an interactive statement.
    pub keep_blocks: bool,
}
