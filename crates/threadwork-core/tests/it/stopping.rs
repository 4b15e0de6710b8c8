//! How a thread notices a stop request, and its state after it has ended.

use std::time::Duration;

use threadwork_core::{
    Failure, MyThread, Outcome, ResultError, Runnable, StopRequested, Thread, ThreadGroup,
    ThreadState, checkpoint, current_stop_token, current_thread, enumerate, main_thread, scope,
    sleep, stop_requested,
};
use threadwork_sync::{
    Barrier, Condition, Event, GetError, Latch, Lock, PutError, Queue, RLock, RwLock, Semaphore,
    StopSource, Wait, WaitError, WaitKind, get_ident,
};

use crate::support::{Gated, blocked, foreign, in_time, join, run};

const LONG: Duration = Duration::from_secs(3600);

fn wait_for_stop() -> Wait {
    Wait::forever().or_stop(&current_stop_token())
}

/// A function that returns only when its thread is stopped; `true` if it was.
type UntilStopped = fn() -> bool;

static HELD: Lock<()> = Lock::new(());
static HELD_AGAIN: RLock<()> = RLock::new(());
static WRITTEN: RwLock<()> = RwLock::new(());

const WAITS: [(UntilStopped, WaitKind); 12] = [
    (|| sleep(LONG).is_err(), WaitKind::Sleep),
    (|| sleep(Duration::MAX).is_err(), WaitKind::Sleep),
    (|| is_stop(Event::new().wait_with(&wait_for_stop())), WaitKind::Event),
    (|| is_stop(HELD.acquire_with(&wait_for_stop())), WaitKind::Lock),
    (|| is_stop(HELD_AGAIN.acquire_with(&wait_for_stop())), WaitKind::RLock),
    (|| is_stop(WRITTEN.read_with(&wait_for_stop())), WaitKind::RwLock),
    (|| is_stop(Semaphore::new(0).acquire_with(&wait_for_stop())), WaitKind::Semaphore),
    (|| is_stop(Latch::new(1).wait_with(&wait_for_stop())), WaitKind::Latch),
    (
        || Queue::<u8>::new().get_with(&wait_for_stop()) == Err(GetError::Stopped),
        WaitKind::QueueGet,
    ),
    (
        || {
            let queue = Queue::bounded(1);
            let first = queue.put_with(1, &wait_for_stop());
            (first, queue.put_with(2, &wait_for_stop())) == (Ok(()), Err(PutError::Stopped(2)))
        },
        WaitKind::QueuePut,
    ),
    (|| Barrier::new(2).wait_with(&wait_for_stop()).is_err(), WaitKind::Barrier),
    (
        || {
            let lock = Lock::new(());
            let mut guard = lock.acquire();
            is_stop(Condition::new().wait_with(&mut guard, &wait_for_stop()))
        },
        WaitKind::Condition,
    ),
];

fn is_stop<T>(waited: Result<T, WaitError>) -> bool {
    matches!(waited, Err(WaitError::Stopped))
}

/// Starts a thread in each of the waits, and returns once all are blocked.
fn start_all(build: impl Fn(UntilStopped) -> Thread) -> Vec<Thread> {
    let threads: Vec<_> = WAITS
        .iter()
        .map(|(until_stopped, kind)| {
            let thread = build(*until_stopped);
            thread.start().unwrap();
            assert_eq!(blocked(&thread).kind, *kind);
            thread
        })
        .collect();
    threads
}

#[test]
fn a_stop_of_a_thread_a_group_or_a_token_ends_every_wait() {
    in_time(|| {
        let _held = (HELD.acquire(), HELD_AGAIN.acquire(), WRITTEN.write());
        let ended = |threads: Vec<Thread>| {
            for (thread, (_, kind)) in threads.into_iter().zip(WAITS) {
                join(&thread).unwrap_or_else(|error| panic!("{kind:?}: {error}"));
                assert_eq!(thread.state(), ThreadState::Stopped, "{kind:?}");
            }
        };
        let alone = start_all(|f| Thread::new(move || assert!(f())).into());
        assert!(alone.iter().all(|it| it.request_stop()));
        ended(alone);

        let group = ThreadGroup::new("waiters");
        let of_group = start_all(|f| group.builder().build(move || assert!(f())).into());
        group.request_stop();
        ended(of_group);

        let stop = StopSource::new();
        let builder = Thread::builder().stop_token(&stop.token());
        let of_token = start_all(|f| builder.clone().build(move || assert!(f())).into());
        stop.request_stop();
        ended(of_token);
    });
}

#[test]
fn a_stop_of_a_scope_ends_every_wait() {
    in_time(|| {
        let _held = (HELD.acquire(), HELD_AGAIN.acquire(), WRITTEN.write());
        threadwork_core::scope(|scope| {
            let threads = WAITS.map(|(until_stopped, _)| scope.call(until_stopped).unwrap());
            threads.iter().for_each(|it| _ = blocked(it));
            assert!(scope.request_stop() && !scope.request_stop());
            let late = scope.call(|| sleep(LONG)).unwrap();
            assert!(
                late.into_result().unwrap().is_err(),
                "threads that are started later are stopped too"
            );
            for thread in threads {
                let handle = thread.handle().clone();
                assert!(thread.into_result().unwrap());
                assert!(matches!(handle.outcome(), Some(Outcome::Stopped)));
            }
        });
    });
}

#[test]
fn all_ways_to_query_a_stop_agree() {
    type Answers = (bool, bool, bool, bool, bool);
    fn ask() -> Answers {
        (
            stop_requested(),
            checkpoint().is_err(),
            sleep(Duration::ZERO).is_err(),
            current_stop_token().stop_requested(),
            current_thread().stop_requested(),
        )
    }
    let thread = MyThread::new(|| {
        let before = ask();
        current_thread().request_stop();
        (before, ask())
    });
    run(&thread).unwrap();
    const NO: Answers = (false, false, false, false, false);
    const YES: Answers = (true, true, true, true, true);
    assert_eq!(thread.get_result().unwrap(), &(NO, YES));

    let listed = foreign(|| {
        let current = current_thread();
        let before = ask();
        current.request_stop();
        (before, ask())
    });
    assert_eq!(listed, (NO, YES), "also in a foreign thread that is listed");
}

#[test]
fn a_query_does_not_list_a_foreign_thread() {
    let (ident, stopped) = foreign(|| {
        let token = current_stop_token();
        checkpoint().unwrap();
        sleep(Duration::ZERO).unwrap();
        let listed = enumerate().iter().any(|it| it.ident() == Some(get_ident()));
        assert!(!listed);
        (get_ident(), token.stop_requested() || stop_requested())
    });
    assert!(!stopped);
    assert!(enumerate().iter().all(|it| it.ident() != Some(ident)));
}

#[test]
fn a_thread_and_its_handle_have_the_same_token() {
    let thread = MyThread::new(current_stop_token);
    run(&thread).unwrap();
    let token = thread.get_result().unwrap();
    assert!(!token.stop_requested());
    thread.request_stop();
    assert!(token.stop_requested());
}

#[test]
fn the_record_of_a_sleep_has_the_callers_line() {
    let line = line!() + 1;
    let sleeper = Thread::new(|| _ = sleep(LONG));
    sleeper.start().unwrap();
    let record = blocked(&sleeper);
    assert_eq!((record.kind, record.holder, record.name), (WaitKind::Sleep, None, None));
    assert_eq!((record.location.file(), record.location.line()), (file!(), line));
    sleeper.request_stop();
    join(&sleeper).unwrap();
}

#[test]
fn a_stop_before_the_sleep_ends_it_too() {
    let thread = MyThread::new(|| sleep(Duration::MAX));
    thread.request_stop();
    run(&thread).unwrap();
    let stopped: StopRequested = thread.get_result().unwrap().unwrap_err();
    assert_eq!(stopped.to_string(), "the thread was asked to stop; return from it");
}

#[test]
fn a_thread_that_returns_after_the_request_is_stopped_even_if_it_ignored_it() {
    let ignores = Gated::started();
    ignores.request_stop();
    let handle = ignores.handle().clone();
    ignores.end().unwrap();
    assert_eq!(handle.state(), ThreadState::Stopped);
    assert!(matches!(handle.outcome(), Some(Outcome::Stopped)));

    let before = Thread::new(|| ());
    before.request_stop();
    run(&before).unwrap();
    assert_eq!(before.state(), ThreadState::Stopped);

    let after = Thread::new(|| ());
    run(&after).unwrap();
    after.request_stop();
    assert_eq!(after.state(), ThreadState::Finished, "a later request changes nothing");
    assert!(matches!(after.outcome(), Some(Outcome::Finished)));

    let panics = Thread::new(|| {
        current_thread().request_stop();
        panic!("on purpose");
    });
    run(&panics).unwrap_err();
    assert_eq!(panics.state(), ThreadState::Panicked);
}

#[test]
fn a_stop_counts_even_if_the_thread_never_queried_it() {
    let stop = StopSource::new();
    let group = ThreadGroup::new("stopped");
    let of_token = Thread::builder().stop_token(&stop.token()).build(|| ());
    let of_group = group.builder().build(|| ());
    stop.request_stop();
    group.request_stop();
    for thread in [of_token.erase(), of_group.erase()] {
        run(&thread).unwrap();
        assert_eq!(thread.state(), ThreadState::Stopped);
    }
}

#[test]
fn a_stopped_thread_has_ended() {
    assert!(ThreadState::Stopped.has_ended() && !ThreadState::Stopped.is_alive());
    assert!(ThreadState::Finished < ThreadState::Stopped);
    assert!(ThreadState::Stopped < ThreadState::Panicked);
}

#[test]
fn the_main_thread_is_not_stopped() {
    assert!(!main_thread().stop_requested());
}

/// Ends with the error of a wait that was stopped, by `?`.
struct Sleeper;

impl Runnable for Sleeper {
    fn try_run(&mut self) -> Result<(), Failure> {
        Ok(sleep(LONG)?)
    }
}

#[test]
fn an_error_that_says_that_the_thread_was_asked_to_stop_is_no_failure() {
    static NEVER: Event = Event::new();
    static EMPTY: Queue<u32> = Queue::new();
    let closures = [
        Thread::spawn(|| -> Result<(), StopRequested> { sleep(LONG) }).unwrap(),
        Thread::spawn(|| NEVER.wait_with(&wait_for_stop())).unwrap(),
        Thread::spawn(|| EMPTY.get_with(&wait_for_stop()).map(drop)).unwrap(),
        Thread::spawn_fallible(|| Ok(checkpoint_for_ever()?)).unwrap(),
        Thread::builder().start(Sleeper).unwrap().erase(),
    ];
    for thread in closures {
        thread.request_stop();
        join(&thread).unwrap();
        assert_eq!(thread.outcome(), Some(Outcome::Stopped));
    }
    scope(|scope| {
        let sleeper = scope.start(Sleeper).unwrap();
        scope.request_stop();
        let Sleeper = sleeper.into_result().unwrap();
    });
}

fn checkpoint_for_ever() -> Result<(), StopRequested> {
    loop {
        checkpoint()?;
    }
}

#[test]
fn an_error_that_says_so_is_a_failure_of_a_thread_that_was_not_asked_or_owes_a_result() {
    let stop = StopSource::new();
    stop.request_stop();
    let wait = Wait::forever().or_stop(&stop.token());
    let not_asked =
        Thread::builder().on_failure(|_, _| ()).build(move || Event::new().wait_with(&wait));
    run(&not_asked).unwrap_err();
    assert_eq!(not_asked.state(), ThreadState::Failed);

    let owes: MyThread<_, u32> =
        Thread::builder().on_failure(|_, _| ()).build_my_thread_fallible(|| {
            sleep(LONG)?;
            Ok(7)
        });
    owes.start().unwrap();
    owes.request_stop();
    let Err(ResultError::Failed(failure)) = owes.wait_result() else {
        panic!("there is no result")
    };
    assert!(failure.error().is::<StopRequested>());
}
