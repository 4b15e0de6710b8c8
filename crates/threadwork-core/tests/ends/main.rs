//! How programs end, and what faults leave behind. Each program runs in its own process, with a time limit.
//!
//! Without arguments this runs itself once for each program, and checks its output and how it ended.
//! Words as arguments choose the programs whose claims contain them.
//!
//! Under `--cfg threadwork_portable`, as on systems other than Unix, the programs about signals, forks and C's `exit` are left out, and a
//! program that needs one of these says that it is skipped.

use std::{env, process::ExitCode};

mod runner;
mod support;
mod threads;
mod timers;
mod exits;
#[cfg(all(unix, not(threadwork_portable)))]
mod exits_of_others;
#[cfg(all(unix, not(threadwork_portable)))]
mod exits_at_the_end;
mod callbacks;
mod finalization;
#[cfg(all(unix, not(threadwork_portable)))]
mod signals;
mod limits;
mod requests;
#[cfg(all(unix, not(threadwork_portable)))]
mod forks;
#[cfg(all(unix, not(threadwork_portable)))]
mod fork_queues;
#[cfg(all(unix, not(threadwork_portable)))]
mod fork_state;
#[cfg(all(unix, not(threadwork_portable)))]
mod fork_locks;
#[cfg(all(unix, not(threadwork_portable)))]
mod fork_signals;
#[cfg(all(unix, not(threadwork_portable)))]
mod fork_tasks;
mod executors;
mod later_jobs;
#[cfg(all(unix, not(threadwork_portable)))]
mod refusals;
mod panics;
mod payloads;
#[cfg(all(unix, not(threadwork_portable)))]
mod recycled;

use runner::Program;

fn main() -> ExitCode {
    let all = [
        threads::PROGRAMS,
        timers::PROGRAMS,
        exits::PROGRAMS,
        #[cfg(all(unix, not(threadwork_portable)))]
        exits_of_others::PROGRAMS,
        #[cfg(all(unix, not(threadwork_portable)))]
        exits_at_the_end::PROGRAMS,
        callbacks::PROGRAMS,
        finalization::PROGRAMS,
        #[cfg(all(unix, not(threadwork_portable)))]
        signals::PROGRAMS,
        limits::PROGRAMS,
        requests::PROGRAMS,
        #[cfg(all(unix, not(threadwork_portable)))]
        forks::PROGRAMS,
        #[cfg(all(unix, not(threadwork_portable)))]
        fork_queues::PROGRAMS,
        #[cfg(all(unix, not(threadwork_portable)))]
        fork_state::PROGRAMS,
        #[cfg(all(unix, not(threadwork_portable)))]
        fork_locks::PROGRAMS,
        #[cfg(all(unix, not(threadwork_portable)))]
        fork_signals::PROGRAMS,
        #[cfg(all(unix, not(threadwork_portable)))]
        fork_tasks::PROGRAMS,
        executors::PROGRAMS,
        later_jobs::PROGRAMS,
        #[cfg(all(unix, not(threadwork_portable)))]
        refusals::PROGRAMS,
        panics::PROGRAMS,
        payloads::PROGRAMS,
        #[cfg(all(unix, not(threadwork_portable)))]
        recycled::PROGRAMS,
    ];
    let programs: Vec<&Program> = all.into_iter().flatten().collect();
    match env::var(runner::PROGRAM) {
        Ok(claim) => runner::run(&programs, &claim),
        Err(_) => runner::check_all(&programs),
    }
}
