//! What is printed, thread by thread.

use std::{thread::sleep, time::Duration};

use threadwork_core::Thread;
use threadwork_diagnostics::init;

use crate::{
    ctime::{check_is_now, parse},
    program::Program,
};

/// The line is `before`, the present time in UTC, and `after`.
#[track_caller]
fn check_line(line: &str, before: &str, after: &str) {
    let time = line.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    check_is_now(time.unwrap_or_else(|| panic!("{line:?} is not {before:?} … {after:?}")), 0);
}

/// Starts a thread that ends well.
#[track_caller]
fn finish<T: ?Sized>(thread: &Thread<T>) {
    thread.start().unwrap();
    thread.join().unwrap();
}

/// Starts a thread that panics.
#[track_caller]
fn fail<T: ?Sized>(thread: &Thread<T>) {
    thread.start().unwrap();
    thread.join().unwrap_err();
}

#[test]
fn a_thread_prints_a_line_when_it_starts_and_one_when_it_ends() {
    let program = Program::new(|| {
        init().unwrap();
        let thread = Thread::builder().name("loop").build(|| ());
        finish(&thread);
    });
    let ended = program.run();
    let [started, finished] = ended.lines()[..] else { panic!("{ended:#?}") };
    check_line(started, "starting loop at: ", "");
    check_line(finished, "loop finished at: ", "");
    assert_eq!(ended.stderr, "");
}

#[test]
fn each_line_has_the_time_at_which_it_is_printed() {
    let program = Program::new(|| {
        init().unwrap();
        let thread = Thread::builder().name("loop").build(|| sleep(Duration::from_millis(1100)));
        finish(&thread);
    });
    let ended = program.run();
    let lines = ended.lines();
    check_line(lines[0], "starting loop at: ", "");
    check_line(lines[1], "loop finished at: ", "");
    let time = |line: &str| parse(line.split_once(" at: ").expect("a time").1);
    assert!(time(lines[0]) < time(lines[1]), "{ended:#?}");
}

#[test]
fn a_thread_that_panics_ends_with_its_message_on_one_line() {
    let program = Program::new(|| {
        init().unwrap();
        for (name, message) in [
            ("plain", "no input"),
            ("broken", "left: 1\nright: 2\r\nend\n"),
            ("empty", ""),
            ("two\nlines", "no input"),
        ] {
            let thread = Thread::builder().name(name).build(move || panic!("{message}"));
            fail(&thread);
        }
    });
    let ended = program.run();
    let lines = ended.lines();
    assert_eq!(lines.len(), 8, "{ended:#?}");
    check_line(lines[0], "starting plain at: ", "");
    check_line(lines[1], "plain panicked at: ", ": no input");
    check_line(lines[2], "starting broken at: ", "");
    check_line(lines[3], "broken panicked at: ", r": left: 1\nright: 2\r\nend\n");
    check_line(lines[4], "starting empty at: ", "");
    check_line(lines[5], "empty panicked at: ", ": ");
    check_line(lines[6], r"starting two\nlines at: ", "");
    check_line(lines[7], r"two\nlines panicked at: ", ": no input");
}

#[test]
fn a_thread_that_fails_ends_with_its_message_on_one_line() {
    let program = Program::new(|| {
        init().unwrap();
        let read = || -> std::io::Result<()> {
            Err(std::io::Error::new(std::io::ErrorKind::NotFound, "no such file"))
        };
        fail(&Thread::builder().name("loop").build(read));
        fail(&Thread::builder().name("broken").build(|| Err::<(), _>("left: 1\nright: 2")));
    });
    let ended = program.run();
    let [_, failed, _, broken] = ended.lines()[..] else { panic!("{ended:#?}") };
    check_line(failed, "loop failed at: ", ": no such file");
    check_line(broken, "broken failed at: ", r": left: 1\nright: 2");
}

#[test]
fn standard_error_tells_of_a_panic_or_failure_once_with_or_without_the_lines() {
    for (form, n_lines) in [("with", 4), ("without", 0)] {
        let program = Program::new(|| {
            if std::env::var("FORM").unwrap() == "with" {
                init().unwrap();
            }
            fail(&Thread::builder().name("panicking").build(|| panic!("no input")));
            fail(&Thread::builder().name("failing").build(|| Err::<(), _>("no output")));
        });
        let ended = program.with("FORM", form).run();
        assert_eq!(ended.lines().len(), n_lines, "{ended:#?}");
        for message in ["no input", "no output"] {
            assert_eq!(ended.stderr.matches(message).count(), 1, "{ended:#?}");
            assert_eq!(ended.stdout.matches(message).count(), n_lines / 4, "{ended:#?}");
        }
    }
}

#[test]
fn a_panic_with_a_value_that_is_no_text_has_a_line_too() {
    let program = Program::new(|| {
        init().unwrap();
        let thread = Thread::builder().name("loop").build(|| std::panic::panic_any(7));
        fail(&thread);
    });
    let ended = program.run();
    let [started, panicked] = ended.lines()[..] else { panic!("{ended:#?}") };
    check_line(started, "starting loop at: ", "");
    assert!(panicked.starts_with("loop panicked at: "), "{ended:#?}");
}

#[test]
fn a_thread_that_is_not_verbose_prints_nothing() {
    let program = Program::new(|| {
        init().unwrap();
        let quiet = Thread::builder().verbose(false).build(|| ());
        finish(&quiet);
        let panicking = Thread::builder().verbose(false).build(|| panic!("no input"));
        fail(&panicking);
        let verbose = Thread::builder().name("loop").verbose(true).build(|| ());
        finish(&verbose);
    });
    let ended = program.run();
    let [started, finished] = ended.lines()[..] else { panic!("{ended:#?}") };
    check_line(started, "starting loop at: ", "");
    check_line(finished, "loop finished at: ", "");
}

#[test]
fn a_thread_without_a_name_prints_its_number_and_its_function() {
    fn download(_: &str) {}

    let program = Program::new(|| {
        init().unwrap();
        let thread = Thread::with_args(download, ("https://example.org",));
        finish(&thread);
        let thread = Thread::builder().name("").build(|| ());
        finish(&thread);
    });
    let ended = program.run();
    let lines = ended.lines();
    assert_eq!(lines.len(), 4, "{ended:#?}");
    check_line(lines[0], "starting Thread-1 (download) at: ", "");
    check_line(lines[1], "Thread-1 (download) finished at: ", "");
    check_line(lines[2], "starting Thread-2 (<closure>) at: ", "");
    check_line(lines[3], "Thread-2 (<closure>) finished at: ", "");
}

#[test]
fn each_line_has_the_name_that_the_thread_has_at_that_time() {
    let program = Program::new(|| {
        init().unwrap();
        let rename = || threadwork_core::current_thread().set_name("new").unwrap();
        let thread = Thread::builder().name("old").build(rename);
        finish(&thread);
    });
    let ended = program.run();
    let [started, finished] = ended.lines()[..] else { panic!("{ended:#?}") };
    check_line(started, "starting old at: ", "");
    check_line(finished, "new finished at: ", "");
}

#[test]
fn the_lines_of_a_thread_are_printed_before_its_join_returns() {
    let program = Program::new(|| {
        init().unwrap();
        for round in 0..200 {
            let thread = Thread::builder().name("loop").build(|| ());
            thread.start().unwrap();
            if round % 2 == 0 {
                thread.join().unwrap();
            } else {
                thread.join_timeout(Duration::from_secs(60)).unwrap();
            }
            println!("joined");
        }
    });
    let ended = program.run();
    let lines = ended.lines();
    assert_eq!(lines.len(), 600, "{ended:#?}");
    for lines in lines.chunks(3) {
        check_line(lines[0], "starting loop at: ", "");
        check_line(lines[1], "loop finished at: ", "");
        assert_eq!(lines[2], "joined");
    }
}

#[test]
fn what_a_thread_prints_comes_between_its_lines() {
    let program = Program::new(|| {
        init().unwrap();
        let thread = Thread::builder().name("loop").build(|| println!("looping"));
        finish(&thread);
    });
    let ended = program.run();
    let [started, looping, finished] = ended.lines()[..] else { panic!("{ended:#?}") };
    check_line(started, "starting loop at: ", "");
    assert_eq!(looping, "looping");
    check_line(finished, "loop finished at: ", "");
}

#[test]
fn nothing_is_printed_unless_the_lines_are_switched_on() {
    let program = Program::new(|| {
        let thread = Thread::builder().name("loop").build(|| ());
        finish(&thread);
        let panicking = Thread::builder().name("loop").build(|| panic!("no input"));
        fail(&panicking);
    });
    let ended = program.run();
    assert!(ended.lines().is_empty(), "{ended:#?}");
    assert!(ended.stderr.contains("no input"), "the panic hook reports: {ended:#?}");
}

#[test]
fn a_thread_that_runs_when_the_lines_are_switched_on_prints_only_its_end() {
    let program = Program::new(|| {
        let thread = Thread::builder().name("loop").build(|| init().unwrap());
        finish(&thread);
    });
    let ended = program.run();
    let [finished] = ended.lines()[..] else { panic!("{ended:#?}") };
    check_line(finished, "loop finished at: ", "");
}
