//! Programs that the generators of the differential tests write always compile.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serpens_compiler::{Mode, Options, compile};
use serpens_tests::generate;

fuzz_target!(|seed: u64| {
    for program in [generate::expressions(seed), generate::statements(seed)] {
        if let Err(error) = compile(&program, "<fuzz>", Mode::Exec, Options::default()) {
            panic!("{error:?}\n{program}");
        }
    }
});
