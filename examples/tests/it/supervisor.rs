//! Threads that are restarted.

use crate::example::run_example;

#[test]
fn a_child_is_started_again_until_it_serves_and_a_hopeless_one_is_given_up() {
    let ended = run_example("supervisor", &[]);
    let mut lines = ended.lines();
    // It has told that it is ready when the next child is started.
    let set_up = lines.iter().position(|it| *it == "set up once").expect("it is set up once");
    assert!(set_up >= 3, "{ended:#?}");
    lines.remove(set_up);
    let expected = [
        "attempt 1",
        "attempt 2",
        "attempt 3",
        "client: restarted 2 times",
        "set-up: restarted 0 times",
        "the guest is in the group Some(\"patient\")",
        "the client ends",
        "patient has ended: Stopped",
        "supervisor gives up after 1 restart within 60s; mend this, or allow more with `at_most`: thread 'hopeless' panicked: out of paper",
    ];
    assert_eq!(lines, expected);
    for told in ["thread 'client' failed: no answer", "thread 'hopeless' ("] {
        assert_eq!(ended.stderr.matches(told).count(), 2, "{told}: {ended:#?}");
    }
}
