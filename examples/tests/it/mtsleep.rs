//! Three programs that run the same two loops.

use std::thread;

use crate::{
    child::Ended,
    ctime::parse,
    example::{check_line, run_example},
};

const EXAMPLES: [&str; 3] = ["mtsleep_c", "mtsleep_d", "mtsleep_e"];

/// Durations so far apart that a busy machine does not change the order.
const APART: [&str; 2] = ["4", "2"];

/// Checks that both loops start before either ends, and that the second loop, which is shorter, ends first.
#[track_caller]
fn check_order(ended: &Ended) {
    let [starting, start, other_start, second_done, first_done, all_done] = ended.lines()[..]
    else {
        panic!("{ended:#?}")
    };
    check_line(starting, "starting at: ");
    // They start at the same time, so either may be first.
    let mut starts = [start, other_start];
    starts.sort_unstable();
    check_line(starts[0], "start loop 0 at: ");
    check_line(starts[1], "start loop 1 at: ");
    check_line(second_done, "loop 1 done at: ");
    check_line(first_done, "loop 0 done at: ");
    check_line(all_done, "all DONE at: ");
    assert_eq!(ended.stderr, "");
}

#[test]
fn mtsleep_c_runs_both_loops_at_the_same_time_and_the_shorter_ends_first() {
    check_order(&run_example("mtsleep_c", &APART));
}

#[test]
fn mtsleep_d_runs_both_loops_at_the_same_time_and_the_shorter_ends_first() {
    check_order(&run_example("mtsleep_d", &APART));
}

#[test]
fn mtsleep_e_runs_both_loops_at_the_same_time_and_the_shorter_ends_first() {
    check_order(&run_example("mtsleep_e", &APART));
}

#[test]
fn the_loops_sleep_as_many_seconds_as_the_arguments_say() {
    for name in EXAMPLES {
        let ended = run_example(name, &["0", "1.2", "0.1"]);
        let lines = ended.lines();
        assert_eq!(lines.len(), 8, "{ended:#?}");
        check_line(lines[6], "loop 1 done at: ");
        check_duration(&ended, 1, 1);
    }
}

#[test]
fn without_arguments_the_loops_sleep_4_and_2_seconds_as_in_the_chapter() {
    thread::scope(|scope| {
        for name in EXAMPLES {
            scope.spawn(move || {
                let ended = run_example(name, &[]);
                check_duration(&ended, 1, 2);
                check_duration(&ended, 0, 4);
                let lines = ended.lines();
                assert!(lines[3].starts_with("loop 1 done at: "), "{ended:#?}");
                assert!(lines[4].starts_with("loop 0 done at: "), "{ended:#?}");
            });
        }
    });
}

/// Checks that at least `seconds` lie between the two lines of a loop; on a busy machine it may be more.
#[track_caller]
fn check_duration(ended: &Ended, number: usize, seconds: i64) {
    let time = |before: String| {
        let times: Vec<_> =
            ended.lines().into_iter().filter_map(|line| line.strip_prefix(&*before)).collect();
        let [time] = times[..] else { panic!("{before:?} is not one line: {ended:#?}") };
        parse(time)
    };
    let start = time(format!("start loop {number} at: "));
    let done = time(format!("loop {number} done at: "));
    assert!((seconds..=seconds + 60).contains(&(done - start)), "{ended:#?}");
}

#[test]
fn an_argument_that_is_no_number_is_an_error() {
    for name in EXAMPLES {
        for args in [&["x"][..], &["0.1", "x"], &[""], &["0,4"]] {
            let ended = run_example(name, args);
            assert_eq!(ended.status.code(), Some(1), "{name} {args:?}: {ended:#?}");
            assert!(ended.stderr.starts_with("Error: "), "{name} {args:?}: {ended:#?}");
            assert_eq!(ended.stdout, "", "no loop has begun");
        }
    }
}

#[test]
fn an_argument_that_is_no_duration_is_an_error() {
    for name in EXAMPLES {
        for arg in ["-1", "inf", "NaN"] {
            let ended = run_example(name, &[arg]);
            assert_eq!(ended.status.code(), Some(1), "{name} {arg}: {ended:#?}");
            assert!(ended.stderr.contains("\nError: Panicked("), "{name} {arg}: {ended:#?}");
            assert!(!ended.stdout.contains("DONE"), "{name} {arg}: {ended:#?}");
        }
    }
}
