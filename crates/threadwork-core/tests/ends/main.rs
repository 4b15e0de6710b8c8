//! How programs end, and what faults leave behind. Each program runs in its own process, with a time limit.
//!
//! Without arguments this runs itself once for each program, and checks its output and how it ended.
//! Words as arguments choose the programs whose claims contain them.

use std::{env, process::ExitCode};

mod runner;
mod support;
mod threads;
mod timers;
mod exits;
mod exits_of_others;
mod exits_at_the_end;
mod callbacks;
mod finalization;
mod signals;
mod limits;
mod requests;
mod forks;
mod fork_queues;
mod fork_state;
mod fork_locks;
mod fork_signals;
mod fork_tasks;
mod executors;
mod later_jobs;
mod refusals;
mod panics;
mod payloads;

use runner::Program;

fn main() -> ExitCode {
    let all = [
        threads::PROGRAMS,
        timers::PROGRAMS,
        exits::PROGRAMS,
        exits_of_others::PROGRAMS,
        exits_at_the_end::PROGRAMS,
        callbacks::PROGRAMS,
        finalization::PROGRAMS,
        signals::PROGRAMS,
        limits::PROGRAMS,
        requests::PROGRAMS,
        forks::PROGRAMS,
        fork_queues::PROGRAMS,
        fork_state::PROGRAMS,
        fork_locks::PROGRAMS,
        fork_signals::PROGRAMS,
        fork_tasks::PROGRAMS,
        executors::PROGRAMS,
        later_jobs::PROGRAMS,
        refusals::PROGRAMS,
        panics::PROGRAMS,
        payloads::PROGRAMS,
    ];
    let programs: Vec<&Program> = all.into_iter().flatten().collect();
    match env::var(runner::PROGRAM) {
        Ok(claim) => runner::run(&programs, &claim),
        Err(_) => runner::check_all(&programs),
    }
}
