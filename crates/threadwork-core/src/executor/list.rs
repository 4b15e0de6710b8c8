//! The executors that have workers.

use std::{
    num::NonZeroU64,
    sync::{Arc, Weak},
};

use threadwork_sync::{
    Lock, LockGuard,
    internal::{fork::inside, lock::own_lock},
};

use super::{job::JobLife, pool::Pool};
use crate::{
    exit::{self, Idle},
    panic::reported,
    process::{LockPart, Part, hold, look_after},
};

/// All executors that have ever had a worker, and that are not gone.
static EXECUTORS: Lock<Vec<Weak<Pool>>> = own_lock("the executors", Vec::new());

/// The workers are not there in the child of a fork. What belongs to them is not touched.
static LOCKED: LockPart = || hold(&EXECUTORS, |all| std::mem::forget(std::mem::take(all)));

fn locked() -> LockGuard<'static, Vec<Weak<Pool>>> {
    look_after(Part::Executors, &LOCKED);
    EXECUTORS.acquire()
}

fn all() -> Vec<Arc<Pool>> {
    locked().iter().filter_map(Weak::upgrade).collect()
}

/// Adds an executor, whose first worker is about to be started.
pub(super) fn add(pool: &Arc<Pool>) {
    exit::let_go_at_the_end(&IDLE);
    let pool = Arc::downgrade(pool);
    let mut all = locked();
    all.retain(|it| it.strong_count() > 0);
    all.push(pool);
}

/// The idle workers of all executors, which would wait for jobs for ever.
struct IdleWorkers;

static IDLE: &dyn Idle = &IdleWorkers;

impl Idle for IdleWorkers {
    fn let_go(&self) {
        all().iter().for_each(|it| it.line.call_idle());
    }

    fn stop_all(&self) {
        for pool in all() {
            reported("stop callback", || _ = pool.stop.request_stop());
        }
    }
}

/// What reports show of an executor.
#[derive(Clone, Debug)]
pub struct ExecutorInfo {
    /// Where it is in memory, which the records of waits say too.
    pub address: usize,
    /// Its name.
    pub name: String,
    /// The largest possible number of its workers.
    pub max_workers: usize,
    /// The number of workers, including those that are being started.
    pub n_workers: usize,
    /// The number of workers that wait for a job.
    pub n_idle: usize,
    /// The number of jobs that wait for a worker.
    pub n_pending: usize,
    /// The number of each worker, and the place of the job that it runs; zero if it runs none.
    workers: Vec<(NonZeroU64, usize)>,
    /// The same of threads that run jobs of their own, for which there was no room.
    others: Vec<(NonZeroU64, usize)>,
}

impl ExecutorInfo {
    /// Returns the numbers of the workers.
    pub fn workers(&self) -> impl Iterator<Item = NonZeroU64> {
        self.workers.iter().map(|it| it.0)
    }

    /// Returns the thread that runs the job to which this address belongs, if there is one.
    #[must_use]
    pub fn runs(&self, address: usize) -> Option<NonZeroU64> {
        let is_here = |place: usize| (place..place + size_of::<JobLife>()).contains(&address);
        let mut all = self.workers.iter().chain(&self.others);
        all.find(|it| it.1 != 0 && is_here(it.1)).map(|it| it.0)
    }
}

/// Returns the executors that have workers, for reports.
#[must_use]
pub fn executors() -> Vec<ExecutorInfo> {
    let info = |it: Arc<Pool>| {
        let _inside = inside();
        let counts = it.line.counts();
        ExecutorInfo {
            address: it.address(),
            name: it.plan.name.clone(),
            max_workers: it.line.max,
            n_workers: counts.workers,
            n_idle: counts.idle,
            n_pending: counts.pending,
            workers: it.running(),
            others: it.outside.run_here.acquire().clone(),
        }
    };
    all().into_iter().map(info).collect()
}
