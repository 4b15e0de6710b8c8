//! Runs one of the programs: `threadwork-guides cookbook_1`.

#![forbid(unsafe_code)]

use std::{
    env,
    process::{ExitCode, Termination},
};

/// Runs a program.
type Run = fn() -> ExitCode;

mod programs {
    include!(concat!(env!("OUT_DIR"), "/programs.rs"));
}

/// Calls the `main` of a program.
fn run<R: Termination>(main: fn() -> R) -> ExitCode {
    main().report()
}

fn main() -> ExitCode {
    let name = env::args().nth(1).unwrap_or_default();
    let program = programs::PROGRAMS.iter().find(|(it, _)| *it == name);
    let (_, run) = program.unwrap_or_else(|| panic!("there is no program '{name}'"));
    run()
}
