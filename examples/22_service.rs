//! A supervised service: a worker that fails is started again, and Ctrl-C ends all threads in order, after the last job.
//!
//! It ends after 300 jobs. `service endless` runs until it is stopped.

use std::{
    env,
    error::Error,
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use threadwork::{
    Failure, JoinError, Program, Queue, Restart, Runnable, Supervisor, Thread, Wait,
    current_stop_token, sleep,
};

static JOBS: Queue<u64> = Queue::bounded(8).named("jobs");
static MADE: AtomicU64 = AtomicU64::new(0);
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// Makes jobs until there are enough, or it is asked to stop.
#[derive(Clone)]
struct Source {
    limit: u64,
}

impl Runnable for Source {
    fn try_run(&mut self) -> Result<(), Failure> {
        let wait = Wait::forever().or_stop(&current_stop_token());
        while MADE.load(Ordering::Relaxed) < self.limit && sleep(Duration::from_millis(1)).is_ok() {
            // Waits while the queue is full. A stop ends that wait, too.
            if JOBS.put_with(MADE.load(Ordering::Relaxed) + 1, &wait).is_ok() {
                MADE.fetch_add(1, Ordering::Relaxed);
            }
        }
        // The workers take what is left, and end.
        JOBS.shutdown();
        Ok(())
    }
}

/// Does jobs until the queue is shut down. It does not look for a stop, so no job is lost.
#[derive(Clone)]
struct Worker;

impl Runnable for Worker {
    fn try_run(&mut self) -> Result<(), Failure> {
        for job in JOBS.iter() {
            TAKEN.fetch_add(1, Ordering::Relaxed);
            if job % 100 == 50 {
                return Err(format!("job {job} cannot be done").into());
            }
        }
        Ok(())
    }
}

fn serve() -> Result<(), Box<dyn Error>> {
    let limit = if env::args().any(|it| it == "endless") { u64::MAX } else { 300 };
    let supervisor = Supervisor::new()
        .at_most(100, Duration::from_secs(1))
        .backoff(Duration::from_millis(1), Duration::from_millis(20))
        .child("worker 1", Restart::OnFailure, Worker)
        .child("worker 2", Restart::OnFailure, Worker)
        .child("source", Restart::OnFailure, Source { limit });
    let handle = supervisor.handle();
    let supervisor = Thread::builder().name("supervisor").start(supervisor)?;
    handle.wait_ready()?;
    println!("the service runs");

    // A signal asks every thread to stop, also this one.
    let wait = Wait::forever().or_stop(&current_stop_token());
    if let Err(JoinError::WaitStopped) = supervisor.join_with(&wait) {
        println!("asked to stop");
        supervisor.join()?;
    }
    let restarts: u64 = handle.children().iter().map(|it| it.restarts()).sum();
    println!("restarts: {restarts}");
    let (made, taken) = (MADE.load(Ordering::Relaxed), TAKEN.load(Ordering::Relaxed));
    println!("jobs that were left: {}", made - taken);
    Ok(())
}

fn main() -> ExitCode {
    Program::new().stop_on_signals().wait_at_most(Duration::from_secs(10)).code_if_cut_off(75).run(
        || match serve() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
    )
}
