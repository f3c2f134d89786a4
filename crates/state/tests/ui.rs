//! Programs that must not compile, with the compiler's messages: see the facade's module `isolation`.

#[test]
fn what_must_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
