//! The watchdog: if no thread makes progress any more, it prints the threads and fails the run.

use std::{
    io::{self, ErrorKind, Write},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    process::{self, Command},
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::waits;

const PATIENCE: Duration = Duration::from_secs(30);

/// Calls `work`, and ends the process if `steps` does not change for a long time meanwhile.
pub(crate) fn watched(steps: &AtomicU64, work: impl FnOnce()) {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| watch(steps, &done));
        let ended = catch_unwind(AssertUnwindSafe(work));
        done.store(true, Ordering::Relaxed);
        ended.unwrap_or_else(|payload| resume_unwind(payload));
    });
}

fn watch(steps: &AtomicU64, done: &AtomicBool) {
    let (mut before, mut since) = (0, Instant::now());
    while !done.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(50));
        let now = steps.load(Ordering::Relaxed);
        if now != before {
            (before, since) = (now, Instant::now());
        } else if since.elapsed() > PATIENCE {
            // The test harness captures `eprintln` until the test has ended, which this one never will.
            let _ = writeln!(io::stderr(), "no thread makes progress\n{}\n{}", stacks(), blocked());
            process::abort();
        }
    }
}

/// Returns the stacks of all threads, printed by the debugger.
fn stacks() -> String {
    let_be_traced();
    let this = process::id().to_string();
    let gdb = Command::new("gdb")
        .args(["-nx", "-batch", "-iex", "set debuginfod enabled off", "-p", &this])
        .args(["-ex", "thread apply all bt"])
        .output();
    match gdb {
        Ok(output) => {
            let stacks = String::from_utf8_lossy(&output.stdout);
            if stacks.contains("\nThread ") {
                return format!("all stacks:\n{stacks}");
            }
            let why = String::from_utf8_lossy(&output.stderr);
            format!("no stacks, gdb has failed ({}): {}", output.status, why.trim())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            "no stacks, gdb is not installed".to_owned()
        }
        Err(error) => format!("no stacks, gdb does not start: {error}"),
    }
}

/// Lets the debugger attach to this process, its parent, on systems where only a parent may trace its child.
fn let_be_traced() {
    #[cfg(target_os = "linux")]
    // SAFETY: the call takes numbers only; on a system without this rule it returns an error and changes nothing.
    unsafe {
        libc::prctl(libc::PR_SET_PTRACER, libc::PR_SET_PTRACER_ANY, 0, 0, 0);
    }
}

/// Returns the records of all blocked threads, if `waits()` returns.
fn blocked() -> String {
    let (answer, asked) = mpsc::channel();
    thread::spawn(move || answer.send(waits()));
    match asked.recv_timeout(Duration::from_secs(5)) {
        Ok(waits) => format!("blocked threads: {waits:#?}"),
        Err(_) => "no records: waits() does not return".to_owned(),
    }
}
