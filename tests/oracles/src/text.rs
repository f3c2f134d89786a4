//! Any text compiles or is a syntax error. What compiles passes the verifier, and is the same after it was bytes.

use crate::Input;
use serpens_bytecode::{serial, verify};
use serpens_compiler::{Mode, Options, compile};
use serpens_tests::generate;

/// Pieces of which texts are made: noise alone seldom gets past the tokenizer.
const PIECES: &[&str] = &[
    "if ",
    "else:",
    "while ",
    "for x in ",
    "def f(a, *b, c=1, **d):",
    "class C(B):",
    "return ",
    "yield ",
    "lambda x: ",
    "try:",
    "except E as e:",
    "finally:",
    "with a as b:",
    "match x:",
    "case [a, *b]:",
    "import a.b as c",
    "global x",
    "del x",
    "async ",
    "await ",
    "x",
    "y",
    "_",
    "0",
    "1_000",
    "1e5",
    "2j",
    "'a'",
    "f'{x!r:>{y}}'",
    "b'\\x00'",
    "\"\"\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ";",
    "=",
    ":=",
    "==",
    "<",
    "+",
    "-",
    "**",
    "@",
    "->",
    ".",
    "...",
    "not ",
    "and ",
    "or ",
    "is ",
    "in ",
    "\n",
    "\n    ",
    "\n        ",
    "\t",
    "\\\n",
    "# c",
    "é",
    "\u{0}",
    "type X[T] = ",
    "assert ",
    "raise ",
    "from . import *",
    "nonlocal x",
    "pass",
];

/// Checks one text.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    if input.byte().is_multiple_of(8) {
        return check_text(&String::from_utf8_lossy(data));
    }
    let mut text = String::new();
    while !input.is_empty() {
        text.push_str(PIECES[input.below(PIECES.len())]);
    }
    check_text(&text);
    if data.len() % 16 != 7 {
        // Generated programs depend on a hash of the input, of which a fuzzer learns nothing: a few are enough.
        return;
    }
    let seed = data.iter().fold(0_u64, |seed, b| seed.wrapping_mul(31).wrapping_add(u64::from(*b)));
    for program in [generate::expressions(seed), generate::statements(seed)] {
        assert!(compiles(&program, Mode::Exec), "a generated program does not compile:\n{program}");
    }
}

fn check_text(text: &str) {
    for mode in [Mode::Exec, Mode::Eval, Mode::Single] {
        compiles(text, mode);
    }
}

/// Whether it compiles.
fn compiles(text: &str, mode: Mode) -> bool {
    let options = Options { allow_incomplete: mode == Mode::Single, ..Options::default() };
    let Ok(code) = compile(text, "<fuzz>", mode, options) else { return false };
    if let Err(error) = verify::verify(&code) {
        panic!("the verifier refuses what the compiler emits: {error}\n{text}");
    }
    let bytes = serial::to_bytes(&code);
    match serial::from_bytes(&bytes) {
        Ok(again) => assert!(*again == *code, "code changes on its way through bytes:\n{text}"),
        Err(error) => panic!("bytes of good code are refused: {error:?}\n{text}"),
    }
    true
}
