//! Locks, what threads wait for, and the iterators that they share.

use std::iter::Once;

use threadwork::{
    Barrier, BoundedSemaphore, BrokenBarrierError, Condition, Event, Lock, LockGuard, RLock,
    RawCondition, RawLock, RawRLock, Semaphore, SerializeIterator, concurrent_tee,
    synchronized_iterator,
};

use super::name::{Name, here, left_out};

const DEPRECATED: &str = "Python has deprecated it";

const NO_GENERATORS: &str = "iterators of Rust have none";

type Guard = LockGuard<'static, ()>;

pub(super) fn names() -> Vec<Name> {
    [locks(), conditions(), events_and_semaphores(), barriers(), iterators()].concat()
}

fn locks() -> Vec<Name> {
    vec![
        here!("Lock", Lock::<()>::new, RawLock::new),
        here!("Lock.acquire", Lock::<()>::acquire, RawLock::acquire),
        here!("Lock.release", RawLock::release),
        here!("Lock.locked", Lock::<()>::is_locked, RawLock::is_locked),
        here!("RLock", RLock::<()>::new, RawRLock::new),
        here!("RLock.acquire", RLock::<()>::acquire, RawRLock::acquire),
        here!("RLock.release", RawRLock::release),
        here!("RLock.locked", RLock::<()>::is_locked, RawRLock::is_locked),
    ]
}

fn conditions() -> Vec<Name> {
    vec![
        here!("Condition", Condition::new, RawCondition::<RawRLock>::new),
        here!("Condition(lock=)", RawCondition::<RawLock>::with_lock),
        here!("Condition.acquire", RawCondition::<RawRLock>::acquire),
        here!("Condition.release", RawCondition::<RawRLock>::release),
        here!("Condition.locked", RawCondition::<RawRLock>::is_locked),
        here!("Condition.wait", Condition::wait::<Guard>, RawCondition::<RawRLock>::wait),
        here!(
            "Condition.wait_for",
            Condition::wait_for(&Condition::new(), &mut Lock::new(()).acquire(), |_| Some(()))
        ),
        here!("Condition.notify", Condition::notify::<Guard>, RawCondition::<RawRLock>::notify),
        here!("Condition.notify_all", Condition::notify_all::<Guard>),
        left_out("Condition.notifyAll", DEPRECATED),
    ]
}

fn events_and_semaphores() -> Vec<Name> {
    vec![
        here!("Event", Event::new),
        here!("Event.is_set", Event::is_set),
        left_out("Event.isSet", DEPRECATED),
        here!("Event.set", Event::set),
        here!("Event.clear", Event::clear),
        here!("Event.wait", Event::wait, Event::wait_timeout),
        here!("Semaphore", Semaphore::new),
        here!("Semaphore.acquire", Semaphore::acquire, Semaphore::acquire_timeout),
        here!("Semaphore.release", Semaphore::release),
        here!("BoundedSemaphore", BoundedSemaphore::new),
        here!("BoundedSemaphore.acquire", Semaphore::acquire),
        here!("BoundedSemaphore.release", Semaphore::release),
    ]
}

fn barriers() -> Vec<Name> {
    vec![
        here!("Barrier", Barrier::new),
        here!("Barrier(action=)", Barrier::with_action(Barrier::new(1), || ())),
        here!("Barrier(timeout=)", Barrier::with_timeout),
        here!("Barrier.wait", Barrier::wait, Barrier::wait_timeout),
        here!("Barrier.reset", Barrier::reset),
        here!("Barrier.abort", Barrier::abort),
        here!("Barrier.parties", Barrier::parties),
        here!("Barrier.n_waiting", Barrier::n_waiting),
        here!("Barrier.broken", Barrier::is_broken),
        here!("BrokenBarrierError", BrokenBarrierError::reason),
    ]
}

fn iterators() -> Vec<Name> {
    vec![
        here!("serialize_iterator", SerializeIterator::new([0])),
        here!("serialize_iterator.__next__", SerializeIterator::<Once<u8>>::next),
        left_out("serialize_iterator.send", NO_GENERATORS),
        left_out("serialize_iterator.throw", NO_GENERATORS),
        left_out("serialize_iterator.close", NO_GENERATORS),
        here!("synchronized_iterator", synchronized_iterator(|n: u8| 0..n)),
        here!("concurrent_tee", concurrent_tee::<[u8; 1], 2>),
    ]
}
