//! The program, run from outside.

use std::process::{Command, Output};

use threadwork::{
    Event, Thread,
    diagnostics::{DumpServer, DumpServerGuard},
};

fn top(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_threadwork-top")).args(words).output().unwrap()
}

#[track_caller]
fn success(output: Output) -> String {
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn failure(output: Output) -> String {
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// This process serves dumps at `place`. At `empty` no server listens once the guard is stopped.
fn check_once(guard: DumpServerGuard, place: &str, empty: &str) {
    static GO: Event = Event::new().named("go");
    let thread = Thread::builder().name("patient").daemon(true).build(|| GO.wait());
    thread.start().unwrap();
    while !threadwork::diagnostics::dump().to_string().contains("waits for event 'go'") {
        std::thread::yield_now();
    }
    let text = success(top(&["--once", place]));
    let first = format!(" of process {} at ", std::process::id());
    assert!(text.lines().next().unwrap().contains(&first), "{text}");
    assert!(text.contains("'patient' #") && text.contains("waits for event 'go' at "), "{text}");
    guard.stop();
    let text = failure(top(&[empty, "--once"]));
    assert!(text.starts_with("threadwork-top: cannot connect: "), "{text}");
}

#[test]
fn once_prints_the_dump_of_a_program_at_a_port() {
    let guard = DumpServer::tcp(([127, 0, 0, 1], 0)).start().unwrap();
    let place = guard.address().unwrap().to_string();
    // By then its own port may belong to another program. No program can have this one.
    check_once(guard, &place, "127.0.0.1:0");
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn once_prints_the_dump_of_a_program_at_a_unix_socket() {
    let path = std::env::temp_dir().join(format!("threadwork-top-{}", std::process::id()));
    let guard = DumpServer::unix(&path).start().unwrap();
    let place = format!("unix:{}", path.display());
    check_once(guard, &place, &place);
    assert!(!path.exists());
}

#[test]
fn an_answer_that_is_not_a_dump_is_an_error() {
    use std::{io::Write, net::TcpListener};

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    let answers = ["HTTP/1.1 400 Bad Request\r\n", "{\"pid\": 1,", ""];
    let server = std::thread::spawn(move || {
        for answer in answers {
            listener.accept().unwrap().0.write_all(answer.as_bytes()).unwrap();
        }
    });
    let text = failure(top(&["--once", &place]));
    assert!(text.starts_with("threadwork-top: the answer is not a dump: "), "{text}");
    assert_eq!(
        failure(top(&["--once", &place])),
        "threadwork-top: the answer is incomplete; look again\n"
    );
    assert_eq!(
        failure(top(&["--once", &place])),
        "threadwork-top: the answer is incomplete; look again\n"
    );
    server.join().unwrap();
}

#[test]
fn an_invalid_command_line_is_an_error() {
    for (words, expected) in [
        (&[][..], "no PLACE is given; try --help"),
        (&["--once"], "no PLACE is given; try --help"),
        (&["--fast", "unix:/x"], "unknown option --fast; try --help"),
        (&["unix:/x", "unix:/y"], "more than one PLACE is given; try --help"),
        (&["--interval"], "--interval needs a number of seconds"),
        (&["--interval", "-1", "unix:/x"], "--interval needs a number of seconds"),
        (
            &["here"],
            "'here' is no place of a program; write unix:/path, or an address such as 127.0.0.1:7777",
        ),
    ] {
        assert_eq!(failure(top(words)), format!("threadwork-top: {expected}\n"));
    }
    assert!(success(top(&["--help"])).contains("--interval SECONDS"));
    assert!(success(top(&["--version"])).starts_with("threadwork-top 0."));
}
