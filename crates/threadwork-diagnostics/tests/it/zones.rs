//! The local time.

use std::path::Path;

use threadwork_core::Thread;
use threadwork_diagnostics::{ctime, dump_on_panic, init};

use crate::{
    ctime::{check_is_now, now, parse},
    program::Program,
};

/// Prints the current time by `ctime`, and by the lines of a thread.
fn print_times(name: &str) {
    println!("it is now at: {}", ctime());
    init().unwrap();
    let thread = Thread::builder().name(name).build(|| ());
    thread.start().unwrap();
    thread.join().unwrap();
}

/// The times that a program printed.
#[track_caller]
fn times(program: Program) -> [String; 3] {
    let ended = program.run();
    let time = |line: &str| line.split_once(" at: ").expect("a time").1.to_owned();
    let times: Vec<_> = ended.lines().into_iter().map(time).collect();
    times.try_into().unwrap_or_else(|_| panic!("{ended:#?}"))
}

/// Checks that the program prints the time of a zone that many minutes ahead of UTC.
#[track_caller]
fn check_offset(program: Program, minutes: i64) {
    for time in times(program) {
        check_is_now(&time, minutes * 60);
    }
}

/// How many minutes ahead of UTC a zone is if it is `time` there, or was a moment ago. Offsets are multiples of a quarter of an hour.
fn offset(time: &str) -> i64 {
    (parse(time) - now() + 450).div_euclid(900) * 15
}

#[test]
fn the_time_is_that_of_utc_where_that_is_the_zone() {
    check_offset(Program::new(|| print_times("loop")), 0);
}

#[test]
fn the_time_is_that_of_a_zone_in_posix_format() {
    check_offset(Program::new(|| print_times("loop")).in_zone("EST5"), -5 * 60);
}

#[test]
fn the_time_is_that_of_a_zone_east_of_greenwich_with_odd_minutes() {
    check_offset(Program::new(|| print_times("loop")).in_zone("<+0545>-5:45"), 5 * 60 + 45);
}

#[test]
fn the_time_is_that_of_utc_where_the_zone_is_empty() {
    check_offset(Program::new(|| print_times("loop")).in_zone(""), 0);
}

#[test]
fn the_time_is_that_of_utc_where_the_zone_does_not_exist() {
    check_offset(Program::new(|| print_times("loop")).in_zone("Nowhere/Atall"), 0);
}

#[test]
fn the_time_is_that_of_a_place() {
    if cfg!(unix) && !Path::new("/usr/share/zoneinfo/America/New_York").exists() {
        eprintln!("skipped: this machine has no table of time zones");
        return;
    }
    for time in times(Program::new(|| print_times("loop")).in_zone("America/New_York")) {
        let offset = offset(&time);
        assert!([-5 * 60, -4 * 60].contains(&offset), "{time:?} is {offset} minutes ahead of UTC");
        check_is_now(&time, offset * 60);
    }
}

#[test]
fn the_time_of_a_place_is_printed_by_a_thread_with_a_small_stack() {
    if cfg!(unix) && !Path::new("/usr/share/zoneinfo/Europe/Berlin").exists() {
        eprintln!("skipped: this machine has no table of time zones");
        return;
    }
    let program = Program::new(|| {
        init().unwrap();
        dump_on_panic();
        // A sixth of the stack that a lookup of a time zone takes.
        let small = Thread::builder().name("small").stack_size(64 * 1024);
        let thread = small.build(|| panic!("on purpose"));
        thread.start().unwrap();
        thread.join().unwrap_err();
    });
    let ended = program.in_zone("Europe/Berlin").run();
    let [starts, panics] = ended.lines()[..] else { panic!("{ended:#?}") };
    for line in [starts, &panics[..panics.len() - ": on purpose".len()]] {
        let (_, time) = line.split_once(" at: ").expect("a time");
        let offset = offset(time);
        assert!([60, 2 * 60].contains(&offset), "{time:?} is {offset} minutes ahead of UTC");
    }
    let (_, dump) = ended.stderr.split_once(" threads of process ").expect("a dump");
    assert!(dump.contains("'small' #"), "{ended:#?}");
}

#[cfg(unix)]
#[test]
fn the_time_in_summer_and_in_winter_is_that_of_c() {
    // The rules of New York and of Sydney: one of them always has summer time.
    for zone in ["EST5EDT,M3.2.0,M11.1.0", "AEST-10AEDT,M10.1.0,M4.1.0/3"] {
        let mut date = std::process::Command::new("date");
        let date =
            crate::child::run(date.arg("+%a %b %e %H:%M:%S %Y").env("TZ", zone).env("LC_ALL", "C"));
        check_offset(Program::new(|| print_times("loop")).in_zone(zone), offset(date.lines()[0]));
    }
}
