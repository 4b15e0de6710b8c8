//! Each thread has its own value.

use crate::example::run_example;

#[test]
fn each_thread_counts_for_itself_and_an_heir_works_for_the_same() {
    let ended = run_example("local", &[]);
    let lines = [
        "counted: 3000",
        "values that are left: 0",
        "the heir works for Guido",
        "another one works for Ada",
    ];
    assert_eq!(ended.lines(), lines);
}
