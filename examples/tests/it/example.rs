//! Finds the examples and runs them.

use std::{
    env::{consts::EXE_SUFFIX, current_exe},
    path::PathBuf,
    process::Command,
};

use crate::{
    child::{Ended, run},
    ctime::check_is_now,
};

/// Runs an example to its end, in UTC.
#[track_caller]
pub(crate) fn run_example(name: &str, args: &[&str]) -> Ended {
    run(Command::new(example(name)).args(args).env("TZ", "UTC"))
}

/// Returns the executable file of an example.
#[track_caller]
pub(crate) fn example(name: &str) -> PathBuf {
    // The test is in `target/PROFILE/deps`.
    let test = current_exe().expect("the test has an executable file");
    let profile = test.ancestors().nth(2).expect("the executable is in a folder of the profile");
    let example = profile.join("examples").join(format!("{name}{EXE_SUFFIX}"));
    assert!(
        example.is_file(),
        "there is no {}; build the examples first: cargo build -p threadwork-examples --examples",
        example.display(),
    );
    example
}

/// Checks that the line is `before` and the current time.
#[track_caller]
pub(crate) fn check_line(line: &str, before: &str) {
    match line.strip_prefix(before) {
        Some(time) => check_is_now(time, 0),
        None => panic!("{line:?} does not begin with {before:?}"),
    }
}
