//! Comparing outputs.

use std::sync::LazyLock;

use regex::Regex;

/// What differs from run to run, and its placeholder.
static PLACEHOLDERS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let placeholders = [
        (r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}", "TIME"),
        (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
        (r"\d+(\.\d+)?( |)(s|ms|µs|ns)\b", "DURATION"),
        // Left out where it is the same as the time before it.
        (", age DURATION", ""),
        // Left out once a thread has waited.
        (": running for DURATION", ": running"),
        (r#""(elapsed|cpu)":[\d.e-]+"#, r#""$1":DURATION"#),
        (r"\bprocess \d+", "process PID"),
        (r"\btid \d+", "tid TID"),
        (r#""native_id":\d+"#, r#""native_id":TID"#),
        (r"0x[0-9a-f]+", "ADDRESS"),
        (r"\b127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r"\(\d+\) panicked", "(TID) panicked"),
        // The file of a program, which its reader has as `src/main.rs`.
        (r"/[^ ]*/out/[a-z_]+_\d+\.rs:", "src/main.rs:"),
    ];
    placeholders.map(|(pattern, to)| (Regex::new(pattern).expect("it is a pattern"), to)).into()
});

/// Returns the text with placeholders for what differs from run to run: times, durations, the system's numbers.
pub(crate) fn without_what_differs(text: &str) -> String {
    PLACEHOLDERS.iter().fold(text.to_owned(), |it, (from, to)| from.replace_all(&it, *to).into())
}

/// Returns an output as a page shows it: with the path that the reader's own program has.
pub(crate) fn as_shown(text: &str) -> String {
    let path = PLACEHOLDERS.last().map(|(path, _)| path).expect("there are patterns");
    path.replace_all(text, "src/main.rs:").into()
}

#[test]
fn only_times_and_numbers_of_the_system_may_differ() {
    let of = without_what_differs;
    assert_eq!(of("loop at: Sun Aug 13 19:14:26 2006"), of("loop at: Fri Nov  3 09:14:26 2028"));
    assert_eq!(of("waits for 0.301 s"), of("waits for 12 s"));
    assert_eq!(of("'a' #3 tid 7 at 0x7f00"), of("'a' #3 tid 8 at 0x12"));
    assert_ne!(of("'a' #3"), of("'a' #4"));
    assert_ne!(of("42"), of("43"));
    assert_eq!(of("for 1 s, age 2 s"), of("for 2 s"));
    assert_eq!(of("#2: running for 1 s, cpu 2 s"), of("#2: running, cpu 1 s"));
    assert_eq!(of("at /t/out/cookbook_1.rs:7:5"), "at src/main.rs:7:5");
    assert_ne!(of("at src/main.rs:7:5"), of("at src/main.rs:8:5"));
}
