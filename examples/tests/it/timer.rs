//! Functions that run later.

use crate::example::run_example;

#[test]
fn a_timer_runs_later_or_again_or_not_at_all_and_the_end_waits_for_it() {
    let ended = run_example("timer", &[]);
    let lines = [
        "waiting: true",
        "hello, Guido, from Thread-1 (hello)",
        "waiting: false",
        "cancelled: true",
        "cancelled again: false",
        "tick",
        "tick",
        "tick",
        "end",
        "hello, tea, from tea",
    ];
    assert_eq!(ended.lines(), lines);
    assert_eq!((ended.status.code(), ended.stderr.as_str()), (Some(0), ""));
}
