//! Programs that must not compile, with the messages of the compiler.

#[test]
fn misuse_is_a_compile_error_with_a_helpful_message() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compile_fail/*.rs");
    cases.pass("tests/compile_pass/*.rs");
}
