//! Threads that are asked to stop.

use crate::example::run_example;

#[test]
fn each_thread_stops_when_asked_and_reports_it() {
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
