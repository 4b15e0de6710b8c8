//! What is known of the executors for which threads wait.

use threadwork_core::internal::{ExecutorInfo, executors};
use threadwork_sync::{WaitKind, Waiter, Waiting};

/// The executors that had workers when it was made.
pub(crate) struct Executors(Vec<ExecutorInfo>);

impl Executors {
    pub(crate) fn now() -> Executors {
        Executors(executors())
    }

    /// Those that these waits need: none if nobody waits for an executor.
    fn for_waits(waits: &[Waiting]) -> Executors {
        let is_needed = waits.iter().any(|it| it.executor.is_some());
        if is_needed { Executors::now() } else { Executors(Vec::new()) }
    }

    /// The executor that has to go on so that this wait ends.
    pub(crate) fn of(&self, waiting: &Waiting) -> Option<&ExecutorInfo> {
        let address = waiting.executor?;
        self.0.iter().find(|it| it.address == address)
    }

    /// The wait as a wait for threads: for the one that runs the task, or for any of the workers while the task is pending, or while there is no
    /// room for another one.
    ///
    /// A worker that could still be started is a way out, and so is one that waits for a job.
    ///
    /// Scenario "the task that no worker is free for" in docs/architecture.md.
    fn for_threads(&self, mut waiting: Waiting) -> Vec<Waiting> {
        if !matches!(waiting.kind, WaitKind::Task | WaitKind::QueuePut) {
            return vec![waiting];
        }
        let Some(executor) = self.of(&waiting) else { return vec![waiting] };
        if let Some(runner) = executor.runs(waiting.address) {
            waiting.holder = Some(runner);
            return vec![waiting];
        }
        let mut workers: Vec<_> = executor.workers().collect();
        if workers.len() < executor.max_workers || executor.n_workers != workers.len() {
            return vec![waiting];
        }
        workers.sort_unstable();
        if workers.len() > 1 {
            waiting.thread.waiter = Waiter::AnyOf;
        }
        let choice = |it| {
            let mut choice = waiting.clone();
            choice.holder = Some(it);
            choice
        };
        workers.into_iter().map(choice).collect()
    }
}

/// The waits, with those for executors as waits for threads.
pub(crate) fn with_workers(waits: &[Waiting]) -> Vec<Waiting> {
    let executors = Executors::for_waits(waits);
    waits.iter().cloned().flat_map(|it| executors.for_threads(it)).collect()
}
