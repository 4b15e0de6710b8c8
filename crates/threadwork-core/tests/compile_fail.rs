//! What must not compile does not, and the compiler says what to do.

#[test]
fn mistakes_that_the_compiler_can_see_are_not_left_for_later() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compile_fail/*.rs");
    cases.pass("tests/compile_pass/*.rs");
}
