//! Threads with different runnables.

use crate::example::run_example;

#[test]
fn each_runnable_runs_and_its_thread_ends_before_the_next_starts() {
    let ended = run_example("runnable", &[]);
    let lines = [
        "hello, Guido",
        "Thread-1 (Greeter) has ended: Finished",
        "squares: [1, 4, 9]",
        "Thread-2 (Squares) has ended: Finished",
        "idle has ended: Finished",
        "tick 0: 1",
        "tick 1: 1",
        "tick 2: 1",
    ];
    assert_eq!(ended.lines(), lines);
    assert_eq!(ended.stderr, "");
}
