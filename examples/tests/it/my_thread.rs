//! Threads that keep their results.

use crate::{
    child::Ended,
    example::{check_line, run_example},
};

const RESULTS: [(&str, &str); 3] =
    [("fibonacci", "233"), ("factorial", "479001600"), ("sum", "78")];

/// Returns the lines of the two parts, without their headings.
#[track_caller]
fn parts(ended: &Ended) -> [Vec<&str>; 2] {
    let lines = ended.lines();
    let (&first, lines) = lines.split_first().expect("a heading");
    assert_eq!(first, "*** SINGLE THREAD");
    let parts: Vec<_> = lines.split(|line| *line == "*** MULTIPLE THREADS").collect();
    let [single, multiple] = parts[..] else { panic!("{ended:#?}") };
    [single.to_vec(), multiple.to_vec()]
}

#[test]
fn in_a_single_thread_each_function_ends_before_the_next_starts() {
    let ended = run_example("my_thread", &[]);
    let [single, _] = parts(&ended);
    assert_eq!(single.len(), 9, "{ended:#?}");
    for (lines, (name, result)) in single.chunks(3).zip(RESULTS) {
        check_line(lines[0], &format!("starting {name} at: "));
        assert_eq!(lines[1], result);
        check_line(lines[2], &format!("{name} finished at: "));
    }
}

#[test]
fn in_multiple_threads_each_prints_its_start_and_its_end_and_all_give_their_results() {
    let ended = run_example("my_thread", &[]);
    let [_, multiple] = parts(&ended);
    assert_eq!(multiple.len(), 10, "{ended:#?}");
    assert_eq!(multiple[9], "all DONE");
    let results: Vec<_> = multiple.iter().filter(|line| line.parse::<u64>().is_ok()).collect();
    assert_eq!(results, ["233", "479001600", "78"].iter().collect::<Vec<_>>());

    let place = |before: &str| {
        let mut places = (0..multiple.len()).filter(|&at| multiple[at].starts_with(before));
        let place = places.next().unwrap_or_else(|| panic!("no {before:?}: {ended:#?}"));
        assert_eq!(places.next(), None, "two lines {before:?}: {ended:#?}");
        check_line(multiple[place], before);
        place
    };
    for (name, result) in RESULTS {
        let starting = place(&format!("starting {name} at: "));
        let finished = place(&format!("{name} finished at: "));
        let printed = multiple.iter().position(|line| *line == result);
        assert!(starting < finished && Some(finished) < printed, "{ended:#?}");
    }
}

#[test]
fn the_threads_run_at_the_same_time() {
    // Each function takes far longer than starting the others, unless the machine is busy at that moment.
    let all_start_first = || {
        let ended = run_example("my_thread", &[]);
        let [_, multiple] = parts(&ended);
        multiple.iter().take_while(|line| line.starts_with("starting ")).count() == 3
    };
    assert!(
        (0..20).any(|_| all_start_first()),
        "in each attempt, a thread ends before another starts"
    );
}
