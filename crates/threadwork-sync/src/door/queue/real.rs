//! The queues of real programs, which are those of `parking_lot_core`.
#![expect(
    unsafe_code,
    reason = "the queues of parking_lot_core are reached through unsafe functions"
)]

use std::{
    ptr,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use parking_lot_core::{FilterOp, ParkResult, ParkToken, RequeueOp, UnparkResult, UnparkToken};

use crate::{
    door::{
        Key,
        observer::Waking,
        queue::{
            foreign,
            terms::{Filter, Found, Parked, Parking, Requeue, Ticket, Token},
        },
        record::Trace,
    },
    floor::{AtWork, happens_soon},
    number,
};

/// A thread in a queue, on its own stack.
struct Waiter {
    ticket: Ticket,
    /// Set with the queue locked, when the thread is taken out of the queue to be woken. A thread that sees it before it sleeps need not
    /// sleep. `parking_lot_core` decides when the thread may continue, and what it sees then.
    ///
    /// Scenario "the flag on the waiter's own stack" in docs/architecture.md.
    chosen: AtomicBool,
}

/// Blocks the current thread in a queue until it is woken or the deadline passes.
///
/// `validate` runs with the queue locked; if it returns `false`, the thread does not wait. `before_sleep` runs after that,
/// with the queue unlocked and the thread in it; it may wake threads, but must not block. `timed_out` runs with the queue locked, only if
/// the deadline passed. Its arguments are the queue in which the thread stood, and whether it was the last thread there.
///
/// Scenario "the notified waiter whose time is up" in docs/architecture.md.
pub(crate) fn park(
    parking: &Parking<'_>,
    deadline: Option<Instant>,
    validate: impl FnOnce() -> bool,
    before_sleep: impl FnOnce(),
    timed_out: impl FnOnce(Key, bool),
) -> Parked {
    #[cfg(test)]
    crate::door::testing::note_visit();
    let ticket = Ticket { thread: number::current_word(), amount: parking.amount };
    let waiter = Waiter { ticket, chosen: AtomicBool::new(false) };
    let at_work = AtWork::begin();
    let mut trace = Trace::begin(parking.key, parking.subject);
    let before_sleep = || {
        drop(at_work);
        before_sleep();
        if !happens_soon(|| waiter.chosen.load(Ordering::Relaxed)) {
            trace.sleeps();
        }
    };
    let timed_out = |key, was_last| timed_out(foreign::key(key), was_last);
    let token = ParkToken(ptr::from_ref(&waiter).expose_provenance());
    // SAFETY: only this crate uses the number (`foreign`), and the callbacks keep the contract of the module;
    // `before_sleep` also writes the thread's own record and does not park.
    let result = unsafe {
        parking_lot_core::park(
            foreign::number(parking.key),
            validate,
            before_sleep,
            timed_out,
            token,
            deadline,
        )
    };
    trace.end(matches!(result, ParkResult::Unparked(_)));
    match result {
        ParkResult::Unparked(UnparkToken(token)) => Parked::Woken(Token::from_number(token)),
        ParkResult::Invalid => Parked::Invalid,
        ParkResult::TimedOut => Parked::TimedOut,
    }
}

/// Wakes the threads of the queue that `filter` chooses by their tickets, in order of arrival.
/// `token` runs with the queue locked, even if the queue is empty.
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
    let token = |result: UnparkResult| UnparkToken(token(result.into()).number());
    let waking = Waking::begin();
    let at_work = AtWork::begin();
    // SAFETY: only this crate uses the number (`foreign`), and the callbacks keep the contract of the module.
    let result = unsafe { parking_lot_core::unpark_filter(foreign::number(key), filter, token) };
    drop(at_work);
    waking.end(key, result.unparked_threads);
    result.into()
}

/// Moves threads from one queue to another as `validate` decides with both queues locked; `token` runs after that.
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
    let token = |_, result: UnparkResult| UnparkToken(token(result.into()).number());
    let waking = Waking::begin();
    let numbers = [from, to].map(foreign::number);
    let at_work = AtWork::begin();
    // SAFETY: only this crate uses the numbers (`foreign`), and the callbacks keep the contract of the module.
    let result =
        unsafe { parking_lot_core::unpark_requeue(numbers[0], numbers[1], validate, token) };
    drop(at_work);
    waking.end(from, result.unparked_threads + result.requeued_threads);
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
        door::{
            observer::{Asleep, Observer, Waited, observe, stop_observing},
            testing, unpark_one,
        },
        floor::{Word, now},
    };

    /// The times that the observer was told for the key of the test; other tests wake threads at the same time.
    static TOLD: Mutex<Vec<Instant>> = Mutex::new(Vec::new());

    /// No object has this address.
    const ADDRESS: usize = 8;

    const HELLO: Token = Token::from_number(77);

    /// The addresses of the waits that the observer was told of.
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
    fn the_observer_learns_the_time_before_a_wake_up_and_of_waits_that_slept() {
        assert!(observe(&LISTENER));
        let asleep = Asleep::begin().unwrap();
        let waking = Waking::begin();
        // Here threads would be woken, and might continue at once.
        let between = now();
        waking.end(Key::from_number(ADDRESS), 1);
        Waking::begin().end(Key::from_number(ADDRESS), 0);
        let told = TOLD.lock().unwrap();
        assert!(matches!(told[..], [since] if since <= between), "{told:?} {between:?}");
        drop(told);
        asleep.end();
        assert_eq!([woken_before_it_sleeps(), woken_later()], [false, true]);
        stop_observing();
    }

    /// Whether the observer learns of the wait of a thread that is woken in the queue before it sleeps.
    fn woken_before_it_sleeps() -> bool {
        let word = Word::new(0);
        let key = Key::of(&word);
        let before_sleep = || assert_eq!(unpark_one(key, |_| HELLO).woken, 1);
        is_told(&word, None, before_sleep, Parked::Woken(HELLO))
    }

    /// Whether the observer learns of the wait of a thread that no other thread wakes.
    fn woken_later() -> bool {
        let soon = Some(now() + Duration::from_millis(1));
        is_told(&Word::new(0), soon, || (), Parked::TimedOut)
    }

    fn is_told(
        word: &Word,
        deadline: Option<Instant>,
        before_sleep: impl FnOnce(),
        expected: Parked,
    ) -> bool {
        let subject = testing::subject();
        let parking = Parking { key: Key::of(word), amount: 0, subject: &subject };
        assert_eq!(park(&parking, deadline, || true, before_sleep, |_, _| ()), expected);
        WAITED.lock().unwrap().contains(&parking.key.address())
    }
}
