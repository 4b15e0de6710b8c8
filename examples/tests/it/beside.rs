//! Programs with threads and tasks.

use crate::example::run_example;

#[test]
fn tasks_of_tokio_get_their_answers_from_rayon() {
    let ended = run_example("beside", &[]);
    let lines = [
        "4 primes below 10",
        "25 primes below 100",
        "168 primes below 1000",
        "1229 primes below 10000",
        "9592 primes below 100000",
    ];
    assert_eq!(ended.lines(), lines);
    assert_eq!(ended.stderr, "");
}

#[test]
fn tasks_await_events_queues_results_and_threads() {
    let ended = run_example("async", &[]);
    let lines = [
        "opened",
        "locks: 5",
        "events: 6",
        "queues: 6",
        "10! = 3628800",
        "the endless thread has ended in time: false",
        "and when it was asked to: Stopped",
    ];
    assert_eq!(ended.lines(), lines);
    assert_eq!(ended.stderr, "");
}
