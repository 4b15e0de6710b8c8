//! The end of a program.

use crate::example::run_example;

#[test]
fn callbacks_run_in_reverse_order_then_threads_are_stopped_and_waited_for() {
    let ended = run_example("exit", &[]);
    let mut lines = ended.lines();
    // Both are stopped at once.
    lines[2..].sort_unstable();
    assert_eq!(
        lines,
        ["the end has begun", "threads are stopped now", "reader ends", "writer ends"]
    );
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_thread_that_does_not_end_is_named_and_the_code_says_so() {
    let ended = run_example("exit", &["stubborn"]);
    assert_eq!(ended.status.code(), Some(75), "{ended:#?}");
    assert_eq!(ended.stderr, "threadwork: not ended within 3s: 'stubborn'\n");
    assert_eq!(ended.stdout.lines().count(), 4, "{ended:#?}");
}
