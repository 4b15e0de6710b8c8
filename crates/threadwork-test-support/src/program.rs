//! Programs that run in their own processes.

#[cfg(unix)]
#[expect(unsafe_code, reason = "it calls the C library")]
pub mod room;

use std::{
    any::type_name,
    env,
    ffi::OsStr,
    io::{BufRead, BufReader},
    process::{self, ChildStdin, ChildStdout, Command},
};

#[cfg(unix)]
use crate::child::with_errors;
use crate::child::{Ended, run, run_with};

/// Set in the environment of a process that runs the program instead of the test around it.
const VARIABLE: &str = "THREADWORK_TEST_PROGRAM";

/// Printed after the output of the test harness, before the program's.
const MARK: &str = "==== the program begins ====";

/// A program that has its own process, with its own subscriber and standard output. At most one in each test.
#[derive(Debug)]
pub struct Program {
    command: Command,
}

impl Program {
    /// Returns the program in the test. In the process that the test starts, runs the program and does not return.
    ///
    /// A panic of the program ends its process with an error.
    pub fn new<F: FnOnce()>(program: F) -> Program {
        if env::var_os(VARIABLE).is_some() {
            println!("\n{MARK}");
            program();
            process::exit(0);
        }
        let mut command =
            Command::new(env::current_exe().expect("the test has an executable file"));
        command.args(["--exact", test_name::<F>(), "--nocapture", "--test-threads=1"]);
        // A backtrace takes long on a busy machine, and some programs have a short time limit.
        command.env(VARIABLE, "").env("TZ", "UTC").env("RUST_BACKTRACE", "0");
        Program { command }
    }

    /// Returns the same program, for another run.
    pub fn again(&self) -> Program {
        let mut command = Command::new(self.command.get_program());
        command.args(self.command.get_args());
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Program { command }
    }

    /// Sets a time zone other than UTC.
    pub fn in_zone(self, zone: &str) -> Program {
        self.with("TZ", zone)
    }

    /// Sets a variable in the environment of the program.
    pub fn with(mut self, variable: &str, value: impl AsRef<OsStr>) -> Program {
        self.command.env(variable, value);
        self
    }

    /// Runs the program to its end.
    #[track_caller]
    pub fn run(mut self) -> Ended {
        let mut ended = run(&mut self.command);
        match ended.stdout.split_once(&format!("{MARK}\n")) {
            Some((_, output)) => ended.stdout = output.to_owned(),
            None => panic!("the program was not run: {ended:#?}"),
        }
        ended
    }

    /// Runs the program with standard error redirected to standard output. `talk` reads the lines of both,
    /// and may write to the program's standard input.
    #[cfg(unix)]
    #[track_caller]
    pub fn talk(
        self,
        talk: impl FnOnce(ChildStdin, &mut dyn Iterator<Item = String>) + Send + 'static,
    ) -> Ended {
        run_with(&mut with_errors(&self.command), |stdin, stdout| {
            let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
            assert!(lines.any(|line| line == MARK), "the program was not run");
            talk(stdin, &mut lines);
            lines.map(|line| line + "\n").collect()
        })
    }

    /// Runs the program, and closes the reading end of its standard output. After that its standard input ends.
    #[track_caller]
    pub fn run_unread(mut self) -> Ended {
        run_with(&mut self.command, stop_reading)
    }

    /// As [`run_unread`](Self::run_unread), but with standard error closed too.
    #[cfg(unix)]
    #[track_caller]
    pub fn run_all_unread(self) -> Ended {
        run_with(&mut with_errors(&self.command), stop_reading)
    }
}

fn stop_reading(stdin: ChildStdin, stdout: ChildStdout) -> String {
    let mut lines = BufReader::new(stdout).lines();
    let begins = lines.any(|line| line.is_ok_and(|line| line == MARK));
    assert!(begins, "the program was not run");
    drop(lines);
    drop(stdin);
    String::new()
}

/// Returns the test harness's name of the test that contains the closure.
fn test_name<F>() -> &'static str {
    let test = type_name::<F>().strip_suffix("::{{closure}}").expect("a closure in a test");
    test.split_once("::").expect("a test is in a crate").1
}
