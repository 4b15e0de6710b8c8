//! Queues in the child of a fork, whatever state they had in the parent.
#![cfg(all(unix, not(any(threadwork_loom, threadwork_portable))))]

use std::{
    os::unix::thread::JoinHandleExt,
    panic::catch_unwind,
    process,
    sync::{
        atomic::{AtomicBool, AtomicI32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use super::*;
use crate::{
    Event, Lock,
    door::{
        bucket::{
            node::Standing,
            sleeper,
            terms::{Parking, Token},
        },
        testing::{eventually, start, subject},
    },
    floor::{AtWork, Wakes, Word},
    waits,
};

const LONG: Duration = Duration::from_secs(60);

/// Forks. In the child, which an alarm ends if it hangs, this calls `f` and ends. Returns the number of the child.
fn fork(f: impl FnOnce()) -> i32 {
    // SAFETY: only this thread exists in the child, and what it needs of the C library works there (glibc).
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "the process can be forked");
    if child == 0 {
        // SAFETY: an alarm whose signal has its default effect.
        unsafe { libc::alarm(60) };
        let ended = catch_unwind(std::panic::AssertUnwindSafe(f));
        end_child(ended.is_ok());
    }
    child
}

fn end_child(is_well: bool) -> ! {
    // SAFETY: the child ends here.
    unsafe { libc::_exit(i32::from(!is_well)) }
}

#[track_caller]
fn check_end(child: i32) {
    let mut status = 0;
    // SAFETY: the number is that of a child, and the status a place of this function.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!((waited, status), (child, 0), "the child failed, or an alarm ended it");
}

/// Blocks another thread and wakes it. Checks that no other thread waits in this process.
fn block_and_wake() {
    static EVENT: Event = Event::new();
    assert!(waits().is_empty(), "the child begins with empty queues");
    let waits_there = thread::spawn(|| EVENT.wait_timeout(LONG));
    eventually("the thread does not block", || !waits().is_empty());
    EVENT.set();
    waits_there.join().unwrap().unwrap();
    EVENT.clear();
    assert!(waits().is_empty());
}

#[test]
fn a_bucket_that_another_thread_has_locked_is_free_and_empty_in_the_child() {
    let ((locks, are_locked), (ends, is_over)) = (mpsc::channel(), mpsc::channel());
    // All buckets, so that whatever the child uses is among them. The threads of other tests wait meanwhile.
    let holds = thread::spawn(move || {
        PART.look_after();
        let _at_work = AtWork::begin();
        let _locked: Vec<_> = TABLE.iter().map(|it| it.list.lock()).collect();
        locks.send(()).unwrap();
        is_over.recv().unwrap();
    });
    are_locked.recv().unwrap();
    let child = fork(block_and_wake);
    ends.send(()).unwrap();
    holds.join().unwrap();
    check_end(child);
}

#[test]
fn a_child_is_not_cleaned_before_its_thread_has_unlocked_its_bucket() {
    static LOCK: Lock<()> = Lock::new(());
    let held = LOCK.acquire();
    let (_, waits_there) = start(|| drop(LOCK.acquire()));
    let n_nodes = |bucket: &Locked| {
        let mut count = 0;
        // SAFETY: the bucket is locked.
        unsafe { bucket.for_each(|_| count += 1) };
        count
    };
    let at_work = AtWork::begin();
    let bucket = TABLE.iter().map(|it| it.list.lock()).find(|it| n_nodes(it) > 0);
    let mut bucket = Some(bucket.expect("a thread waits"));
    // As if a signal handler forked in the middle of a visit.
    let mut at_work = Some(at_work);
    let child = fork(|| {
        assert!(bucket.as_ref().is_some_and(|it| n_nodes(it) > 0));
        drop(bucket.take());
        drop(at_work.take());
        block_and_wake();
    });
    drop((bucket, at_work));
    drop(held);
    waits_there.join().unwrap();
    check_end(child);
}

#[test]
fn waiters_of_the_parent_are_in_no_queue_of_its_child_and_grandchild() {
    static LOCK: Lock<()> = Lock::new(());
    let held = LOCK.acquire();
    let (_, waits_there) = start(|| drop(LOCK.acquire()));
    let child = fork(|| {
        block_and_wake();
        assert!(LOCK.acquire_timeout(Duration::from_millis(1)).is_err());
        check_end(fork(block_and_wake));
    });
    drop(held);
    waits_there.join().unwrap();
    check_end(child);
}

static CHILD: AtomicI32 = AtomicI32::new(0);
static IS_CHILD: AtomicBool = AtomicBool::new(false);

extern "C" fn fork_in_handler(_: i32) {
    // SAFETY: as in `fork`; the thread that is interrupted waits.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: as in `fork`.
        unsafe { libc::alarm(60) };
        IS_CHILD.store(true, Ordering::Relaxed);
    } else {
        CHILD.store(child, Ordering::Relaxed);
    }
}

#[test]
fn the_wait_in_which_a_signal_handler_forks_goes_on_in_the_child() {
    // Without the thread in its queue, a wait in the child would take itself for woken, and would never end.
    let wait = || {
        while CHILD.load(Ordering::Relaxed) == 0 {
            let ended = Event::new().wait_timeout(Duration::from_millis(500));
            if IS_CHILD.load(Ordering::Relaxed) {
                end_child(ended.is_err() && catch_unwind(block_and_wake).is_ok());
            }
        }
    };
    let handler: extern "C" fn(i32) = fork_in_handler;
    // SAFETY: the handler forks, which its thread does not mind in the middle of a wait.
    unsafe { libc::signal(libc::SIGUSR2, handler as libc::sighandler_t) };
    let (_, waits_there) = start(wait);
    // SAFETY: the thread has not been joined.
    unsafe { libc::pthread_kill(waits_there.as_pthread_t(), libc::SIGUSR2) };
    waits_there.join().unwrap();
    let child = CHILD.load(Ordering::Relaxed);
    assert_ne!(child, process::id().cast_signed());
    check_end(child);
}

#[test]
fn a_waiter_that_was_just_taken_out_waits_again_in_the_child() {
    let (word, subject) = (Word::new(0), subject());
    let parking = Parking { key: Key::of(&word), amount: 0, subject: &subject, overtaken: false };
    let sleeper = sleeper::mine();
    let sleeper: &'static sleeper::Sleeper = &sleeper;
    let node = Node::waiter(&parking, sleeper);
    let standing = Standing::begin(node.pointer(), &node);
    let waits = || {
        // SAFETY: the node is in no list, or the bucket is not used by others.
        unsafe { node.waits_after_fork() }
    };
    assert!(!waits(), "it was never in a queue");
    // SAFETY: no other thread knows the node.
    unsafe { node.place() }.is_told = true;
    assert!(waits() && !waits());
    // SAFETY: as above.
    unsafe { node.place() }.is_told = true;
    // SAFETY: the node is in no queue, as if this thread had taken it out.
    unsafe { Node::wake(node.pointer(), Token::RETRY, &mut Wakes::new()) };
    assert!(!waits(), "it has its token");
    drop(standing);
}

#[test]
fn a_thread_that_waits_within_a_wait_is_known_with_the_nodes_of_both() {
    let (word, subject) = (Word::new(0), subject());
    let parking = Parking { key: Key::of(&word), amount: 0, subject: &subject, overtaken: false };
    let sleeper = sleeper::mine();
    let sleeper: &'static sleeper::Sleeper = &sleeper;
    let [outer, inner, ending] = [(); 3].map(|()| Node::waiter(&parking, sleeper));
    let n_of_mine = || {
        let mut count = 0;
        node::for_each_of_mine(|_| count += 1);
        count
    };
    let standing = Standing::begin(outer.pointer(), &outer);
    assert_eq!(n_of_mine(), 1);
    inner.chained.of_same.set(Some(ending.pointer()));
    let within = Standing::begin(inner.pointer(), &ending);
    assert_eq!(n_of_mine(), 3);
    drop(within);
    assert_eq!(n_of_mine(), 1);
    drop(standing);
    assert_eq!(n_of_mine(), 0);
}
