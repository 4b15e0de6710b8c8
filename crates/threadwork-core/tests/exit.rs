//! How programs end that use `threadwork::main`: programs with a `main` of their own, each in a process of its own.
//!
//! A test binary has the `main` of the test harness, so `trybuild` builds and runs [the programs](../exit/programs.rs), which check themselves.

#[test]
fn a_program_ends_as_its_threads_say() {
    trybuild::TestCases::new().pass("tests/exit/programs.rs");
}
