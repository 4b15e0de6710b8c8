//! Pending jobs and idle workers.

use std::{collections::VecDeque, mem};

use threadwork_sync::{
    Event, Lock, LockGuard, Wait, WaitError,
    internal::{door::Subject, floor::Arc, lock::own_lock},
};

use super::lanes::Lanes;

/// Pending jobs, idle workers, and the number of workers.
///
/// A job is pending until a worker takes it. There are more pending jobs than idle workers only if there are as many workers as there may be, or one
/// could not be started.
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
    idle: Vec<Seat>,
    /// The number of idle workers that were called and have not come yet.
    n_called: usize,
    /// The number of workers, including those that are being started.
    n_workers: usize,
    /// No more jobs are taken.
    is_closed: bool,
    /// Those who wait for room, in order of arrival.
    for_room: VecDeque<Arc<Event>>,
}

/// The place at which an idle worker waits until it is called: to look for a job, or to leave.
pub(in crate::executor) type Seat = Arc<Event>;

impl<J> State<J> {
    /// Returns how many more jobs idle workers would run at once.
    fn n_free(&self) -> usize {
        (self.idle.len() + self.n_called).saturating_sub(self.pending.len())
    }

    /// Takes the seat of an idle worker that has to be called, if there is a job for it. Only one is called at a time: it calls the next one
    /// when it comes and there is more to do. So those who submit many short jobs seldom make a system call.
    fn next_to_call(&mut self) -> Option<Seat> {
        if self.pending.len() == 0 || self.n_called > 0 {
            return None;
        }
        let seat = self.idle.pop()?;
        self.n_called = 1;
        Some(seat)
    }
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
            n_called: 0,
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
        if state.n_free() == 0 {
            if state.n_workers < self.max {
                state.n_workers += 1;
                self.unlock(state);
                return Put::Start(job);
            }
            let n_waiting = state.pending.len() - state.idle.len() - state.n_called;
            if n_waiting >= self.backlog {
                state.for_room.extend(room.cloned());
                return Put::Full(job);
            }
        }
        state.pending.push(priority, job);
        self.unlock(state);
        Put::Taken
    }

    /// Releases the lock, and then does what the change asks for: calls an idle worker for which there is a job, wakes whoever waits for
    /// room that there is now, and whoever waits for the last worker.
    ///
    /// Each one that waited for room and is woken puts its job, and so wakes the next one, if there is still room.
    #[inline]
    fn unlock(&self, mut state: LockGuard<'_, State<J>>) {
        let seat = state.next_to_call();
        if state.for_room.is_empty() && !state.is_closed {
            drop(state);
            seat.into_iter().for_each(|it| it.set());
            return;
        }
        let has_room = state.n_free() > 0
            || state.n_workers < self.max
            || state.pending.len() - state.idle.len() - state.n_called < self.backlog;
        let first = if has_room { state.for_room.pop_front() } else { None };
        let was_last = state.is_closed && state.n_workers == 0;
        drop(state);
        seat.into_iter().chain(first).for_each(|it| it.set());
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
        if state.n_workers > 0 {
            state.pending.push(priority, job);
            self.unlock(state);
            return Ok(());
        }
        let mut all = vec![job];
        all.append(&mut state.pending.take_all());
        self.unlock(state);
        Err(all)
    }

    /// Returns what a worker does that has nothing to do, and says whether it was called. If `is_over`, no worker waits for further jobs.
    ///
    /// Scenario "the end of a job that its worker announces late" in docs/architecture.md.
    #[inline]
    pub(in crate::executor) fn next(
        &self,
        seat: &Seat,
        was_called: bool,
        is_over: impl FnOnce() -> bool,
    ) -> Next<J> {
        let mut state = self.state.acquire();
        state.n_called -= usize::from(was_called);
        let next = if let Some(job) = state.pending.pop() {
            Next::Run(job)
        } else if state.is_closed || is_over() {
            state.n_workers -= 1;
            Next::Leave
        } else {
            state.idle.push(Arc::clone(seat));
            Next::Wait
        };
        self.unlock(state);
        next
    }

    /// Takes a seat from among the idle ones. Returns `false` if the worker was called meanwhile.
    pub(in crate::executor) fn stand_up(&self, seat: &Seat) -> bool {
        let mut state = self.state.acquire();
        let place = state.idle.iter().position(|it| Arc::ptr_eq(it, seat));
        place.is_some_and(|it| {
            state.idle.remove(it);
            true
        })
    }

    /// Uncounts a worker that is not idle, and says whether it was called. If there are jobs for another one in its place, that one is
    /// counted, and its job is returned.
    pub(in crate::executor) fn leave(&self, was_called: bool) -> Option<J> {
        let mut state = self.state.acquire();
        state.n_called -= usize::from(was_called);
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
        let waiting = mem::take(&mut state.for_room);
        self.call_all(state);
        waiting.iter().for_each(|it| it.set());
    }

    /// Calls all idle workers: they look for themselves whether they are still wanted.
    pub(in crate::executor) fn call_idle(&self) {
        self.call_all(self.state.acquire());
    }

    fn call_all(&self, mut state: LockGuard<'_, State<J>>) {
        let idle = mem::take(&mut state.idle);
        state.n_called += idle.len();
        self.unlock(state);
        idle.iter().for_each(|it| it.set());
    }

    pub(in crate::executor) fn is_closed(&self) -> bool {
        self.state.acquire().is_closed
    }

    /// Takes all pending jobs.
    pub(in crate::executor) fn take_pending(&self) -> Vec<J> {
        let mut state = self.state.acquire();
        let jobs = state.pending.take_all();
        let waiting = mem::take(&mut state.for_room);
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
        let (workers, idle) = (state.n_workers, state.idle.len() + state.n_called);
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
