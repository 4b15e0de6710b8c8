//! Dumps that are printed on a signal, on a panic, or when a program cannot end.
#![cfg(all(unix, not(threadwork_portable)))]

use std::{
    io::{self, ErrorKind, Read, Write},
    panic::{self, catch_unwind},
    process::{self, Command},
    time::Duration,
};

use signal_hook::consts::{SIGKILL, SIGQUIT, SIGSEGV, SIGUSR1};
use threadwork_core::{Program as Main, Thread};
use threadwork_diagnostics::{dump_on_panic, dump_on_quit, dump_on_signal, print_dump};
use threadwork_sync::{Event, Lock};

use crate::program::Program;

/// Prints the process id, and continues until standard input ends.
fn go_on() {
    println!("{}", process::id());
    io::stdin().read_to_end(&mut Vec::new()).unwrap();
    println!("the program goes on");
}

#[track_caller]
fn kill(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([signal, pid]).status().unwrap().success());
}

/// The lines of the next dump up to the line of a thread, after the rest of the previous dump.
#[track_caller]
fn dump_up_to(name: &str, lines: &mut dyn Iterator<Item = String>) -> Vec<String> {
    let mut dump = Vec::new();
    for line in lines.skip_while(|it| !it.contains(" threads of process ")) {
        let is_it = line.starts_with(&format!("  '{name}' #"));
        dump.push(line);
        if is_it {
            return dump;
        }
    }
    panic!("there is no {name}: {dump:#?}");
}

/// Starts a thread that waits for an event.
fn start_waiting() {
    static GO: Event = Event::new().named("go");
    let thread = Thread::builder().name("waits").daemon(true).build(|| GO.wait());
    thread.start().unwrap();
    let ident = thread.ident().unwrap();
    while !threadwork_sync::waits().iter().any(|it| it.thread.ident == ident) {
        std::thread::yield_now();
    }
}

#[test]
fn each_sigquit_prints_the_threads_once_and_the_program_continues() {
    let program = Program::new(|| {
        start_waiting();
        dump_on_quit().unwrap();
        dump_on_quit().unwrap();
        dump_on_signal(SIGQUIT).unwrap();
        go_on();
    });
    let ended = program.talk(|stdin, lines| {
        let pid = lines.next().unwrap();
        for _ in 0..3 {
            kill("-QUIT", &pid);
            let dump = dump_up_to("waits", lines);
            assert!(dump[0].contains(&format!(" threads of process {pid} at ")), "{dump:#?}");
            let line = lines.next().unwrap();
            assert!(line.starts_with("    waits for event 'go' at "), "{line}");
        }
        drop(stdin);
    });
    assert!(ended.status.success(), "{ended:#?}");
    assert!(ended.stdout.ends_with("the program goes on\n"), "{ended:#?}");
    assert!(!ended.stdout.contains("'waits'"), "there is one dump for each signal: {ended:#?}");
}

#[test]
fn another_signal_may_be_chosen() {
    let program = Program::new(|| {
        start_waiting();
        dump_on_signal(SIGUSR1).unwrap();
        go_on();
    });
    let ended = program.talk(|stdin, lines| {
        let pid = lines.next().unwrap();
        kill("-USR1", &pid);
        dump_up_to("waits", lines);
        drop(stdin);
    });
    assert!(ended.status.success(), "{ended:#?}");
}

#[test]
fn sigquit_ends_a_program_that_did_not_ask_for_dumps() {
    let program = Program::new(|| {
        // A shell that runs the tests in the background makes them ignore the signal.
        // SAFETY: there is no handler, before or after.
        let before = unsafe { libc::signal(SIGQUIT, libc::SIG_DFL) };
        assert!([libc::SIG_DFL, libc::SIG_IGN].contains(&before));
        go_on();
    });
    let ended = program.talk(|_stdin, lines| {
        kill("-QUIT", &lines.next().unwrap());
        assert_eq!(lines.next(), None);
    });
    assert!(!ended.status.success(), "{ended:#?}");
}

#[test]
fn a_signal_that_cannot_be_handled_is_an_error() {
    for signal in [SIGKILL, SIGSEGV, 0, -1, 100, 128, 129, i32::MAX, i32::MIN] {
        let error = dump_on_signal(signal).unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot dump on signal {signal}: ")), "{error}");
        assert!(error.ends_with("; choose another signal, or call `dump` yourself"), "{error}");
    }
}

#[test]
fn a_panic_prints_the_threads_once_after_its_message() {
    let program = Program::new(|| {
        start_waiting();
        dump_on_panic();
        dump_on_panic();
        let name = "panics\u{1b}";
        let thread = Thread::builder().name(name).build(|| panic!("out of paper"));
        thread.start().unwrap();
        thread.join().unwrap_err();
        eprintln!("==== between ====");
        // While it holds a lock that the dump does not need, and one that it prints.
        static A: Lock<()> = Lock::named("a", ());
        let _a = A.acquire();
        let stderr = io::stderr().lock();
        catch_unwind(|| panic!("out of ink")).unwrap_err();
        drop(stderr);
    });
    let ended = program.run();
    assert!(ended.lines().is_empty());
    let (first, second) = ended.stderr.split_once("==== between ====\n").expect("it goes on");
    for (text, message) in [(first, "out of paper"), (second, "out of ink")] {
        let (before, dump) = text.split_once(" threads of process ").expect("there is a dump");
        assert!(before.contains(message), "{text}");
        assert_eq!(dump.matches("\n    waits for event 'go' at ").count(), 1, "{text}");
    }
    assert_eq!(first.matches(r"  'panics\u{1b}' #").count(), 1, "it is alive yet: {first}");
}

#[test]
fn a_program_whose_main_thread_panics_prints_the_threads_and_fails() {
    let program = Program::new(|| {
        start_waiting();
        dump_on_panic();
        panic!("out of paper");
    });
    let ended = program.run();
    assert_eq!(ended.status.code(), Some(101), "{ended:#?}");
    let (message, dump) = ended.stderr.split_once(" threads of process ").expect("a dump");
    assert!(message.contains("out of paper"), "{ended:#?}");
    assert!(dump.contains("    waits for event 'go' at "), "{ended:#?}");
}

#[test]
fn a_program_that_cannot_end_in_time_prints_the_threads() {
    let program = Program::new(|| {
        static NEVER: Event = Event::new().named("never");

        Main::new()
            .wait_at_most(Duration::from_millis(20))
            .code_if_cut_off(75)
            .before_cut_off(|late| {
                let names: Vec<_> = late.iter().map(|it| it.name()).collect();
                eprintln!("late: {names:?}");
                print_dump();
                // Without a backtrace: the callback has a second, and a busy machine takes longer for that.
                panic::resume_unwind(Box::new("this is reported"));
            })
            .run(|| {
                let thread = Thread::builder().name("late").daemon(false).build(|| NEVER.wait());
                thread.start().unwrap();
            });
    });
    let ended = program.run();
    assert_eq!(ended.status.code(), Some(75), "{ended:#?}");
    let (first, dump) = ended.stderr.split_once("late: [\"late\"]\n").expect("it is called");
    assert!(first.contains("not ended within 20ms: 'late'"), "{ended:#?}");
    assert!(dump.contains("    waits for event 'never' at "), "{ended:#?}");
    assert!(dump.contains("Exception in threadwork"), "{ended:#?}");
}

#[test]
fn a_dump_to_a_closed_pipe_changes_nothing() {
    let program = Program::new(|| {
        dump_on_quit().unwrap();
        dump_on_panic();
        io::stdin().read_to_end(&mut Vec::new()).unwrap();
        // Standard error is closed by now.
        let error = io::stderr().write_all(b"is anybody there?").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        signal_hook::low_level::raise(SIGQUIT).unwrap();
        let thread = Thread::new(|| panic!("nobody reads this"));
        thread.start().unwrap();
        thread.join().unwrap_err();
        print_dump();
        process::exit(7);
    });
    let ended = program.run_all_unread();
    assert_eq!(ended.status.code(), Some(7), "{ended:#?}");
}
