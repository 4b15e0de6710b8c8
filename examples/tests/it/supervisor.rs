//! Threads that are restarted.

use crate::example::run_example;

#[test]
fn a_child_is_started_again_until_it_serves_and_a_hopeless_one_is_given_up() {
    let ended = run_example("supervisor", &[]);
    let mut lines = ended.lines();
    // The two children run at the same time.
    let set_up = lines.iter().position(|it| *it == "set up once").expect("it is set up once");
    assert!(set_up < 4, "{ended:#?}");
    lines.remove(set_up);
    let expected = [
        "attempt 1",
        "attempt 2",
        "attempt 3",
        "the client ends",
        "patient supervisor has ended: Stopped",
        "supervisor gives up after 1 restarts within 60s; the last to end was 'hopeless': out of paper",
    ];
    assert_eq!(lines, expected);
    for child in ["client", "hopeless"] {
        let told = ended.stderr.matches(&format!("thread '{child}' (")).count();
        assert_eq!(told, 2, "{ended:#?}");
    }
}
