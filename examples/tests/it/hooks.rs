//! Hooks that are called in every thread.

use crate::example::run_example;

#[test]
fn the_hooks_are_called_in_their_order() {
    let ended = run_example("hooks", &[]);
    let lines = [
        "sleeper runs",
        "sleeper has returned",
        "sleeper has taken its time: true",
        "failing runs",
        "failing has panicked",
        "failing failed: out of paper",
        "the new thread works for Guido",
    ];
    assert_eq!(ended.lines(), lines);
    assert!(!ended.stderr.contains("Exception in"), "the hook has reported it: {ended:#?}");
}
