//! Operating system threads that are used again: each waits a while for another thread to run.
//!
//! Scenario "the operating system's thread that is used again" in docs/architecture.md.

use std::{io, mem, num::NonZeroU64, panic::Location, sync::Arc, thread, time::Duration};

use threadwork_sync::{
    Event, Lock, LockGuard, Wait, WaitError, WaitKind,
    internal::{
        door::{IDLE, Subject, be_idle, without_end},
        lock::own_lock,
        number::reserve_ident,
        os::{native_id_of_started, set_own_name},
    },
};

use super::{
    fork::look_after,
    number::this_process,
    part::{LockPart, Part, hold},
};

#[cfg(test)]
mod tests;

/// How long an operating system thread waits for the next thread to run.
const PATIENCE: Duration = Duration::from_secs(10);

/// After this time the operating system's tools show that it waits. A thread that is used again at once need not be given the name.
const BRIEFLY: Duration = Duration::from_millis(10);

/// How many may wait at a time.
const MOST: usize = 256;

/// One thread to run. It returns `false` if the operating system's thread must not be used again.
pub(crate) type Run = Box<dyn FnOnce() -> bool + Send>;

/// An operating system thread that can be used again.
struct Seat {
    /// The size of its stack, as it was asked for; zero means the default of `std`.
    stack_size: usize,
    /// Its number while it is idle.
    ident: NonZeroU64,
    native_id: Option<u64>,
    /// What it runs next. Set just before [`given`](Self::given), by whoever has taken it off the list of idle ones.
    next: Lock<Option<Run>>,
    given: Event,
}

/// Those that are idle, the one that ran last at the end.
///
/// Whoever takes one off the list, a starter or the idle thread itself, decides what becomes of it. While the list is locked, no user code
/// runs and no other lock is acquired.
static SEATS: Lock<Vec<Arc<Seat>>> =
    own_lock("the idle threads of the operating system", Vec::new());

/// In the child of a fork there are none. Their handles are not dropped: that would drop what belongs to threads that do not exist there.
static LOCKED: LockPart = || hold(&SEATS, |it| mem::forget(mem::take(it)));

fn seats() -> LockGuard<'static, Vec<Arc<Seat>>> {
    look_after(Part::Idle, &LOCKED);
    SEATS.acquire()
}

/// Returns the numbers of the idle threads, here and in the operating system.
pub(super) fn idle() -> Vec<(NonZeroU64, Option<u64>)> {
    seats().iter().map(|it| (it.ident, it.native_id)).collect()
}

/// Lets an idle thread with a stack of this size run `run`.
///
/// # Errors
///
/// Returns `run` if there is none.
pub(crate) fn run_in_idle(stack_size: usize, run: Run) -> Result<(), Run> {
    let taken = {
        let mut seats = seats();
        let last = seats.iter().rposition(|it| it.stack_size == stack_size);
        last.map(|place| seats.remove(place))
    };
    let Some(seat) = taken else { return Err(run) };
    let _none = seat.next.acquire().replace(run);
    seat.given.set();
    Ok(())
}

/// Starts an operating system thread that runs `run`, and then what else it is given.
///
/// # Errors
///
/// Returns an error if the operating system refuses to start it.
pub(crate) fn spawn_to_be_used_again(stack_size: usize, run: Run) -> io::Result<()> {
    let mut builder = thread::Builder::new().name(IDLE.to_owned());
    if stack_size > 0 {
        builder = builder.stack_size(stack_size);
    }
    builder.spawn(move || run_all(stack_size, run)).map(drop)
}

/// Runs one thread after the other, until none comes for a while.
fn run_all(stack_size: usize, first: Run) {
    let process = this_process();
    let mut seat = None;
    let mut next = Some(first);
    while let Some(run) = next {
        // A thread that has forked is the last one of the child, and ends like any other.
        if !run() || process != this_process() {
            return;
        }
        let seat = seat.get_or_insert_with(|| Arc::new(Seat::here(stack_size)));
        be_idle(seat.ident);
        next = Seat::next(seat);
    }
}

impl Seat {
    fn here(stack_size: usize) -> Seat {
        Seat {
            stack_size,
            ident: reserve_ident().get(),
            native_id: native_id_of_started(),
            next: own_lock("the next thread to run", None),
            given: Event::new(),
        }
    }

    /// Waits for something to run. Returns `None` if nothing comes for a while, or if too many wait already.
    fn next(self: &Arc<Seat>) -> Option<Run> {
        if self.becomes_idle() { self.wait_while(PATIENCE) } else { None }
    }

    /// Puts the current thread on the list. Returns `false` if the list is full.
    fn becomes_idle(self: &Arc<Seat>) -> bool {
        let mut seats = seats();
        let has_room = seats.len() < MOST;
        if has_room {
            seats.push(Arc::clone(self));
        }
        has_room
    }

    /// Waits for something to run, on the list. Returns `None` if nothing comes for a while.
    fn wait_while(self: &Arc<Seat>, patience: Duration) -> Option<Run> {
        if self.wait(&Wait::timeout(BRIEFLY)).is_err() {
            set_own_name(IDLE);
            if self.wait(&Wait::timeout(patience)).is_err() && self.leaves() {
                return None;
            }
        }
        self.take()
    }

    /// Takes what the current thread is to run, from whoever has taken it off the list.
    fn take(&self) -> Option<Run> {
        without_end(|wait| self.wait(wait));
        self.given.clear();
        self.next.acquire().take()
    }

    fn wait(&self, wait: &Wait) -> Result<(), WaitError> {
        let subject = Subject::of(WaitKind::Event, Some("the next thread"), Location::caller());
        self.given.wait_as(&subject, wait)
    }

    /// Takes the current thread off the list. Returns `false` if it is no longer there: it is about to be given something to run.
    fn leaves(self: &Arc<Seat>) -> bool {
        let mut seats = seats();
        let place = seats.iter().position(|it| Arc::ptr_eq(it, self));
        place.map(|place| seats.remove(place)).is_some()
    }
}
