//! The door of real programs, over `parking_lot_core`.
#![expect(
    unsafe_code,
    reason = "the queues of parking_lot_core are reached through unsafe functions"
)]

use std::{
    cell::Cell,
    ptr,
    sync::{
        MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Instant,
};

use parking_lot_core::{FilterOp, ParkResult, ParkToken, RequeueOp, UnparkResult, UnparkToken};

use crate::{
    deadline::Deadline,
    observer::{Observer, Waited, observer},
    park::{
        Filter, Found, Key, Parked, Parking, Requeue, Ticket, Token, at_work::AtWork, foreign,
        record, spin::happens_soon,
    },
    waiting::{Holder, Subject},
};

pub use crate::park::gate::{Inside, inside, objects_locked};
/// What the state of a primitive is kept in.
#[cfg(threadwork_noise)]
pub(crate) use crate::park::noise::Word;
pub(crate) use crate::park::reads::{begin as reads_begin, end as reads_end};
pub(crate) use crate::park::record::waits;
pub use crate::park::record::{be_helper, ends_of_waits, leave_queues, records_locked};
pub(crate) use crate::park::spin::{Spin, back_off};
/// Shared ownership of something with a [`Word`], whose end the model has to order.
pub(crate) use std::sync::Arc as Shared;
#[cfg(not(threadwork_noise))]
pub(crate) use std::sync::atomic::AtomicUsize as Word;

/// Declares a constructor that is `const`, except where the model's words cannot be made at compile time.
macro_rules! const_new {
    ($(#[$attribute:meta])* $visibility:vis const fn $($rest:tt)*) => {
        $(#[$attribute])* $visibility const fn $($rest)*
    };
}
pub(crate) use const_new;

/// Declares a lock of the whole process.
macro_rules! static_mutex {
    ($(#[$attribute:meta])* static $name:ident: Mutex<$type:ty> = $value:expr;) => {
        $(#[$attribute])* static $name: Mutex<$type> = $value;
    };
}
pub(crate) use static_mutex;

/// Declares what a model cannot have.
macro_rules! real_only {
    ($($item:item)*) => { $($item)* };
}
pub(crate) use real_only;

thread_local! {
    static THREAD_WORD: Cell<usize> = const { Cell::new(0) };
}

/// The word that names the current thread; zero until it has a number.
#[inline]
pub(crate) fn thread_word() -> usize {
    THREAD_WORD.get()
}

pub(crate) fn set_thread_word(word: usize) {
    THREAD_WORD.set(word);
}

/// The current time on the monotonic clock.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Whether the time is up.
pub(crate) fn has_passed(deadline: Deadline) -> bool {
    deadline.has_passed()
}

/// A lock for the few lists inside this crate, which is never held while user code runs or a thread waits.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Mutex(std::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread in a queue, on its own stack.
struct Waiter {
    ticket: Ticket,
    /// Set with the queue locked, when the thread is taken out of it to be woken. The thread that sees it before it sleeps need not sleep;
    /// that it may go on, and what it sees then, is up to `parking_lot_core`.
    chosen: AtomicBool,
}

/// Blocks the current thread in a queue until it is woken or the deadline passes.
///
/// `validate` runs with the queue locked and may say no. `before_sleep` runs after that, with the queue unlocked and the thread in it;
/// it may wake threads, and not block. `timed_out` runs with the queue locked, only if the deadline passed,
/// and is told in which queue the thread stood and whether it was the last one there.
pub(crate) fn park(
    parking: &Parking<'_>,
    deadline: Deadline,
    validate: impl FnOnce() -> bool,
    before_sleep: impl FnOnce(),
    timed_out: impl FnOnce(Key, bool),
) -> Parked {
    #[cfg(test)]
    crate::park::testing::note_visit();
    let ticket = Ticket { thread: crate::ident::current_word(), amount: parking.amount };
    let waiter = Waiter { ticket, chosen: AtomicBool::new(false) };
    let (mut recorded, mut since) = (false, None);
    let at_work = AtWork::begin();
    let listed = record::list(parking.key, parking.subject);
    let before_sleep = || {
        drop(at_work);
        before_sleep();
        if !happens_soon(|| waiter.chosen.load(Ordering::Relaxed)) {
            since = observer().map(|observer| (observer, now()));
            if since.is_some() {
                ASLEEP.fetch_add(1, Ordering::Relaxed);
            }
            recorded = record::write(parking.key, parking.subject);
        }
    };
    let timed_out = |key, was_last| timed_out(foreign::key(key), was_last);
    let token = ParkToken(ptr::from_ref(&waiter).expose_provenance());
    // SAFETY: the number is of this crate alone (`foreign`), and the callbacks keep the contract of the module;
    // `before_sleep` also writes the thread's own record and does not park.
    let result = unsafe {
        parking_lot_core::park(
            foreign::number(parking.key),
            validate,
            before_sleep,
            timed_out,
            token,
            deadline.instant(),
        )
    };
    if recorded {
        record::erase();
    }
    if listed {
        record::unlist();
    }
    if let Some((observer, since)) = since {
        ASLEEP.fetch_sub(1, Ordering::Relaxed);
        if recorded {
            let woken = matches!(result, ParkResult::Unparked(_));
            tell(observer, parking.key, parking.subject, since, woken);
        }
    }
    match result {
        ParkResult::Unparked(UnparkToken(token)) => Parked::Woken(Token(token)),
        ParkResult::Invalid => Parked::Invalid,
        ParkResult::TimedOut => Parked::TimedOut,
    }
}

/// Runs `block`, which blocks the current thread by other means than a queue, and leaves a record while it does.
pub fn blocked_elsewhere<R>(address: usize, subject: &Subject, block: impl FnOnce() -> R) -> R {
    struct Erase;
    impl Drop for Erase {
        fn drop(&mut self) {
            record::erase();
        }
    }

    let since = observer().map(|observer| (observer, now()));
    let key = Key::elsewhere(address);
    let at_work = AtWork::begin();
    let erase = record::write(key, subject).then_some(Erase);
    drop(at_work);
    let result = block();
    drop(erase);
    if let Some((observer, since)) = since {
        tell(observer, key, subject, since, true);
    }
    result
}

/// Tells the observer that the current thread has waited.
#[cold]
fn tell(observer: &dyn Observer, key: Key, subject: &Subject, since: Instant, woken: bool) {
    observer.waited(&Waited {
        ident: crate::ident::get_ident(),
        kind: subject.kind,
        name: subject.name,
        address: key.address(),
        location: subject.location,
        since,
        until: now(),
        woken,
        thread: match subject.holder {
            Holder::Thread(ident) => Some(ident),
            _ => None,
        },
    });
}

/// How many threads sleep in queues whose waits will be told.
static ASLEEP: AtomicUsize = AtomicUsize::new(0);

/// In the child of a fork, whose one thread does not sleep.
pub(super) fn nobody_sleeps() {
    ASLEEP.store(0, Ordering::Relaxed);
}

/// A thread that is about to wake others, if there is somebody to be told of it, and of their waits.
struct Waker(Option<(&'static dyn Observer, Instant)>);

impl Waker {
    #[inline]
    fn new() -> Waker {
        let observer = observer().filter(|_| ASLEEP.load(Ordering::Relaxed) > 0);
        Waker(observer.map(|observer| (observer, now())))
    }

    /// Tells the observer that the current thread has woken so many.
    #[inline]
    fn has_woken(self, key: Key, count: usize) {
        if let Some((observer, since)) = self.0
            && count > 0
        {
            observer.woke(key.address(), count, since);
        }
    }
}

/// Wakes the threads of the queue that `filter` chooses by their tickets, first come first asked.
/// `token` runs with the queue locked, also if nobody stands there.
pub(crate) fn unpark_filter(
    key: Key,
    mut filter: impl FnMut(Ticket) -> Filter,
    token: impl FnOnce(Found) -> Token,
) -> Found {
    let filter = |park_token: ParkToken| {
        if !foreign::is_ours(park_token) {
            return FilterOp::Skip;
        }
        let waiter = ptr::with_exposed_provenance::<Waiter>(park_token.0);
        // SAFETY: the thread is one of ours (`foreign`) and stands in the queue, which is locked, so it is still in `park`,
        // where its waiter lives.
        let waiter = unsafe { &*waiter };
        match filter(waiter.ticket) {
            Filter::Wake => {
                waiter.chosen.store(true, Ordering::Relaxed);
                FilterOp::Unpark
            }
            Filter::Skip => FilterOp::Skip,
            Filter::Stop => FilterOp::Stop,
        }
    };
    let token = |result: UnparkResult| UnparkToken(token(result.into()).0);
    let waker = Waker::new();
    let at_work = AtWork::begin();
    // SAFETY: the number is of this crate alone (`foreign`), and the callbacks keep the contract of the module.
    let result = unsafe { parking_lot_core::unpark_filter(foreign::number(key), filter, token) };
    drop(at_work);
    waker.has_woken(key, result.unparked_threads);
    result.into()
}

/// Moves threads from one queue to another as `validate` decides with both locked; `token` runs after that.
pub(crate) fn unpark_requeue(
    from: Key,
    to: Key,
    validate: impl FnOnce() -> Requeue,
    token: impl FnOnce(Found) -> Token,
) -> Found {
    let validate = || match validate() {
        Requeue::Nothing => RequeueOp::Abort,
        Requeue::MoveAll => RequeueOp::RequeueAll,
        Requeue::MoveOne => RequeueOp::RequeueOne,
    };
    let token = |_, result: UnparkResult| UnparkToken(token(result.into()).0);
    let waker = Waker::new();
    let numbers = [from, to].map(foreign::number);
    let at_work = AtWork::begin();
    // SAFETY: the numbers are of this crate alone (`foreign`), and the callbacks keep the contract of the module.
    let result =
        unsafe { parking_lot_core::unpark_requeue(numbers[0], numbers[1], validate, token) };
    drop(at_work);
    waker.has_woken(from, result.unparked_threads + result.requeued_threads);
    result.into()
}

impl From<UnparkResult> for Found {
    fn from(result: UnparkResult) -> Self {
        Found {
            woken: result.unparked_threads,
            requeued: result.requeued_threads,
            more: result.have_more_threads,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Mutex, time::Duration};

    use super::*;
    use crate::{
        observer::{observe, stop_observing},
        park::{testing, unpark_one},
    };

    /// The times that were told for the key of the test; other tests wake threads meanwhile.
    static TOLD: Mutex<Vec<Instant>> = Mutex::new(Vec::new());

    /// No object has this address.
    const ADDRESS: usize = 8;

    const HELLO: Token = Token(77);

    /// The words of the waits that were told.
    static WAITED: Mutex<Vec<usize>> = Mutex::new(Vec::new());

    struct Listener(
        #[expect(dead_code, reason = "a static without a size may have no address of its own")] u8,
    );

    impl Observer for Listener {
        fn waited(&self, waited: &Waited) {
            WAITED.lock().unwrap().push(waited.address);
        }

        fn woke(&self, address: usize, _: usize, since: Instant) {
            if address == ADDRESS {
                TOLD.lock().unwrap().push(since);
            }
        }
    }

    static LISTENER: Listener = Listener(0);

    #[test]
    fn a_wake_up_is_told_with_the_time_before_it_and_a_wait_if_the_thread_slept() {
        assert!(observe(&LISTENER));
        ASLEEP.fetch_add(1, Ordering::Relaxed);
        let waker = Waker::new();
        // Here threads are woken, and may go on at once.
        let between = now();
        waker.has_woken(Key::from_number(ADDRESS), 1);
        Waker::new().has_woken(Key::from_number(ADDRESS), 0);
        let told = TOLD.lock().unwrap();
        assert!(matches!(told[..], [since] if since <= between), "{told:?} {between:?}");
        drop(told);
        ASLEEP.fetch_sub(1, Ordering::Relaxed);
        assert_eq!([woken_before_it_sleeps(), woken_later()], [false, true]);
        stop_observing();
    }

    /// Whether the wait of a thread that is woken while it stands in the queue and does not sleep is told.
    fn woken_before_it_sleeps() -> bool {
        let word = Word::new(0);
        let key = Key::of(&word);
        let before_sleep = || assert_eq!(unpark_one(key, |_| HELLO).woken, 1);
        is_told(&word, Deadline::NEVER, before_sleep, Parked::Woken(HELLO))
    }

    /// Whether the wait of a thread is told that nobody wakes.
    fn woken_later() -> bool {
        let soon = Deadline::after(Duration::from_millis(1));
        is_told(&Word::new(0), soon, || (), Parked::TimedOut)
    }

    fn is_told(
        word: &Word,
        deadline: Deadline,
        before_sleep: impl FnOnce(),
        expected: Parked,
    ) -> bool {
        let subject = testing::subject();
        let parking = Parking { key: Key::of(word), amount: 0, subject: &subject };
        assert_eq!(park(&parking, deadline, || true, before_sleep, |_, _| ()), expected);
        WAITED.lock().unwrap().contains(&parking.key.address())
    }
}
