//! Threads that are asked to stop.

use crate::example::run_example;

#[test]
fn each_thread_ends_when_it_is_asked_to_and_says_so() {
    let ended = run_example("stopping", &[]);
    let lines = [
        "heart has ended: Stopped",
        "searcher has ended: Stopped",
        "server is asked to stop",
        "server has ended: Stopped",
        "the heart has beaten: true",
        "the search: Err(StopRequested(()))",
    ];
    assert_eq!(ended.lines(), lines);
    assert_eq!(ended.stderr, "");
}
