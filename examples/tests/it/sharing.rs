//! Programs whose threads share data and work.

use crate::example::run_example;

#[test]
fn the_buffer_loses_nothing_and_is_never_too_full() {
    let ended = run_example("bounded_buffer", &[]);
    let lines = ["the sum of 1000 numbers: 500500", "never more than 4 in the buffer: true"];
    assert_eq!(ended.lines(), lines);
    assert_eq!(ended.stderr, "");
}

#[test]
fn the_cache_computes_each_answer_once() {
    let ended = run_example("cache", &[]);
    assert_eq!(ended.lines(), ["sums: [196, 196, 196, 196]", "80 answers, 20 computed"]);
    assert_eq!(ended.stderr, "");
}

#[test]
fn no_thread_begins_a_phase_before_the_others_have_ended_theirs() {
    let ended = run_example("phases", &[]);
    let lines =
        ["[1, 2, 2, 2, 2, 2, 2, 2]", "[1, 2, 3, 4, 4, 4, 4, 4]", "[1, 2, 3, 4, 5, 6, 7, 8]"];
    assert_eq!(ended.lines(), lines);
    assert_eq!(ended.stderr, "");
}

#[test]
fn the_stages_of_the_pipeline_end_one_after_the_other() {
    let ended = run_example("pipeline", &[]);
    let lines =
        ["info: 700 lines, at most 6 ms", "warn: 200 lines, at most 992 ms", "damaged: 100 lines"];
    assert_eq!(ended.lines(), lines);
    assert_eq!(ended.stderr, "");
}
