//! Parses times in the format of C's `ctime`, strictly, and without the library that prints them.

use std::{
    cell::Cell,
    time::{SystemTime, UNIX_EPOCH},
};

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

thread_local! {
    /// When this thread last started a program, in seconds since 1970.
    static STARTED: Cell<Option<i64>> = const { Cell::new(None) };
}

/// Notes that this thread starts a program now: the program cannot print an earlier current time.
pub fn note_start() {
    STARTED.set(Some(now()));
}

/// Parses a time like `Sun Aug 13 18:16:38 2006`, taken as UTC, and returns its seconds since 1970.
#[track_caller]
pub fn parse(text: &str) -> i64 {
    read(text).unwrap_or_else(|| panic!("not a time as C prints it: {text:?}"))
}

/// Returns the current time in seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is after 1970");
    i64::try_from(since.as_secs()).expect("the number of seconds fits")
}

/// Checks that `text` is a time while the program ran that this thread started last, in a zone that is `offset` seconds ahead of UTC.
#[track_caller]
pub fn check_is_now(text: &str, offset: i64) {
    let started = STARTED.get().expect("a program was started");
    let printed = parse(text) - offset;
    assert!((started..=now()).contains(&printed), "{text:?} is {printed}, not since {started}");
}

fn read(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let separators = [(3, b' '), (7, b' '), (10, b' '), (13, b':'), (16, b':'), (19, b' ')];
    if bytes.len() != 24 || !separators.iter().all(|&(at, byte)| bytes[at] == byte) {
        return None;
    }
    let weekday = WEEKDAYS.iter().position(|it| *it == &text[..3])?;
    let month = MONTHS.iter().position(|it| *it == &text[4..7])?;
    let day = match &text[8..10] {
        padded if padded.starts_with(' ') => digits(&padded[1..]).filter(|day| *day > 0)?,
        text => digits(text).filter(|day| *day > 9)?,
    };
    let [hour, minute, second] = [11, 14, 17].map(|at| digits(&text[at..at + 2]));
    let (hour, minute, second) = (hour?, minute?, second?);
    let year = digits(&text[20..])?;
    if day > days_of(month, year) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }

    let leap_days = |years: i64| years / 4 - years / 100 + years / 400;
    let before_year = 365 * (year - 1970) + leap_days(year - 1) - leap_days(1969);
    let before_month: i64 = (0..month).map(|it| days_of(it, year)).sum();
    let days = before_year + before_month + day - 1;
    // January 1st, 1970 was a Thursday.
    let is_right = (days + 4).rem_euclid(7) == i64::try_from(weekday).ok()?;
    is_right.then_some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

fn digits(text: &str) -> Option<i64> {
    if text.bytes().all(|it| it.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn days_of(month: usize, year: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 => 28 + i64::from(is_leap),
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

#[test]
fn only_real_times_are_read() {
    assert_eq!(parse("Thu Jan  1 00:00:00 1970"), 0);
    assert_eq!(parse("Sun Aug 13 18:16:38 2006"), 1_155_492_998);
    assert_eq!(parse("Tue Feb 29 23:59:59 2000"), 951_868_799);
    let wrong = [
        "Mon Aug 13 18:16:38 2006",
        "Sun Aug 13 18:16:38 2006\n",
        "Sun Aug 13 18:16:60 2006",
        "Sun Aug 13 24:16:38 2006",
        "Sun Aug 13 8:16:38 2006",
        "Sun Aug 32 18:16:38 2006",
        "Sun August 13 18:16:38 2006",
        "Sun aug 13 18:16:38 2006",
        "Tue Aug 01 18:16:38 2006",
        "Tue Aug 1 18:16:38 2006",
        "Wed Feb 29 18:16:38 2006",
        "2006-08-13T18:16:38+00:00",
    ];
    for text in wrong {
        assert_eq!(read(text), None, "{text:?}");
    }
    assert_eq!(read("Tue Aug  1 18:16:38 2006"), Some(1_154_456_198));
}
