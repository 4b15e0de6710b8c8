//! Programs in processes of their own.

use std::{
    any::type_name,
    env,
    ffi::OsStr,
    io::{BufRead, BufReader},
    process::{self, ChildStdin, ChildStdout, Command},
};

use crate::child::{Ended, run, run_with};

/// Set in the environment of a process that shall run the program, and not the test around it.
const VARIABLE: &str = "THREADWORK_TEST_PROGRAM";

/// Ends what the test harness prints.
const MARK: &str = "==== the program begins ====";

/// A program that has a process, with its subscriber and its standard output, for itself. At most one in each test.
#[derive(Debug)]
pub struct Program {
    command: Command,
}

impl Program {
    /// In the test, the program; in the process that the test starts, this runs it and does not return.
    ///
    /// A panic of the program ends it with an error.
    pub fn new<F: FnOnce()>(program: F) -> Program {
        if env::var_os(VARIABLE).is_some() {
            println!("\n{MARK}");
            program();
            process::exit(0);
        }
        let mut command = Command::new(env::current_exe().expect("a test is a program"));
        command.args(["--exact", test_name::<F>(), "--nocapture", "--test-threads=1"]);
        // A backtrace takes long on a busy machine, and some programs have little time for a panic.
        command.env(VARIABLE, "").env("TZ", "UTC").env("RUST_BACKTRACE", "0");
        Program { command }
    }

    /// The same program, to be run once more.
    pub fn again(&self) -> Program {
        let mut command = Command::new(self.command.get_program());
        command.args(self.command.get_args());
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Program { command }
    }

    /// The same program in another time zone than UTC.
    pub fn in_zone(self, zone: &str) -> Program {
        self.with("TZ", zone)
    }

    /// The same program with that in its environment.
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

    /// Runs the program, whose standard error goes where its standard output goes, line by line to `talk`,
    /// which may write to its standard input.
    #[cfg(unix)]
    #[track_caller]
    pub fn talk(
        self,
        talk: impl FnOnce(ChildStdin, &mut dyn Iterator<Item = String>) + Send + 'static,
    ) -> Ended {
        run_with(&mut self.both_streams(), |stdin, stdout| {
            let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
            assert!(lines.any(|line| line == MARK), "the program was not run");
            talk(stdin, &mut lines);
            lines.map(|line| line + "\n").collect()
        })
    }

    /// The program with its standard error where its standard output goes.
    #[cfg(unix)]
    fn both_streams(&self) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" 2>&1"]).arg(self.command.get_program());
        command.args(self.command.get_args());
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command
    }

    /// Runs the program with a standard output that nobody reads, which is so from the end of its standard input on.
    #[track_caller]
    pub fn run_unread(mut self) -> Ended {
        run_with(&mut self.command, stop_reading)
    }

    /// As [`run_unread`](Self::run_unread); nobody reads its standard error either.
    #[cfg(unix)]
    #[track_caller]
    pub fn run_all_unread(self) -> Ended {
        run_with(&mut self.both_streams(), stop_reading)
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

/// The test in which a closure is, as the test harness calls it.
fn test_name<F>() -> &'static str {
    let test = type_name::<F>().strip_suffix("::{{closure}}").expect("a closure in a test");
    test.split_once("::").expect("a test is in a crate").1
}
