//! A release that gives permits to waiters, one that wakes them to look, and the thread that is overtaken then.
//!
//! Scenario "the waiter that is overtaken" in docs/architecture.md.

use std::{
    future::Future,
    pin::pin,
    sync::atomic::AtomicUsize,
    task::{Context, Wake, Waker},
    time::Instant,
};

use super::*;
use crate::SemaphorePermit;
use crate::door::{
    self,
    HandOver::{self, Always, IfAwake, Never},
    Parked,
    testing::{deciding, last_hand_over, set_last_hand_over, stand_in_front, start_asleep},
};

const HANDED_OVER: Parked = Parked::Woken(Token::HANDED_OVER);
const RETRY: Parked = Parked::Woken(Token::RETRY);

/// Returns a semaphore with this word, at which threads sleep that want one permit each. With their words.
#[track_caller]
fn with_sleepers<const N: usize>(
    semaphore: Semaphore,
    word: usize,
) -> (Arc<Semaphore>, [usize; N], Vec<JoinHandle<Parked>>) {
    let semaphore = Arc::new(semaphore);
    set_word(&semaphore, word);
    let mut threads = Vec::new();
    let words = [(); N].map(|()| {
        let (word, thread) = start_asleep(semaphore.key(), 1);
        threads.push(thread);
        word
    });
    (semaphore, words, threads)
}

/// Wakes all that are left, and returns what each thread was told.
fn told(semaphore: &Semaphore, threads: Vec<JoinHandle<Parked>>) -> Vec<Parked> {
    door::unpark_all(semaphore.key(), Token::value(0));
    threads.into_iter().map(|it| it.join().unwrap()).collect()
}

fn left() -> Parked {
    Parked::Woken(Token::value(0))
}

fn release(semaphore: &Semaphore, how: HandOver, n: usize) -> Result<(), ReleaseError> {
    deciding(how, || semaphore.release(n))
}

#[test]
fn a_release_that_is_due_gives_the_permits_to_the_first_waiters() {
    let (semaphore, [.., third], threads) = with_sleepers::<3>(Semaphore::new(0), PARKED);
    assert_eq!(release(&semaphore, Always, 2), Ok(()));
    assert_eq!((word(&semaphore), queue(semaphore.key())), (PARKED, vec![third]));
    assert!(semaphore.try_acquire().is_none(), "the permits are not for a thread that barges");
    assert_eq!(told(&semaphore, threads), [HANDED_OVER, HANDED_OVER, left()]);
}

#[test]
fn a_dropped_permit_is_given_to_the_first_waiter() {
    let semaphore: &Semaphore = Box::leak(Box::new(Semaphore::new(1)));
    let permit = semaphore.acquire();
    let (_, waiter) = start(|| semaphore.acquire().forget());
    deciding(Always, || drop(permit));
    assert!(semaphore.try_acquire().is_none());
    waiter.join().unwrap();
    assert_eq!(word(semaphore), 0);
}

#[test]
fn no_more_permits_are_given_than_were_added() {
    // Two permits are there for whoever is the fastest.
    let (semaphore, [_, second, third], threads) =
        with_sleepers::<3>(Semaphore::new(0), (2 * ONE) | PARKED);
    assert_eq!(release(&semaphore, Always, 1), Ok(()));
    assert_eq!(word(&semaphore), (2 * ONE) | PARKED);
    assert_eq!(queue(semaphore.key()), [second, third]);
    assert_eq!(told(&semaphore, threads), [HANDED_OVER, left(), left()]);
}

#[test]
fn permits_that_nobody_waits_for_stay() {
    let (semaphore, _, threads) = with_sleepers::<2>(Semaphore::new(0), PARKED);
    assert_eq!(release(&semaphore, Always, 5), Ok(()));
    assert_eq!(word(&semaphore), 3 * ONE, "nobody is left");
    assert_eq!(told(&semaphore, threads), [HANDED_OVER; 2]);
    assert_eq!(release(&semaphore, Always, 1), Ok(()));
    assert_eq!(word(&semaphore), 4 * ONE);
}

#[test]
fn a_release_that_is_not_due_wakes_the_first_waiters_to_look() {
    for how in [Never, IfAwake] {
        let (semaphore, [.., third], threads) = with_sleepers::<3>(Semaphore::new(0), PARKED);
        assert_eq!(release(&semaphore, how, 2), Ok(()));
        assert_eq!((word(&semaphore), queue(semaphore.key())), ((2 * ONE) | PARKED, vec![third]));
        let barging = semaphore.try_acquire().map(SemaphorePermit::forget);
        assert!(barging.is_some(), "the permits are for the fastest");
        assert_eq!(told(&semaphore, threads), [RETRY, RETRY, left()]);
    }
}

#[test]
fn the_first_waiter_decides_whether_the_permits_are_given() {
    // A thread that sleeps is given its permit if the first one, which is awake, is given one.
    let (semaphore, _, threads) = with_sleepers::<1>(Semaphore::new(0), PARKED);
    let first = stand_in_front(semaphore.key(), 1, || release(&semaphore, IfAwake, 3).unwrap());
    assert_eq!((first, word(&semaphore)), (HANDED_OVER, ONE));
    assert_eq!(told(&semaphore, threads), [HANDED_OVER]);

    // And a thread that is awake is woken to look behind one that sleeps.
    let (semaphore, _, threads) = with_sleepers::<1>(Semaphore::new(0), PARKED);
    let subject = semaphore.subject(Location::caller());
    let parking =
        door::Parking { key: semaphore.key(), amount: 1, subject: &subject, overtaken: false };
    let give = || release(&semaphore, IfAwake, 3).unwrap();
    let second = door::park(&parking, door::Until::default(), || true, give, |_, _| ());
    assert_eq!((second, word(&semaphore)), (RETRY, 3 * ONE));
    assert_eq!(told(&semaphore, threads), [RETRY]);
}

#[test]
fn permits_are_given_in_order_of_arrival_however_long_ago_that_was_done_last() {
    for how in [Never, IfAwake, Always] {
        let semaphore = Arc::new(Semaphore::new(0));
        let (_, first) = start_asleep(semaphore.key(), 2);
        let (second, second_thread) = start_asleep(semaphore.key(), 1);
        set_word(&semaphore, FLAGS);
        assert_eq!(release(&semaphore, how, 2), Ok(()));
        assert_eq!((word(&semaphore), queue(semaphore.key())), (PARKED, vec![second]));
        assert_eq!(told(&semaphore, vec![first, second_thread]), [HANDED_OVER, left()]);
    }
}

#[test]
fn a_hand_over_is_noted_and_the_next_one_waits_for_its_time() {
    let (semaphore, _, threads) = with_sleepers::<2>(Semaphore::new(0), PARKED);
    let before = Instant::now();
    set_last_hand_over(semaphore.key(), None);
    semaphore.release(1).unwrap();
    assert_eq!(word(&semaphore), PARKED);
    assert!(last_hand_over(semaphore.key()).is_some_and(|it| it >= before));
    // As if it had been just now, however long this test takes.
    set_last_hand_over(semaphore.key(), Some(Instant::now() + Duration::from_secs(3600)));
    semaphore.release(1).unwrap();
    assert_eq!(word(&semaphore), ONE);
    set_last_hand_over(semaphore.key(), None);
    assert_eq!(told(&semaphore, threads), [HANDED_OVER, RETRY]);
}

/// Counts how often a task is told.
#[derive(Default)]
struct Alarm(AtomicUsize);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Alarm {
    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn tasks_are_told_of_permits_that_are_given_to_the_thread_behind_them_and_of_the_rest() {
    let semaphore = Semaphore::new(0);
    let [first, second] = [Arc::new(Alarm::default()), Arc::new(Alarm::default())];
    let wakers = [&first, &second].map(|it| Waker::from(Arc::clone(it)));
    let [mut one, mut other] = wakers.each_ref().map(Context::from_waker);
    let (mut before, mut behind) =
        (pin!(semaphore.acquire_async()), pin!(semaphore.acquire_async()));
    assert!(before.as_mut().poll(&mut one).is_pending());
    let (_, thread) = start_asleep(semaphore.key(), 1);
    assert!(behind.as_mut().poll(&mut other).is_pending());

    assert_eq!(release(&semaphore, Always, 1), Ok(()));
    assert_eq!(word(&semaphore), PARKED, "the thread has the permit");
    assert_eq!(thread.join().unwrap(), HANDED_OVER);
    assert_eq!([first.count(), second.count()], [1, 0]);
    assert!(before.as_mut().poll(&mut one).is_pending());

    assert_eq!(release(&semaphore, Always, 2), Ok(()));
    assert_eq!(word(&semaphore), (2 * ONE) | PARKED, "tasks are given nothing");
    assert_eq!([first.count(), second.count()], [2, 1]);
    assert!(before.as_mut().poll(&mut one).is_ready());
    assert!(behind.as_mut().poll(&mut other).is_ready());
}

#[test]
fn a_watcher_is_told_while_permits_are_given_to_threads() {
    let semaphore = Semaphore::new(0);
    let mut watcher = watcher(&semaphore);
    let (_, thread) = start_asleep(semaphore.key(), 1);
    assert_eq!(release(&semaphore, Always, 1), Ok(()));
    assert_eq!(word(&semaphore), PARKED, "the watcher is still there");
    assert_eq!(thread.join().unwrap(), HANDED_OVER);
    assert_eq!(watcher.try_next(), None);
    let (_, thread) = start_asleep(semaphore.key(), 1);
    assert_eq!(release(&semaphore, Always, 2), Ok(()));
    assert_eq!((word(&semaphore), thread.join().unwrap()), (ONE | PARKED, HANDED_OVER));
    assert_eq!(watcher.try_next(), Some(0));
}

/// Threads that were overtaken stand before a watcher that came earlier. It is told of what they leave.
#[test]
fn a_watcher_behind_threads_that_were_overtaken_is_told_of_what_they_leave() {
    for how in [Never, Always] {
        let semaphore = Arc::new(Semaphore::new(0));
        let (first, first_taker) = waiter(&semaphore, 1);
        let (second, second_taker) = waiter(&semaphore, 1);
        let mut watcher = watcher(&semaphore);
        for thread in [second, first] {
            assert!(unpark_thread(semaphore.key(), thread, Token::RETRY));
            eventually("it has not entered the queue again", || {
                queue(semaphore.key()).first() == Some(&thread)
            });
        }
        assert_eq!(queue(semaphore.key())[..2], [first, second]);
        assert_eq!(release(&semaphore, how, 3), Ok(()));
        first_taker.join().unwrap();
        second_taker.join().unwrap();
        assert_eq!((word(&semaphore), watcher.try_next()), (ONE | PARKED, Some(0)));
    }
}

#[test]
fn a_release_beyond_the_limit_gives_nothing_and_changes_nothing() {
    for how in [Never, IfAwake, Always] {
        // There seems to be no room, so that a waiter looks. It is given nothing.
        let (semaphore, [_, second], threads) =
            with_sleepers::<2>(Semaphore::with_limit(0, 1), ONE | PARKED);
        let before = last_hand_over(semaphore.key());
        assert_eq!(release(&semaphore, how, 1), Err(ReleaseError::TooMany));
        assert_eq!((word(&semaphore), queue(semaphore.key())), (ONE | PARKED, vec![second]));
        assert_eq!(last_hand_over(semaphore.key()), before);
        assert_eq!(told(&semaphore, threads), [RETRY, left()]);

        // There can never be so many.
        let (semaphore, all, threads) = with_sleepers::<2>(Semaphore::with_limit(0, 2), PARKED);
        for n in [3, usize::MAX] {
            assert_eq!(release(&semaphore, how, n), Err(ReleaseError::TooMany));
            assert_eq!((word(&semaphore), queue(semaphore.key())), (PARKED, all.to_vec()));
        }
        assert_eq!(told(&semaphore, threads), [left(); 2]);
    }
}

#[test]
fn an_overtaken_thread_keeps_its_turn() {
    let semaphore = Arc::new(Semaphore::new(0));
    let (first, first_taker) = waiter(&semaphore, 1);
    let (second, second_taker) = waiter(&semaphore, 1);
    // Three times a permit was released, and taken again before the woken thread looked.
    for _ in 0..3 {
        assert!(unpark_thread(semaphore.key(), first, Token::RETRY));
        eventually("it has not entered the queue again", || queue(semaphore.key()).len() == 2);
        assert_eq!(queue(semaphore.key()), [first, second]);
    }
    for taker in [first_taker, second_taker] {
        assert_eq!(release(&semaphore, Always, 1), Ok(()));
        taker.join().unwrap();
    }
    assert_eq!(word(&semaphore), 0);
}
