//! Pending jobs and idle workers.

use std::collections::VecDeque;

use threadwork_sync::{
    Event, Lock, LockGuard, Wait, WaitError,
    internal::{door::Subject, floor::Arc, lock::own_lock},
};

use super::{lanes::Lanes, seat::Seat};

/// Pending jobs, idle workers, and the number of workers.
///
/// A job is pending only while all workers are busy and there are as many as there may be, unless one could not be started.
///
/// Scenario "the worker that goes idle while a job is submitted" in docs/architecture.md.
pub(in crate::executor) struct Line<J> {
    state: Lock<State<J>>,
    /// Set once the line is closed and the last worker has left.
    left: Event,
    /// The largest possible number of workers.
    pub(in crate::executor) max: usize,
    /// The largest possible number of pending jobs.
    pub(in crate::executor) backlog: usize,
}

struct State<J> {
    pending: Lanes<J>,
    /// The seats of the workers that nobody has called. The one that became idle last is called first: its memory is still in the cache.
    idle: Vec<Arc<Seat<J>>>,
    /// The number of workers, including those that are being started.
    n_workers: usize,
    /// No more jobs are taken.
    is_closed: bool,
    /// Those who wait for room, in order of arrival.
    for_room: VecDeque<Arc<Event>>,
}

/// What became of a job that was put into the line.
pub(in crate::executor) enum Put<J> {
    /// A worker will run it.
    Taken,
    /// The caller has to start a worker with it, which is already counted.
    Start(J),
    /// There is no room.
    Full(J),
    /// The line is closed.
    Closed,
}

/// What a worker does next.
pub(in crate::executor) enum Next<J> {
    Run(J),
    /// It waits at its seat.
    Wait,
    /// It is not counted any more.
    Leave,
}

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::executor) struct Counts {
    pub(in crate::executor) workers: usize,
    pub(in crate::executor) idle: usize,
    pub(in crate::executor) pending: usize,
}

impl<J> Line<J> {
    pub(in crate::executor) fn new(max: usize, backlog: usize) -> Line<J> {
        let state = State {
            pending: Lanes::new(),
            idle: Vec::new(),
            n_workers: 0,
            is_closed: false,
            for_room: VecDeque::new(),
        };
        Line { state: own_lock("the jobs of an executor", state), left: Event::new(), max, backlog }
    }

    /// Puts a job into the line.
    #[inline]
    pub(in crate::executor) fn put(&self, priority: i32, job: J) -> Put<J> {
        self.put_or_wait(priority, job, None)
    }

    /// Puts a job into the line. If there is no room, `room` is set once there is some.
    pub(in crate::executor) fn put_or_wait(
        &self,
        priority: i32,
        job: J,
        room: Option<&Arc<Event>>,
    ) -> Put<J> {
        let mut state = self.state.acquire();
        if state.is_closed {
            drop(state);
            drop(job);
            return Put::Closed;
        }
        if let Some(seat) = state.idle.pop() {
            self.unlock(state);
            seat.call(Some(job));
            return Put::Taken;
        }
        if state.n_workers < self.max {
            state.n_workers += 1;
            self.unlock(state);
            return Put::Start(job);
        }
        if state.pending.len() >= self.backlog {
            state.for_room.extend(room.cloned());
            return Put::Full(job);
        }
        state.pending.push(priority, job);
        self.unlock(state);
        Put::Taken
    }

    /// Releases the lock, and then does what the change asks for: wakes whoever waits for room that there is now, and whoever waits for the
    /// last worker.
    ///
    /// Each one that is woken puts its job, and so wakes the next one, if there is still room.
    #[inline]
    fn unlock(&self, mut state: LockGuard<'_, State<J>>) {
        if state.for_room.is_empty() && !state.is_closed {
            return;
        }
        let has_room = state.pending.len() < self.backlog
            || !state.idle.is_empty()
            || state.n_workers < self.max;
        let first = if has_room { state.for_room.pop_front() } else { None };
        let was_last = state.is_closed && state.n_workers == 0;
        drop(state);
        first.into_iter().for_each(|it| it.set());
        if was_last {
            self.left.set();
        }
    }

    /// Undoes the count of a worker that was not started, and keeps its job for the others.
    ///
    /// # Errors
    ///
    /// Returns the job and all pending ones if there are no others.
    pub(in crate::executor) fn not_started(&self, priority: i32, job: J) -> Result<(), Vec<J>> {
        let mut state = self.state.acquire();
        state.n_workers -= 1;
        if let Some(seat) = state.idle.pop() {
            drop(state);
            seat.call(Some(job));
            return Ok(());
        }
        if state.n_workers > 0 {
            state.pending.push(priority, job);
            return Ok(());
        }
        let mut all = vec![job];
        all.append(&mut state.pending.take_all());
        self.unlock(state);
        Err(all)
    }

    /// Returns what a worker does that has nothing to do. If `is_over`, no worker waits for further jobs.
    ///
    /// Scenario "the end of a job that its worker announces late" in docs/architecture.md.
    #[inline]
    pub(in crate::executor) fn next(
        &self,
        seat: &Arc<Seat<J>>,
        is_over: impl FnOnce() -> bool,
    ) -> Next<J> {
        let mut state = self.state.acquire();
        if let Some(job) = state.pending.pop() {
            self.unlock(state);
            return Next::Run(job);
        }
        if state.is_closed || is_over() {
            state.n_workers -= 1;
            self.unlock(state);
            return Next::Leave;
        }
        state.idle.push(Arc::clone(seat));
        self.unlock(state);
        Next::Wait
    }

    /// Takes a seat from among the idle ones. Returns `false` if the worker was called meanwhile.
    pub(in crate::executor) fn stand_up(&self, seat: &Arc<Seat<J>>) -> bool {
        let mut state = self.state.acquire();
        let place = state.idle.iter().position(|it| Arc::ptr_eq(it, seat));
        place.is_some_and(|it| {
            state.idle.remove(it);
            true
        })
    }

    /// Uncounts a worker that is not idle. If there are jobs for another one in its place, that one is counted, and its job is returned.
    pub(in crate::executor) fn leave(&self) -> Option<J> {
        let mut state = self.state.acquire();
        let job = state.pending.pop();
        if job.is_none() {
            state.n_workers -= 1;
        }
        self.unlock(state);
        job
    }

    /// Takes no more jobs. Workers leave once no job is pending.
    pub(in crate::executor) fn close(&self) {
        let mut state = self.state.acquire();
        state.is_closed = true;
        let waiting = std::mem::take(&mut state.for_room);
        let idle = std::mem::take(&mut state.idle);
        self.unlock(state);
        waiting.iter().for_each(|it| it.set());
        idle.iter().for_each(|it| it.call(None));
    }

    pub(in crate::executor) fn is_closed(&self) -> bool {
        self.state.acquire().is_closed
    }

    /// Calls all idle workers: they look for themselves whether they are still wanted.
    pub(in crate::executor) fn call_idle(&self) {
        let idle = std::mem::take(&mut self.state.acquire().idle);
        idle.iter().for_each(|it| it.call(None));
    }

    /// Takes all pending jobs.
    pub(in crate::executor) fn take_pending(&self) -> Vec<J> {
        let mut state = self.state.acquire();
        let jobs = state.pending.take_all();
        let waiting = std::mem::take(&mut state.for_room);
        drop(state);
        waiting.iter().for_each(|it| it.set());
        jobs
    }

    /// Stops waiting for room. If that was said to be there already, the next one is told.
    pub(in crate::executor) fn give_up_room(&self, room: &Arc<Event>) {
        let mut state = self.state.acquire();
        match state.for_room.iter().position(|it| Arc::ptr_eq(it, room)) {
            Some(place) => drop(state.for_room.remove(place)),
            None => self.unlock(state),
        }
    }

    pub(in crate::executor) fn counts(&self) -> Counts {
        let state = self.state.acquire();
        let (workers, idle) = (state.n_workers, state.idle.len());
        Counts { workers, idle, pending: state.pending.len() }
    }

    /// Waits until the line is closed and the last worker has left.
    pub(in crate::executor) fn wait_for_leaving(
        &self,
        subject: &Subject,
        wait: &Wait,
    ) -> Result<(), WaitError> {
        self.left.wait_as(subject, wait)
    }
}
