//! Waiting for any of several objects.

use std::panic::Location;

use crate::{
    barrier::Barrier,
    door::Few,
    door::{self, Subject, Until, Watched},
    error::WaitError,
    event::Event,
    latch::Latch,
    queue::{AnyQueue, DelayQueue, LifoQueue, PriorityQueue, Queue},
    semaphore::{BoundedSemaphore, Semaphore},
    wait::{StopToken, Wait},
};

mod target;
mod several;

pub use self::{several::Several, target::Target};

/// An object that [`wait_any`] can wait for, beside others.
///
/// These are an [`Event`], a [`Latch`], a [`Semaphore`], a [`BoundedSemaphore`], a [`Barrier`], a [`StopToken`], each kind of [queue](Queue),
/// and the threads and timers of Threadwork. There is no implementation for conditions, which say nothing about what happened before, and none for locks:
/// that a lock is free says nothing about the next moment. The trait cannot be implemented outside of this library.
///
/// # Examples
///
/// Whatever ends first:
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Event, Latch, Wait, Waitable, wait_any};
///
/// fn first_of(objects: &[&dyn Waitable]) -> usize {
///     wait_any(objects, &Wait::forever()).expect("this wait has no end of its own")
/// }
///
/// let (event, latch) = (Event::new(), Latch::new(0));
/// assert_eq!(first_of(&[&event, &latch]), 1);
/// event.set();
/// assert_eq!(first_of(&[&event, &latch]), 0);
/// ```
pub trait Waitable {
    /// Describes what is waited for. `location` is the line that waits.
    #[doc(hidden)]
    fn target(&self, location: &'static Location<'static>) -> Target<'_>;
}

/// Blocks the current thread until any of `objects` is ready or `wait` ends, and returns the index of the first one that is ready.
///
/// It takes nothing: it changes no event and no semaphore, and joins no thread. So another thread may be faster to take what is there, and
/// the caller tries to take it, and waits again if that fails.
///
/// | Object | ready |
/// |---|---|
/// | [`Event`] | while it is set; also if it was set and cleared again since the call began |
/// | [`Latch`] | once its count is zero |
/// | [`Semaphore`], [`BoundedSemaphore`] | while `try_acquire` would succeed |
/// | [`Barrier`] | once the current round has ended, with success or not; at once if the barrier is broken |
/// | [`StopToken`] | once the stop is requested |
/// | [`Queue`], [`LifoQueue`], [`PriorityQueue`], [`DelayQueue`] | while a get would not wait: there is an item to take, or the queue was shut down and has none |
/// | a thread, a timer | once it has ended; the current thread never is |
///
/// With no objects, it waits until `wait` ends. An object may be named twice.
///
/// While the thread is blocked, [`waits`](crate::waits) has an entry for each object, with [`Waiter::AnyOf`](crate::Waiter::AnyOf).
/// For up to four objects, nothing is allocated. A release of a semaphore wakes those who watch it in addition to those who wait for its
/// permits, of whom it wakes as many as without them.
///
/// # Errors
///
/// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first. If an object is ready as well, its index is returned
/// instead.
///
/// # Happens-before
///
/// What is promised for a wait for the object alone holds for the object whose index is returned.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::time::Duration;
/// use threadwork::{Event, Semaphore, StopSource, Wait, WaitError, wait_any};
///
/// let (quit, work, stop) = (Event::new(), Semaphore::new(0), StopSource::new());
/// let soon = Wait::timeout(Duration::from_millis(1));
/// assert_eq!(wait_any(&[&quit, &work, &stop.token()], &soon), Err(WaitError::TimedOut));
/// std::thread::scope(|scope| {
///     scope.spawn(|| work.release(1).unwrap());
///     assert_eq!(wait_any(&[&quit, &work, &stop.token()], &Wait::forever()), Ok(1));
/// });
/// assert_eq!(work.available(), 1);
/// stop.request_stop();
/// quit.set();
/// assert_eq!(wait_any(&[&quit, &work, &stop.token()], &Wait::forever()), Ok(0));
/// ```
#[track_caller]
pub fn wait_any(objects: &[&dyn Waitable], wait: &Wait) -> Result<usize, WaitError> {
    let location = Location::caller();
    let mut targets = Few::with_room(objects.len());
    for (at, object) in objects.iter().enumerate() {
        let target = object.target(location);
        if target.is_ready() {
            return Ok(at);
        }
        targets.push(target);
    }
    let first_ready = || targets.iter().position(Target::is_ready);
    if targets.is_empty() {
        return Err(wait_for_nothing(wait, location));
    }
    loop {
        // Scenario "the wait whose time is up before it begins" in docs/architecture.md.
        wait.check_time()?;
        targets.iter().for_each(Target::announce);
        let places = Few::of(targets.iter().map(Target::parking));
        let due = targets.iter().filter_map(Target::next_due).min();
        let limits = wait.limits();
        let deadline = due.into_iter().chain(limits.deadline).min();
        let until = Until { deadline, ..limits };
        let watched = door::watch_any(&places, until, |at| targets[at].is_awaited());
        // If one of them is ready, the wait succeeds, even if it was also stopped or timed out.
        match (first_ready(), watched) {
            (Some(ready), _) => return Ok(ready),
            // If an item of a queue was due, somebody else was faster.
            (None, Watched::TimedOut) if due.is_none() => return Err(WaitError::TimedOut),
            (None, Watched::Stopped) => return Err(WaitError::Stopped),
            (None, Watched::Look | Watched::TimedOut) => (),
        }
    }
}

/// Waits until `wait` ends, and returns what has ended it.
#[cold]
fn wait_for_nothing(wait: &Wait, location: &'static Location<'static>) -> WaitError {
    let never = Event::new();
    loop {
        if let Err(error) = never.wait_as(&Subject::sleep(location), wait) {
            return error;
        }
    }
}

impl Waitable for Event {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        Target::of_event(self, location)
    }
}

impl Waitable for Latch {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        Target::of_latch(self, location)
    }
}

impl Waitable for Semaphore {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        Target::of_semaphore(self, location)
    }
}

impl Waitable for BoundedSemaphore {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        Target::of_semaphore(self, location)
    }
}

impl Waitable for Barrier {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        Target::of_barrier(self, location)
    }
}

impl Waitable for StopToken {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        Target::of_stop(self, location)
    }
}

/// Implements the trait for a kind of queue.
macro_rules! waitable_queue {
    ($($queue:ident [$($bound:tt)*])+) => {$(
        impl<T: Send $($bound)*> Waitable for $queue<T> {
            fn target(&self, location: &'static Location<'static>) -> Target<'_> {
                Target::of_queue(self.engine(), self.name(), location)
            }
        }
    )+};
}

waitable_queue! { Queue [] LifoQueue [] PriorityQueue [+ Ord] DelayQueue [] }
