//! Queues of blocked threads, in the child of a fork. Scenario "the waiters that are not there" in docs/architecture.md.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use threadwork_core::{Thread, as_completed, enumerate};
use threadwork_sync::{Condition, Event, Lock, Wait, wait_any, waits};

use crate::{
    forks::fork,
    runner::{ENDS_WELL, Program},
    support::{for_ever, until, until_blocked},
};

const LONG: Duration = Duration::from_secs(60);

/// How many children a process forks that blocks and wakes threads meanwhile.
const CHILDREN: usize = 2_000;

pub(crate) const PROGRAMS: &[Program] = &[IN_THE_MIDDLE, REMOVED, ENDS];

const IN_THE_MIDDLE: Program = Program {
    claim: "children start threads, whatever queues other threads had locked",
    main: || {
        static CONTENDED: Lock<u32> = Lock::new(0);
        static ENOUGH: AtomicBool = AtomicBool::new(false);
        // They start no threads: at such a moment std itself may hold a lock that stays locked in a child.
        let lasting = Thread::builder().daemon(true).build(for_ever);
        lasting.start().unwrap();
        let busy = {
            let lasting = lasting.handle().clone();
            move || {
                while !ENOUGH.load(Ordering::Relaxed) {
                    *CONTENDED.acquire() += 1;
                    assert!(lasting.join_timeout(Duration::from_micros(20)).is_err());
                    assert!(enumerate().len() > 1);
                    let _ = Event::new().wait_timeout(Duration::from_micros(20));
                }
            }
        };
        let others: Vec<_> = (0..4).map(|_| Thread::new(busy.clone())).collect();
        others.iter().for_each(|it| it.start().unwrap());
        for n in 0..CHILDREN {
            let code = fork(|| {
                // SAFETY: an alarm, whose signal ends a child that hangs.
                unsafe { libc::alarm(60) };
                let thread = Thread::new(for_a_moment);
                thread.start().unwrap();
                thread.join_timeout(LONG).unwrap();
            });
            assert_eq!(code, 0, "child {n}");
        }
        ENOUGH.store(true, Ordering::Relaxed);
        others.iter().for_each(|it| it.join().unwrap());
        ExitCode::SUCCESS
    },
    ..ENDS_WELL
};

/// Blocks, so that the thread that joins the current one blocks too.
fn for_a_moment() {
    let _ = Event::new().wait_timeout(Duration::from_micros(100));
}

const REMOVED: Program = Program {
    // The C library gives their stacks, which hold their queue nodes, to threads of the child.
    claim: "a child removes waiters that do not exist in it from the queues",
    main: || {
        const MANY: usize = 100;
        static LOCK: Lock<()> = Lock::new(());
        static CONDITION: Condition = Condition::new();
        let blocked_by = |block: fn()| {
            let thread = Thread::builder().daemon(true).build(block);
            thread.start().unwrap();
            until_blocked(thread.ident().unwrap());
            thread
        };
        let mut others = Vec::new();
        for _ in 0..MANY {
            others.push(blocked_by(|| CONDITION.wait(&mut LOCK.acquire())));
            others.push(blocked_by(for_ever));
        }
        let mut held = Some(LOCK.acquire());
        others.push(blocked_by(|| drop(LOCK.acquire())));
        // The notified threads are in the queue of the lock now.
        assert_eq!(CONDITION.notify(held.as_ref().unwrap(), MANY / 2), MANY / 2);
        let code = fork(|| {
            assert_eq!(waits().len(), 0);
            for _ in 0..5 {
                let gates: Vec<_> = (0..MANY).map(|_| Arc::new(Event::new())).collect();
                let threads = gates.iter().map(|gate| {
                    let gate = Arc::clone(gate);
                    let thread = Thread::new(move || gate.wait());
                    thread.start().unwrap();
                    thread
                });
                let threads: Vec<_> = threads.collect();
                until(|| waits().len() == MANY);
                gates.iter().for_each(|it| it.set());
                threads.iter().for_each(|it| it.join_timeout(LONG).unwrap());
            }
            assert_eq!(CONDITION.notify_all(held.as_ref().unwrap()), 0);
            let late = Thread::new(|| drop(LOCK.acquire()));
            late.start().unwrap();
            until_blocked(late.ident().unwrap());
            drop(held.take());
            late.join_timeout(LONG).unwrap();
        });
        assert_eq!(code, 0);
        assert!(others.iter().all(|it| it.is_alive()));
        assert_eq!(waits().len(), others.len(), "the parent is not affected");
        ExitCode::SUCCESS
    },
    ..ENDS_WELL
};

const ENDS: Program = Program {
    claim: "in a child, all threads of an iterator over ends have ended, and it can be dropped",
    main: || {
        let threads: Vec<_> =
            (0..4).map(|_| Thread::builder().daemon(true).build(for_ever)).collect();
        threads.iter().for_each(|it| it.start().unwrap());
        threads.iter().for_each(|it| until_blocked(it.ident().unwrap()));
        let ended = Thread::new(|| ());
        ended.start().unwrap();
        ended.join().unwrap();
        let all = || threads.iter().map(Thread::handle).chain([ended.handle()]);
        let mut ends = as_completed(all()).unwrap();
        assert_eq!(ends.next(), Some(ended.handle()));
        let mut dropped = Some(as_completed(all()).unwrap());
        let code = fork(|| {
            drop(dropped.take());
            assert_eq!(wait_any(&[&threads[2]], &Wait::forever()), Ok(0));
            assert_eq!(ends.try_next(), Some(threads[0].handle()));
            assert_eq!(ends.len(), 3);
            assert!(ends.by_ref().eq(threads[1..].iter().map(Thread::handle)));
            assert_eq!(ends.next_timeout(LONG), Ok(None));
            drop(ends);
            let late = Thread::new(|| ());
            late.start().unwrap();
            let both = as_completed([threads[0].handle(), late.handle()]).unwrap();
            assert_eq!(both.count(), 2);
        });
        assert_eq!(code, 0);
        assert_eq!(dropped.map(|it| it.len()), Some(5), "the parent is not affected");
        ExitCode::SUCCESS
    },
    ..ENDS_WELL
};
