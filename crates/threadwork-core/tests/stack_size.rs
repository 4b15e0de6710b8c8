//! The default stack size. This is one test in its own process, because the default applies to all threads.

use std::time::Duration;

use threadwork_core::{
    JoinError, Restart, StartError, Supervisor, Thread, set_stack_size, stack_size,
};

/// More than any machine has.
const ABSURD: usize = usize::MAX >> 4;

/// Uses at least four kilobytes of stack per level.
fn descend(depth: u32) -> u32 {
    let room = std::hint::black_box([depth; 1024]);
    if depth == 0 { room[0] } else { descend(depth - 1) + u32::from(room[1023] == depth) }
}

#[track_caller]
fn run<T: ?Sized>(thread: &Thread<T>) -> Result<(), JoinError> {
    thread.start().unwrap();
    thread.join()
}

/// After `ThreadRunningTests.test_stack_size`.
fn check_it_is_zero_until_it_is_set() {
    assert_eq!(stack_size(), 0);
    assert_eq!(set_stack_size(0).unwrap(), 0);
    assert_eq!(stack_size(), 0);
}

/// After `ThreadRunningTests.test_nt_and_posix_stack_size`.
fn check_a_small_size_is_refused_and_the_last_one_set_counts() {
    for bytes in [1, 4096, 32 * 1024 - 1] {
        let error = set_stack_size(bytes).unwrap_err();
        assert_eq!((error.size(), error.minimum()), (bytes, 32 * 1024));
        assert_eq!(stack_size(), 0);
    }
    let mut before = 0;
    for bytes in [262_144, 64 << 20, 32 * 1024, 0] {
        assert_eq!(set_stack_size(bytes).unwrap(), before);
        assert_eq!(stack_size(), bytes);
        run(&Thread::new(|| ())).unwrap();
        before = bytes;
    }
}

fn check_it_applies_to_threads_started_later() {
    // At least four kilobytes per level: 16 megabytes, where the default of std is two.
    let built_before = Thread::new(|| assert_eq!(std::hint::black_box(descend(4096)), 4096));
    set_stack_size(64 << 20).unwrap();
    run(&built_before).unwrap();
    threadwork_core::scope(|scope| _ = scope.call(|| descend(4096)).unwrap());
    set_stack_size(ABSURD).unwrap();
    assert!(matches!(Thread::new(|| ()).start(), Err(StartError::Os(_))));
    run(&Thread::builder().stack_size(64 << 20).build(|| _ = descend(4096))).unwrap();
    set_stack_size(0).unwrap();
}

fn check_a_supervisor_gives_up_if_its_child_cannot_be_started() {
    let supervisor = Supervisor::new()
        .at_most(2, Duration::from_secs(3600))
        .backoff(Duration::ZERO, Duration::ZERO)
        .child("refused", Restart::Never, || ());
    let supervisor = Thread::builder().stack_size(256 * 1024).build(supervisor);
    set_stack_size(ABSURD).unwrap();
    let Err(JoinError::Failed(failure)) = run(&supervisor) else { panic!("it ends") };
    let message = failure.message();
    let begin = "supervisor gives up after 2 restarts within 3600s; mend this, or allow more with `at_most`: thread 'refused' failed: \
        the operating system refused to start a thread (";
    assert!(message.starts_with(begin), "{message}");
    set_stack_size(0).unwrap();
}

#[test]
fn the_default_stack_size_can_be_set() {
    check_it_is_zero_until_it_is_set();
    check_a_small_size_is_refused_and_the_last_one_set_counts();
    check_it_applies_to_threads_started_later();
    check_a_supervisor_gives_up_if_its_child_cannot_be_started();
}
