//! Child processes, each with a time limit.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Far longer than any program of these tests takes on the slowest and busiest machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// A child process that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// Everything that it printed on standard output.
    pub stdout: String,
    /// Everything that it printed on standard error.
    pub stderr: String,
}

impl Ended {
    /// Returns the lines on standard output. Panics if the program failed.
    #[track_caller]
    pub fn lines(&self) -> Vec<&str> {
        assert!(self.status.success(), "the program fails: {self:#?}");
        assert!(self.stdout.is_empty() || self.stdout.ends_with('\n'), "not a line: {self:#?}");
        self.stdout.lines().collect()
    }
}

/// Runs a program to its end, with nothing on its standard input.
#[track_caller]
pub fn run(command: &mut Command) -> Ended {
    run_with(command, |stdin, mut stdout| {
        drop(stdin);
        let mut text = String::new();
        stdout.read_to_string(&mut text).expect("the output is text");
        text
    })
}

/// Runs a program to its end; `talk` gets its standard input and output.
#[track_caller]
pub fn run_with(
    command: &mut Command,
    talk: impl FnOnce(ChildStdin, ChildStdout) -> String + Send + 'static,
) -> Ended {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    crate::ctime::note_start();
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(stdin), Some(stdout), Some(stderr)) = pipes else { unreachable!("all are piped") };
    // Both pipes are read while the program runs, so that neither gets full.
    let stdout = thread::spawn(move || talk(stdin, stdout));
    let stderr = thread::spawn(move || read(stderr));
    let status = wait(&mut child);
    let stdout = stdout.join().expect("standard output can be read");
    let stderr = stderr.join().expect("standard error can be read");
    let Some(status) = status else { panic!("the program hangs: {command:?}\n{stdout}\n{stderr}") };
    Ended { status, stdout, stderr }
}

/// As [`run_with`]; `talk` gets the number of the process, for [`send`], and what the program prints, with standard error if the command is
/// made by [`with_errors`].
#[track_caller]
pub fn run_numbered(
    command: &Command,
    talk: impl FnOnce(&str, &mut dyn BufRead) -> String + Send + 'static,
) -> Ended {
    // `exec` keeps the number of the process, which the shell prints before.
    let mut shell = in_shell(command, "echo $$; exec \"$0\" \"$@\"");
    run_with(&mut shell, move |stdin, stdout| {
        drop(stdin);
        let mut stdout = BufReader::new(stdout);
        let mut number = String::new();
        stdout.read_line(&mut number).expect("the shell prints a line");
        talk(number.trim(), &mut stdout)
    })
}

/// Returns the command with standard error redirected to standard output.
pub fn with_errors(command: &Command) -> Command {
    in_shell(command, "exec \"$0\" \"$@\" 2>&1")
}

fn in_shell(command: &Command, script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(command.get_program()).args(command.get_args());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell
}

/// Sends a signal. If the program has ended by itself, what it printed and how it ended tell why.
pub fn send(signal: &str, process: &str) {
    Command::new("kill").args([signal, process]).output().expect("there is `kill`");
}

fn read(mut stderr: ChildStderr) -> String {
    let mut bytes = Vec::new();
    stderr.read_to_end(&mut bytes).expect("a pipe can be read");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Waits for the child and returns its exit status. Kills it and returns `None` at the time limit.
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return Some(status);
        }
        if Instant::now() > give_up {
            child.kill().expect("a child can be killed");
            child.wait().expect("a child can be waited for");
            return None;
        }
        thread::sleep(Duration::from_millis(2));
    }
}
