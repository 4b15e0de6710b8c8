//! Groups of threads.

use crate::example::run_example;

#[test]
fn a_group_limits_lists_reports_and_joins_its_threads() {
    let ended = run_example("groups", &[]);
    let lines = [
        "group 'server/readers' is limited to 2 threads at a time; start the thread again once others have ended",
        "server/readers/worker-1",
        "server/readers/worker-2",
        "server/writers/worker-1",
        "server/writers/worker-2 failed: the disk is full",
        "3 threads are alive",
        "0 threads are alive",
    ];
    assert_eq!(ended.lines(), lines);
    assert_eq!(ended.stderr.matches("the disk is full").count(), 1, "{ended:#?}");
}
