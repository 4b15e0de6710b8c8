//! How programs end that use `threadwork::main`: programs with a `main` of their own, each in a process of its own.
//!
//! A test binary has the `main` of the test harness, so `trybuild` builds and runs [the programs](../exit), which check themselves.

#[test]
fn a_program_ends_as_its_threads_say() {
    let programs = trybuild::TestCases::new();
    programs.pass("tests/exit/programs.rs");
    programs.pass("tests/exit/timers.rs");
}
