//! Any text compiles or is a syntax error, and what compiles is well-formed: see `serpens_oracles::text`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| serpens_oracles::text::check(data));
