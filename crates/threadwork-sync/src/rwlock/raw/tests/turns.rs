//! A writer that hands the lock over, one that frees it, and the thread that is overtaken then.
//!
//! Scenario "the waiter that is overtaken" in docs/architecture.md.

use std::time::Instant;

use super::*;
use crate::door::{
    HandOver::{Always, IfAwake, Never},
    Parked,
    testing::{
        deciding, has_noted_a_read, last_hand_over, set_last_hand_over, stand_in_front,
        start_asleep, unpark_thread,
    },
};

/// Releases a lock that is held for writing, and hands it over if it can.
fn hand_over(lock: &RawRwLock) {
    deciding(Always, || lock.release(Mode::Write));
}

/// Starts threads that acquire the lock in these modes, one after the other, and keep it.
#[track_caller]
fn waiters<const N: usize>(
    lock: &Arc<RawRwLock>,
    modes: [Mode; N],
) -> [(usize, JoinHandle<Result<(), WaitError>>); N] {
    modes.map(|mode| waiter(lock, mode, Wait::forever()))
}

#[track_caller]
fn has_acquired(thread: JoinHandle<Result<(), WaitError>>) {
    assert_eq!(thread.join().unwrap(), Ok(()));
}

#[test]
fn a_writer_hands_the_lock_to_the_next_writer() {
    let lock = held(Mode::Write);
    let [(first, first_thread), (second, second_thread), (reader, reading)] =
        waiters(&lock, [Mode::Write, Mode::Write, Mode::Read]);
    hand_over(&lock);
    assert_eq!(word(&lock), first | WRITER | PARKED, "others are left");
    assert_eq!(queue(lock.key()), [second, reader]);
    has_acquired(first_thread);
    hand_over(&lock);
    assert_eq!(word(&lock), second | WRITER | PARKED);
    has_acquired(second_thread);
    hand_over(&lock);
    assert_eq!(word(&lock), READER, "nobody is left");
    has_acquired(reading);
    lock.release(Mode::Read);
    assert_eq!(word(&lock), 0);
}

#[test]
fn a_writer_hands_the_lock_to_readers_and_the_claim_to_the_writer_behind_them() {
    for others in [0, 2] {
        let lock = held(Mode::Write);
        let [(_, one), (_, other), (writer, writing)] =
            waiters(&lock, [Mode::Read, Mode::Read, Mode::Write]);
        let behind =
            if others == 0 { vec![] } else { Vec::from(waiters(&lock, [Mode::Read, Mode::Write])) };
        let parked = if others == 0 { 0 } else { PARKED };
        hand_over(&lock);
        assert_eq!(word(&lock), (2 * READER) | DRAINING | parked);
        assert!(lock.in_mode(Mode::Read).at_once().is_none(), "the writer is the next");
        has_acquired(one);
        has_acquired(other);
        let left: Vec<_> = behind.iter().map(|(thread, _)| *thread).chain([writer]).collect();
        eventually("the writer does not wait for the readers", || queue(lock.key()) == left);
        assert_eq!(word(&lock), (2 * READER) | DRAINING | parked);

        let before = Instant::now();
        lock.release(Mode::Read);
        assert!(!writing.is_finished());
        lock.release(Mode::Read);
        has_acquired(writing);
        assert_eq!(word(&lock), writer | WRITER | parked);
        assert!(last_hand_over(lock.key()).is_some_and(|it| it >= before), "its wait was its turn");
        hand_over(&lock);
        // The reader behind reads, and the last writer has the claim.
        assert_eq!(word(&lock), if others == 0 { 0 } else { READER | DRAINING });
        let mut behind = behind.into_iter();
        if let Some(((_, reading), (last, writing))) = behind.next().zip(behind.next()) {
            has_acquired(reading);
            lock.release(Mode::Read);
            has_acquired(writing);
            assert_eq!(word(&lock), last | WRITER);
        }
    }
}

#[test]
fn a_writer_with_the_claim_alone_may_give_up() {
    let (lock, stop) = (held(Mode::Write), StopSource::new());
    let (_, reading) = waiter(&lock, Mode::Read, Wait::forever());
    let (writer, writing) = waiter(&lock, Mode::Write, Wait::forever().or_stop(&stop.token()));
    let (_, behind) = waiter(&lock, Mode::Read, Wait::forever());
    hand_over(&lock);
    has_acquired(reading);
    eventually("the writer does not wait for the reader", || {
        queue(lock.key()).last() == Some(&writer)
    });
    stop.request_stop();
    assert_eq!(writing.join().unwrap(), Err(WaitError::Stopped));
    has_acquired(behind);
    assert_eq!(word(&lock), 2 * READER);
}

#[test]
fn a_writer_hands_the_lock_to_one_upgradable_reader_and_the_readers_beside_it() {
    let lock = held(Mode::Write);
    let [(_, upgradable), (second, other), (writer, writing), (_, reading)] =
        waiters(&lock, [Mode::Upgradable, Mode::Upgradable, Mode::Write, Mode::Read]);
    hand_over(&lock);
    assert_eq!(word(&lock), READER | UPGRADABLE | PARKED);
    assert_eq!(queue(lock.key()), [second, writer]);
    has_acquired(upgradable);
    has_acquired(reading);
    lock.release(Mode::Read);
    lock.release(Mode::Upgradable);
    has_acquired(other);
    lock.release(Mode::Upgradable);
    has_acquired(writing);
}

#[test]
fn a_writer_that_nobody_waits_for_any_more_frees_the_lock() {
    for how in [Never, IfAwake, Always] {
        let lock = held(Mode::Write);
        lock.word.fetch_or(PARKED, Ordering::Relaxed);
        deciding(how, || lock.release(Mode::Write));
        assert_eq!(word(&lock), 0, "{how:?}");
    }
}

#[test]
fn a_hand_over_that_is_refused_frees_the_lock_and_wakes_those_who_can_proceed() {
    for how in [Never, IfAwake] {
        let lock = held(Mode::Write);
        lock.word.fetch_or(PARKED, Ordering::Relaxed);
        let modes = [Mode::Read, Mode::Read, Mode::Upgradable];
        let woken = modes.map(|mode| start_asleep(lock.key(), mode.amount()).1);
        let (left, thread) = start_asleep(lock.key(), Mode::Upgradable.amount());
        deciding(how, || lock.release(Mode::Write));
        assert_eq!((word(&lock), queue(lock.key())), (0, vec![left]));
        for thread in woken {
            assert_eq!(thread.join().unwrap(), Parked::Woken(Token::RETRY_MORE));
        }
        door::unpark_all(lock.key(), Token::RETRY);
        thread.join().unwrap();
    }
}

#[test]
fn the_first_waiter_decides_whether_the_lock_is_handed_over() {
    for mode in [Mode::Read, Mode::Upgradable, Mode::Write] {
        let lock = held(Mode::Write);
        lock.word.fetch_or(PARKED, Ordering::Relaxed);
        // It sleeps, and gets the lock beside the first all the same, if it can.
        let (thread, behind) = start_asleep(lock.key(), Mode::Read.amount());
        let parked = stand_in_front(lock.key(), mode.amount(), || {
            deciding(IfAwake, || lock.release(Mode::Write));
        });
        assert_eq!(parked, Parked::Woken(Token::HANDED_OVER));
        let (expected, left) = match mode {
            Mode::Read => (2 * READER, vec![]),
            Mode::Upgradable => (READER | UPGRADABLE, vec![]),
            Mode::Write => (current_word() | WRITER | PARKED, vec![thread]),
        };
        assert_eq!((word(&lock), queue(lock.key())), (expected, left));
        door::unpark_all(lock.key(), Token::RETRY);
        behind.join().unwrap();
    }
}

#[test]
fn a_hand_over_is_noted_and_the_next_one_waits_for_its_time() {
    let lock = held(Mode::Write);
    lock.word.fetch_or(PARKED, Ordering::Relaxed);
    let [(first, first_thread), (second, second_thread)] =
        [(); 2].map(|()| start_asleep(lock.key(), Mode::Write.amount()));
    let before = Instant::now();
    set_last_hand_over(lock.key(), None);
    lock.release(Mode::Write);
    assert_eq!((word(&lock), queue(lock.key())), (first | WRITER | PARKED, vec![second]));
    assert!(last_hand_over(lock.key()).is_some_and(|it| it >= before));
    // As if it had been just now, however long this test takes.
    set_last_hand_over(lock.key(), Some(Instant::now() + Duration::from_secs(3600)));
    lock.release(Mode::Write);
    assert_eq!(word(&lock), 0);
    set_last_hand_over(lock.key(), None);
    assert_eq!(first_thread.join().unwrap(), Parked::Woken(Token::HANDED_OVER));
    assert_eq!(second_thread.join().unwrap(), Parked::Woken(Token::RETRY));
}

/// Notes are made by the thread that reads, however it got the lock.
#[test]
fn readers_that_were_handed_the_lock_note_that_they_read_and_release_it() {
    for how in [Always, Never] {
        for mode in [Mode::Read, Mode::Upgradable] {
            let lock = held(Mode::Write);
            let reads = {
                let lock = Arc::clone(&lock);
                move || {
                    lock.in_mode(mode).forever();
                    let noted = has_noted_a_read();
                    lock.release(mode);
                    (noted, has_noted_a_read())
                }
            };
            let (_, reading) = start(reads);
            deciding(how, || lock.release(Mode::Write));
            assert_eq!(reading.join().unwrap(), (true, false), "{how:?} {mode:?}");
            assert_eq!(word(&lock), 0);
        }
    }
    let lock = held(Mode::Write);
    let writes = {
        let lock = Arc::clone(&lock);
        move || {
            lock.in_mode(Mode::Write).forever();
            has_noted_a_read()
        }
    };
    let (_, writing) = start(writes);
    hand_over(&lock);
    assert!(!writing.join().unwrap(), "a writer does not read");
}

#[test]
fn an_overtaken_thread_keeps_its_turn() {
    for mode in [Mode::Write, Mode::Upgradable, Mode::Read] {
        let lock = held(Mode::Write);
        let [(first, first_thread), (second, second_thread)] = waiters(&lock, [mode, mode]);
        // Three times the lock was released, and acquired again before the woken thread looked.
        for _ in 0..3 {
            assert!(unpark_thread(lock.key(), first, Token::RETRY_MORE));
            eventually("it has not entered the queue again", || queue(lock.key()).len() == 2);
            assert_eq!(queue(lock.key()), [first, second], "{mode:?}");
        }
        hand_over(&lock);
        has_acquired(first_thread);
        match mode {
            Mode::Write => hand_over(&lock),
            _ => lock.release(mode),
        }
        has_acquired(second_thread);
    }
}

#[test]
fn an_upgradable_reader_hands_the_claim_to_the_first_waiter() {
    for other_reads in [false, true] {
        let lock = held(Mode::Upgradable);
        if other_reads {
            assert!(lock.in_mode(Mode::Read).at_once().is_some());
        }
        let reads = if other_reads { READER } else { 0 };
        let [(_, other), (writer, writing), (last, behind)] =
            waiters(&lock, [Mode::Upgradable, Mode::Write, Mode::Upgradable]);
        deciding(Always, || lock.release(Mode::Upgradable));
        assert_eq!(
            (word(&lock), queue(lock.key())),
            (reads | UPGRADABLE | PARKED, vec![writer, last])
        );
        has_acquired(other);
        deciding(Always, || lock.release(Mode::Upgradable));
        if other_reads {
            assert_eq!(word(&lock), READER | DRAINING | PARKED, "the writer has the claim");
            assert!(lock.in_mode(Mode::Read).at_once().is_none());
            eventually("the writer does not wait for the reader", || {
                queue(lock.key()) == [last, writer]
            });
            lock.release(Mode::Read);
        }
        has_acquired(writing);
        assert_eq!(word(&lock), writer | WRITER | PARKED);
        hand_over(&lock);
        has_acquired(behind);
        assert_eq!(word(&lock), UPGRADABLE);
    }
}

#[test]
fn a_downgrade_hands_the_claim_over_and_keeps_the_read() {
    for mode in [Mode::Write, Mode::Upgradable] {
        let lock = held(mode);
        let [(_, upgradable), (writer, writing)] = waiters(&lock, [Mode::Upgradable, Mode::Write]);
        let before = Instant::now();
        deciding(Always, || lock.downgrade(mode));
        assert!(last_hand_over(lock.key()).is_some_and(|it| it >= before), "{mode:?}");
        assert_eq!((word(&lock), queue(lock.key())), (READER | UPGRADABLE | PARKED, vec![writer]));
        has_acquired(upgradable);
        deciding(Always, || lock.downgrade(Mode::Upgradable));
        assert_eq!(word(&lock), (2 * READER) | DRAINING);
        lock.release(Mode::Read);
        lock.release(Mode::Read);
        has_acquired(writing);
        assert_eq!(word(&lock), writer | WRITER);
    }
}

#[test]
fn a_claim_that_is_not_handed_over_is_given_up_and_those_who_can_take_it_are_woken() {
    for how in [Never, IfAwake] {
        let lock = held(Mode::Upgradable);
        lock.word.fetch_or(PARKED, Ordering::Relaxed);
        let (_, first) = start_asleep(lock.key(), Mode::Write.amount());
        let (left, second) = start_asleep(lock.key(), Mode::Upgradable.amount());
        deciding(how, || lock.release(Mode::Upgradable));
        assert_eq!((word(&lock), queue(lock.key())), (0, vec![left]), "{how:?}");
        assert_eq!(first.join().unwrap(), Parked::Woken(Token::RETRY_MORE));
        door::unpark_all(lock.key(), Token::RETRY);
        second.join().unwrap();
    }
    let lock = held(Mode::Upgradable);
    lock.word.fetch_or(PARKED, Ordering::Relaxed);
    deciding(Always, || lock.release(Mode::Upgradable));
    assert_eq!(word(&lock), 0, "nobody waits any more");
}
