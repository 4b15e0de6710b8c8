//! Programs in processes of their own.

use std::{
    any::type_name,
    env,
    io::{BufRead, BufReader},
    process::{self, Command},
};

use crate::child::{Ended, run, run_with};

/// Set in the environment of a process that shall run the program, and not the test around it.
const VARIABLE: &str = "THREADWORK_TEST_PROGRAM";

/// Ends what the test harness prints.
const MARK: &str = "==== the program begins ====";

/// A program that has a process, with its subscriber and its standard output, for itself. At most one in each test.
pub(crate) struct Program {
    command: Command,
}

impl Program {
    /// In the test, the program; in the process that the test starts, this runs it and does not return.
    ///
    /// A panic of the program ends it with an error.
    pub(crate) fn new<F: FnOnce()>(program: F) -> Program {
        if env::var_os(VARIABLE).is_some() {
            println!("\n{MARK}");
            program();
            process::exit(0);
        }
        let mut command = Command::new(env::current_exe().expect("a test is a program"));
        command.args(["--exact", test_name::<F>(), "--nocapture", "--test-threads=1"]);
        command.env(VARIABLE, "").env("TZ", "UTC");
        Program { command }
    }

    /// The same program in another time zone than UTC.
    pub(crate) fn in_zone(mut self, zone: &str) -> Program {
        self.command.env("TZ", zone);
        self
    }

    /// Runs the program to its end.
    #[track_caller]
    pub(crate) fn run(mut self) -> Ended {
        let mut ended = run(&mut self.command);
        match ended.stdout.split_once(&format!("{MARK}\n")) {
            Some((_, output)) => ended.stdout = output.to_owned(),
            None => panic!("the program was not run: {ended:#?}"),
        }
        ended
    }

    /// Runs the program with a standard output that nobody reads, which is so from the end of its standard input on.
    #[track_caller]
    pub(crate) fn run_unread(mut self) -> Ended {
        run_with(&mut self.command, |stdin, stdout| {
            let mut lines = BufReader::new(stdout).lines();
            let begins = lines.any(|line| line.is_ok_and(|line| line == MARK));
            assert!(begins, "the program was not run");
            drop(lines);
            drop(stdin);
            String::new()
        })
    }
}

/// The test in which a closure is, as the test harness calls it.
fn test_name<F>() -> &'static str {
    let test = type_name::<F>().strip_suffix("::{{closure}}").expect("a closure in a test");
    test.split_once("::").expect("a test is in a crate").1
}
