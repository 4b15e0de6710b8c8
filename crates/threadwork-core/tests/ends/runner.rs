//! Programs, and the processes that run them.

use std::{
    collections::BTreeSet,
    env,
    io::Read,
    process::{Child, Command, ExitCode, ExitStatus, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// The environment variable that says which program a process runs.
pub(crate) const PROGRAM: &str = "THREADWORK_TEST_PROGRAM";

/// No program takes a tenth of this, even if it shares a processor with others.
const LIMIT: Duration = Duration::from_secs(300);

const N_AT_ONCE: usize = 4;

/// A program, and how it ends.
pub(crate) struct Program {
    pub(crate) claim: &'static str,
    pub(crate) main: fn() -> ExitCode,
    pub(crate) end: End,
    /// Its whole standard output.
    pub(crate) prints: &'static str,
    /// Texts that its standard error contains exactly once each.
    pub(crate) says: &'static [&'static str],
    /// The number of panics that the panic hook reports.
    pub(crate) panics: usize,
}

#[derive(Debug, PartialEq)]
pub(crate) enum End {
    Code(i32),
    Signal(i32),
}

/// A program that ends with the code 0 and prints nothing, for tests to fill in the rest.
pub(crate) const ENDS_WELL: Program = Program {
    claim: "",
    main: || ExitCode::SUCCESS,
    end: End::Code(0),
    prints: "",
    says: &[],
    panics: 0,
};

/// The first word of the line on standard output with which a program says that it cannot run here.
pub(crate) const SKIPPED: &str = "SKIPPED";

/// Whether the library knows this system's signals, and its functions at the end of a process.
pub(crate) const IS_UNIX: bool = cfg!(all(unix, not(threadwork_portable)));

/// Runs the program with this claim in the current process.
pub(crate) fn run(programs: &[&Program], claim: &str) -> ExitCode {
    let program =
        programs.iter().find(|it| it.claim == claim).expect("there is a program with this claim");
    (program.main)()
}

pub(crate) fn check_all(programs: &[&Program]) -> ExitCode {
    let claims: BTreeSet<_> = programs.iter().map(|it| it.claim).collect();
    assert_eq!(claims.len(), programs.len(), "two programs have the same claim");
    let words: Vec<_> = env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let chosen =
        |it: &&&Program| words.is_empty() || words.iter().any(|word| it.claim.contains(word));
    let chosen: Vec<_> = programs.iter().filter(chosen).collect();
    let (next, n_failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    // Most programs wait for the operating system, so more of them run than there are processors.
    let work = || {
        while let Some(program) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
            match check(program) {
                Ok(note) => println!("program {} ... ok{note}", program.claim),
                Err(why) => {
                    n_failed.fetch_add(1, Ordering::Relaxed);
                    println!("program {} ... FAILED\n{why}", program.claim);
                }
            }
        }
    };
    thread::scope(|scope| (0..N_AT_ONCE).for_each(|_| _ = scope.spawn(work)));
    let n_failed = n_failed.into_inner();
    if !IS_UNIX {
        println!("programs about signals, forks and C's exit: {SKIPPED} they need Unix");
    }
    println!("programs: {} run, {n_failed} failed", chosen.len());
    if n_failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check(program: &Program) -> Result<String, String> {
    let (status, stdout, stderr) = output(program)?;
    let end = match (status.code(), signal_of(status)) {
        (Some(code), _) => End::Code(code),
        (None, signal) => End::Signal(signal.unwrap_or_default()),
    };
    if let Some(reason) = stdout.lines().find_map(|it| it.strip_prefix(SKIPPED)) {
        return Ok(format!(": SKIPPED {}", reason.trim()));
    }
    let said = program.says.iter().all(|it| stderr.matches(it).count() == 1);
    let panics = stderr.matches("panicked at").count();
    if end == program.end && stdout == program.prints && said && panics == program.panics {
        return Ok(String::new());
    }
    let wanted = format!(
        "{:?} and prints {:?}, says {:?}, {} panics",
        program.end, program.prints, program.says, program.panics
    );
    Err(format!("expected: {wanted}\nactual: {end:?} and prints {stdout:?}, says:\n{stderr}"))
}

/// Runs the program in a process of its own. Returns an error if it does not end in time.
fn output(program: &Program) -> Result<(ExitStatus, String, String), String> {
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    command
        .env(PROGRAM, program.claim)
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = lead(&mut command).spawn().expect("this program can be run");
    let mut stdout = child.stdout.take().expect("it is piped");
    let mut stderr = child.stderr.take().expect("it is piped");
    let read_all = |pipe: &mut dyn Read| {
        let mut text = Vec::new();
        pipe.read_to_end(&mut text).expect("a pipe can be read");
        String::from_utf8_lossy(&text).into_owned()
    };
    thread::scope(|scope| {
        let stdout = scope.spawn(|| read_all(&mut stdout));
        let stderr = scope.spawn(|| read_all(&mut stderr));
        let give_up = Instant::now() + LIMIT;
        // The pipes are closed once its own children have ended too.
        let hangs = loop {
            if stdout.is_finished() && stderr.is_finished() {
                break false;
            }
            if Instant::now() > give_up {
                kill(&mut child);
                break true;
            }
            thread::sleep(Duration::from_millis(1));
        };
        let [stdout, stderr] = [stdout, stderr].map(|it| it.join().expect("it reads"));
        let status = child.wait().expect("it can be waited for");
        if hangs {
            return Err(format!(
                "it hangs; it printed {stdout:?}, and on standard error:\n{stderr}"
            ));
        }
        Ok((status, stdout, stderr))
    })
}

/// Makes the process lead a group of its own, to which its children belong.
#[cfg(unix)]
fn lead(command: &mut Command) -> &mut Command {
    std::os::unix::process::CommandExt::process_group(command, 0)
}

#[cfg(not(unix))]
fn lead(command: &mut Command) -> &mut Command {
    command
}

/// Kills the child, which has not been waited for, and its own children. On systems other than Unix, these are left.
#[cfg(unix)]
fn kill(child: &mut Child) {
    let group = libc::pid_t::try_from(child.id()).expect("a process id fits");
    // SAFETY: the child leads its own process group and has not been waited for, so the number is still valid.
    unsafe { libc::kill(-group, libc::SIGKILL) };
}

#[cfg(not(unix))]
fn kill(child: &mut Child) {
    child.kill().expect("it can be killed");
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal_of(_: ExitStatus) -> Option<i32> {
    None
}
