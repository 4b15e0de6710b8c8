//! Scoped threads.

use crate::example::run_example;

#[test]
fn threads_count_borrowed_words_and_a_panic_stops_the_others() {
    let ended = run_example("scope", &[]);
    let lines =
        ["10 words", "the patient one was stopped: true", "the other one panicked: there is text"];
    assert_eq!(ended.lines(), lines);
    assert_eq!(ended.stderr.matches("there is text").count(), 1, "{ended:#?}");
}
