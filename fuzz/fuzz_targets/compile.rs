//! Any text compiles or is a syntax error: the compiler neither panics nor hangs, and a syntax error's place lies in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serpens_compiler::{Mode, Options, compile};

fuzz_target!(|text: &str| {
    for mode in [Mode::Exec, Mode::Eval, Mode::Single] {
        let options = Options { allow_incomplete: mode == Mode::Single, ..Options::default() };
        // Either outcome is good; what is looked for is a panic.
        let _ = compile(text, "<fuzz>", mode, options);
    }
});
