//! Every misuse has its own error, which says what to do and changes nothing.

use std::error::Error;

use threadwork_core::{
    JoinError, MyThread, StartError, Thread, ThreadState, current_thread, enumerate,
};
use threadwork_sync::Wait;

use crate::support::{ABSURD_STACK_SIZE, Gated, foreign, join, run};

#[track_caller]
fn check_already_started<T: ?Sized>(thread: &Thread<T>) {
    let before = (thread.state(), thread.ident());
    let error = thread.start().unwrap_err();
    assert!(matches!(error, StartError::AlreadyStarted));
    assert_eq!(
        error.to_string(),
        "thread is already started, and a thread can be started only once; \
         make a new one, from a clone of the runnable if it must run again"
    );
    assert!(error.source().is_none());
    assert_eq!((thread.state(), thread.ident()), before);
}

/// After `ThreadingExceptionTests.test_start_thread_again`.
#[test]
fn a_thread_cannot_be_started_twice() {
    let gated = Gated::new();
    gated.start().unwrap();
    check_already_started(&gated);
    gated.open();
    join(&gated).unwrap();
    assert_eq!(gated.state(), ThreadState::Finished);
}

#[test]
fn a_thread_cannot_be_started_after_its_end() {
    let finished = Thread::new(|| ());
    run(&finished).unwrap();
    check_already_started(&finished);
    let panicked = Thread::new(|| panic!("on purpose"));
    run(&panicked).unwrap_err();
    check_already_started(&panicked);
    assert_eq!(panicked.state(), ThreadState::Panicked);
}

#[test]
fn of_many_threads_that_start_a_thread_one_succeeds() {
    for _ in 0..50 {
        let thread = Thread::new(|| ());
        let starts: Vec<_> = std::thread::scope(|scope| {
            let starters: Vec<_> = (0..4).map(|_| scope.spawn(|| thread.start())).collect();
            starters.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert_eq!(starts.iter().filter(|it| it.is_ok()).count(), 1);
        join(&thread).unwrap();
    }
}

#[track_caller]
fn check_not_started(ended: Result<(), JoinError>) {
    let error = ended.unwrap_err();
    assert!(matches!(error, JoinError::NotStarted));
    assert_eq!(error.to_string(), "cannot join a thread before it is started; call start first");
}

/// After `ThreadingExceptionTests.test_joining_inactive_thread`.
#[test]
fn a_thread_cannot_be_joined_before_it_is_started() {
    let thread = Thread::new(|| ());
    check_not_started(thread.join());
    check_not_started(thread.join_timeout(std::time::Duration::ZERO));
    check_not_started(thread.join_with(&Wait::forever()));
    assert_eq!(thread.state(), ThreadState::New);
    run(&thread).unwrap();
}

/// After `ThreadingExceptionTests.test_joining_current_thread`.
#[test]
fn a_thread_cannot_join_itself() {
    let thread = MyThread::new(|| {
        let current = current_thread();
        let stop = threadwork_sync::StopSource::new();
        stop.request_stop();
        [
            current.join().unwrap_err(),
            current.join_timeout(std::time::Duration::ZERO).unwrap_err(),
            current.join_with(&Wait::forever().or_stop(&stop.token())).unwrap_err(),
        ]
    });
    run(&thread).unwrap();
    for error in thread.get_result().unwrap() {
        assert!(matches!(error, JoinError::CurrentThread));
        assert_eq!(
            error.to_string(),
            "cannot join the current thread, which would wait for itself for ever; join it from another thread"
        );
    }
}

#[test]
fn a_foreign_thread_cannot_join_itself_either() {
    let error = foreign(|| current_thread().join().unwrap_err());
    assert!(matches!(error, JoinError::CurrentThread));
}

#[test]
fn a_foreign_thread_cannot_be_joined_alive_or_ended() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let (enough, wait) = std::sync::mpsc::channel::<()>();
    let other = std::thread::spawn(move || {
        sender.send(current_thread()).unwrap();
        let _ = wait.recv();
    });
    let dummy = receiver.recv().unwrap();
    let alive = dummy.join().unwrap_err();
    assert!(dummy.is_alive());
    drop(enough);
    other.join().unwrap();
    let ended = dummy.join_timeout(std::time::Duration::ZERO).unwrap_err();
    for error in [alive, ended] {
        assert!(matches!(error, JoinError::ForeignThread));
        assert_eq!(
            error.to_string(),
            "cannot join a thread that was not started by this library; join it through whatever started it"
        );
    }
}

#[track_caller]
fn check_no_daemon_any_more(thread: &threadwork_core::ThreadHandle) {
    let before = thread.is_daemon();
    for daemon in [true, false] {
        let error = thread.set_daemon(daemon).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot change whether a thread is a daemon once it is started; set it before start"
        );
        assert_eq!(thread.is_daemon(), before);
    }
}

/// After `ThreadingExceptionTests.test_daemonize_active_thread`.
#[test]
fn a_started_thread_cannot_change_whether_it_is_a_daemon() {
    for daemon in [true, false] {
        let gated = Gated::new();
        gated.set_daemon(!daemon).unwrap();
        gated.set_daemon(daemon).unwrap();
        gated.start().unwrap();
        check_no_daemon_any_more(&gated);
        gated.open();
        join(&gated).unwrap();
        check_no_daemon_any_more(&gated);
    }
}

#[test]
fn neither_the_main_thread_nor_a_foreign_one_can_change_whether_it_is_a_daemon() {
    check_no_daemon_any_more(&threadwork_core::main_thread());
    foreign(|| check_no_daemon_any_more(&current_thread()));
}

#[test]
fn a_stack_that_is_too_small_is_refused_and_the_thread_stays_new() {
    for stack_size in [1, 2, 32767] {
        let thread = Thread::builder().stack_size(stack_size).build(|| ());
        for _ in 0..2 {
            let error = thread.start().unwrap_err();
            let StartError::StackSize(too_small) = error else {
                panic!("{error:?}");
            };
            assert_eq!((too_small.size(), too_small.minimum()), (stack_size, 32768));
            assert_eq!(
                error.to_string(),
                format!(
                    "stack size of {stack_size} bytes is too small; ask for at least 32768, or 0 for the default"
                )
            );
        }
        check_untouched(&thread);
        assert!(thread.into_runnable().is_ok());
    }
}

#[test]
fn the_smallest_and_the_default_stack_are_accepted() {
    for stack_size in [0, 32768] {
        run(&Thread::builder().stack_size(stack_size).build(|| ())).unwrap();
    }
}

#[track_caller]
fn check_untouched<T: ?Sized>(thread: &Thread<T>) {
    assert_eq!(thread.state(), ThreadState::New);
    assert!(!thread.is_alive());
    assert_eq!(thread.ident(), None);
    assert_eq!(thread.native_id(), None);
    assert!(thread.outcome().is_none());
    assert!(!enumerate().contains(thread));
    assert!(matches!(thread.join(), Err(JoinError::NotStarted)));
}

/// After `ThreadTests.test_limbo_cleanup` and `test_start_new_thread_failed`.
#[test]
fn a_thread_that_the_operating_system_refuses_stays_new_and_can_be_started_again() {
    let thread =
        Thread::builder().stack_size(ABSURD_STACK_SIZE).build(vec![7].into_iter().sum_up());
    for _ in 0..3 {
        let error = thread.start().unwrap_err();
        assert!(matches!(error, StartError::Os(_)), "{error:?}");
        assert!(error.source().is_some_and(|it| it.is::<std::io::Error>()));
        let text = error.to_string();
        assert!(text.starts_with("the operating system refused to start a thread ("), "{text}");
        assert!(text.ends_with(
            "); start the thread again once others have ended, or ask for a smaller stack"
        ));
        check_untouched(&thread);
    }
    thread.set_daemon(true).expect("the thread is not started");
    let mut runnable = thread.into_runnable().expect("the thread is not started");
    runnable();
}

trait SumUp: Iterator<Item = u32> + Sized + Clone + Send + 'static {
    /// A closure that owns a value, so that a lost one would be noticed.
    fn sum_up(self) -> impl FnMut() + Send + 'static {
        move || assert_eq!(self.clone().sum::<u32>(), 7)
    }
}
impl<I: Iterator<Item = u32> + Clone + Send + 'static> SumUp for I {}

#[test]
fn every_stack_size_is_accepted_or_refused_by_an_error() {
    for stack_size in [1 << 62, usize::MAX / 2, usize::MAX - 1, usize::MAX] {
        let thread = Thread::builder().stack_size(stack_size).build(|| ());
        assert!(matches!(thread.start(), Err(StartError::Os(_))), "{stack_size}");
        check_untouched(&thread);
    }
}

#[test]
fn a_name_with_a_nul_character_is_refused_when_it_is_used() {
    let thread = Thread::builder().name("lo\0op").build(|| ());
    assert_eq!(thread.name(), "lo\0op");
    let error = thread.start().unwrap_err();
    assert!(error.source().is_some_and(|it| it.is::<threadwork_core::NameError>()));
    let text = error.to_string();
    assert_eq!(text, r#"thread name "lo\0op" contains a NUL character; leave it out"#);
    check_untouched(&thread);

    let error = thread.set_name("\0").unwrap_err();
    assert_eq!(error.name(), "\0");
    assert_eq!(error.to_string(), r#"thread name "\0" contains a NUL character; leave it out"#);
    assert_eq!(thread.name(), "lo\0op", "the name is unchanged");

    thread.set_name("loop").unwrap();
    run(&thread).unwrap();
}
