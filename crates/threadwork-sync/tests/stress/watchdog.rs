//! The watchdog: what does not get on any more is shown, and fails the run.

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

/// Does `work`, and ends the process if `steps` stands still meanwhile.
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
            // The harness holds back what `eprintln` prints until the test has ended, which this one never will.
            let _ = writeln!(io::stderr(), "nobody gets on any more\n{}\n{}", stacks(), blocked());
            process::abort();
        }
    }
}

/// The stacks of all threads, as the debugger shows them.
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

/// Lets the debugger look at this process, its parent, also where only a parent may look at its child.
fn let_be_traced() {
    #[cfg(target_os = "linux")]
    // SAFETY: the call takes numbers only; where there is no such rule it is an error and changes nothing.
    unsafe {
        libc::prctl(libc::PR_SET_PTRACER, libc::PR_SET_PTRACER_ANY, 0, 0, 0);
    }
}

/// Who waits for what, unless that cannot be had either.
fn blocked() -> String {
    let (answer, asked) = mpsc::channel();
    thread::spawn(move || answer.send(waits()));
    match asked.recv_timeout(Duration::from_secs(5)) {
        Ok(waits) => format!("who waits: {waits:#?}"),
        Err(_) => "who waits cannot be told: waits() does not return".to_owned(),
    }
}
