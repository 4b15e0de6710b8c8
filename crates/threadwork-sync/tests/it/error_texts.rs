//! What each error says. Every variant is reached by the calls that users make.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Duration,
};

use threadwork_sync::{
    ArriveError, Barrier, BoundedSemaphore, BrokenBarrierError, BrokenReason, ConditionWaitError,
    Event, GetError, Latch, NotHolderError, PutError, Queue, RawCondition, RawLock, RawRLock,
    ReleaseError, Semaphore, StopSource, TaskDoneError, Wait, WaitError,
};
use threadwork_test_support::says;

/// A wait whose stop has been requested.
fn stopped() -> Wait {
    let source = StopSource::new();
    source.request_stop();
    Wait::forever().or_stop(&source.token())
}

const TIMED_OUT: &str = "timed out while waiting; wait again, or for longer";

#[test]
fn of_waits() {
    let event = Event::new();
    says!(event.wait_timeout(Duration::ZERO), WaitError::TimedOut, TIMED_OUT);
    says!(
        event.wait_with(&stopped()),
        WaitError::Stopped,
        "stopped while waiting, because a stop was requested; end what the wait was for"
    );
    let semaphore = BoundedSemaphore::new(1);
    says!(
        semaphore.acquire_many_with(2, &Wait::forever()).map(drop),
        WaitError::Impossible,
        "cannot acquire more permits than there can ever be; \
         request fewer, or create the semaphore with more"
    );
}

#[test]
fn of_releases() {
    says!(
        RawLock::new().release(),
        ReleaseError::NotAcquired,
        "cannot release a lock that is not acquired; release it once per acquire"
    );
    says!(
        RawRLock::new().release(),
        ReleaseError::NotHolder,
        "cannot release a re-entrant lock that the current thread does not hold; \
         release it in the thread that acquired it, once per acquire"
    );
    says!(
        BoundedSemaphore::new(1).release(1),
        ReleaseError::TooMany,
        "cannot release more than was acquired; release each permit once"
    );
    says!(
        Semaphore::new(1).release(0),
        ReleaseError::Nothing,
        "cannot release zero permits; release one or more"
    );
    says!(Latch::new(1).count_down(2), ReleaseError::BelowZero, BELOW_ZERO);
}

const BELOW_ZERO: &str = "cannot count a latch down below zero; \
    count down once per arrival, or create the latch with a larger count";

#[test]
fn of_arrivals() {
    let latch = Latch::new(2);
    let arrive = || latch.arrive_and_wait_timeout(Duration::ZERO);
    says!(arrive(), ArriveError::Wait(WaitError::TimedOut), TIMED_OUT);
    arrive().expect("it is the last one");
    says!(arrive(), ArriveError::CountDown(ReleaseError::BelowZero), BELOW_ZERO);
}

#[test]
fn of_conditions() {
    let condition = RawCondition::new();
    let text = "cannot wait on or notify a condition without holding its lock; acquire it first";
    says!(condition.notify_all(), NotHolderError { .. }, text);
    let wait = || condition.wait_timeout(Duration::ZERO);
    says!(wait(), ConditionWaitError::NotHolder(_), text);
    condition.acquire();
    says!(wait(), ConditionWaitError::Wait(WaitError::TimedOut), TIMED_OUT);
}

/// Waits at a barrier as one of two parties, and does something to it meanwhile.
fn broken_by(f: fn(&Barrier)) -> Reached {
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            while barrier.n_waiting() == 0 {
                thread::yield_now();
            }
            f(&barrier);
        });
        wait(&barrier)
    })
}

type Reached = Result<(), BrokenBarrierError>;

fn wait(barrier: &Barrier) -> Reached {
    barrier.wait().map(drop)
}

/// Checks why the barrier is broken, and passes the error on.
#[track_caller]
fn because(reason: BrokenReason, reached: Reached) -> Reached {
    assert_eq!(reached.as_ref().unwrap_err().reason(), reason);
    reached
}

#[test]
fn of_barriers() {
    let late = Barrier::new(2).wait_timeout(Duration::ZERO).map(drop);
    says!(
        because(BrokenReason::TimedOut, late),
        BrokenBarrierError { .. },
        "barrier is broken, because a party timed out; reset it for a new round"
    );
    says!(
        because(BrokenReason::Stopped, Barrier::new(2).wait_with(&stopped()).map(drop)),
        BrokenBarrierError { .. },
        "barrier is broken, because a party was stopped; reset it for a new round"
    );
    says!(
        because(BrokenReason::Aborted, broken_by(Barrier::abort)),
        BrokenBarrierError { .. },
        "barrier is broken, because it was aborted; reset it for a new round"
    );
    says!(
        because(BrokenReason::Reset, broken_by(Barrier::reset)),
        BrokenBarrierError { .. },
        "barrier was reset while this party waited; wait again for the new round"
    );
}

#[test]
fn of_the_actions_of_barriers() {
    let barrier = Barrier::new(1).with_fallible_action(|| Err("out of paper".into()));
    says!(
        because(BrokenReason::ActionFailed, wait(&barrier)),
        BrokenBarrierError { .. },
        "barrier is broken, because its action failed; reset it for a new round"
    );
    let barrier = Barrier::new(1).with_action(|| panic!("on purpose"));
    catch_unwind(AssertUnwindSafe(|| wait(&barrier))).expect_err("the action panics");
    says!(
        because(BrokenReason::ActionPanicked, wait(&barrier)),
        BrokenBarrierError { .. },
        "barrier is broken, because its action panicked; reset it for a new round"
    );
}

#[test]
fn of_puts() {
    let queue = Queue::bounded(1);
    queue.put(0).expect("there is room");
    says!(
        queue.try_put(1),
        PutError::Full(1),
        "cannot put an item into a full queue; get one first, or wait for room with `put`"
    );
    says!(
        queue.put_timeout(1, Duration::ZERO),
        PutError::TimedOut(1),
        "timed out while waiting for room in a queue; take the item back from this error"
    );
    says!(
        queue.put_with(1, &stopped()),
        PutError::Stopped(1),
        "stopped while waiting for room in a queue, because a stop was requested; \
         take the item back from this error"
    );
    queue.shutdown();
    says!(
        queue.put(1),
        PutError::ShutDown(1),
        "cannot put an item into a queue that was shut down; take the item back from this error"
    );
}

#[test]
fn of_gets() {
    let queue = Queue::<u32>::new();
    says!(
        queue.try_get(),
        GetError::Empty,
        "the queue has no item to take; wait for one with `get`"
    );
    says!(
        queue.get_timeout(Duration::ZERO),
        GetError::TimedOut,
        "timed out while waiting for an item of a queue; wait again, or for longer"
    );
    says!(
        queue.get_with(&stopped()),
        GetError::Stopped,
        "stopped while waiting for an item of a queue, because a stop was requested; stop taking items"
    );
    says!(
        queue.task_done(),
        TaskDoneError { .. },
        "`task_done` was called too many times; call it once for each item that was put"
    );
    queue.shutdown();
    says!(
        queue.get(),
        GetError::ShutDown,
        "the queue was shut down and has no items left; stop taking items"
    );
}
