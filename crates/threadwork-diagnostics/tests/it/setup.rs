//! Lines in other formats, to other sinks, and filtered by the environment.

use std::{
    env, fs,
    io::{self, Write},
    path::PathBuf,
    process,
    sync::Arc,
    time::Duration,
};

use serde_json::{Map, Value};
use threadwork_core::{
    Restart, Supervisor, Thread,
    events::{ENDED, RESTARTED, SLOW_TO_STOP, STARTED, TARGET},
};
use threadwork_diagnostics::{Format, Setup, Sink};
use threadwork_sync::{Event, Lock};

use crate::{ctime::check_is_now, program::Program};

/// Runs a thread named `loop` that emits events of its own, then one that panics.
fn run_two() {
    std::panic::set_hook(Box::new(|_| ()));
    threadwork_core::set_excepthook(|_, _| ());
    let thread = Thread::builder().name("loop").build(|| tracing::info!(pages = 3, "working"));
    thread.start().unwrap();
    thread.join().unwrap();
    let thread = Thread::builder().name("bad").build(|| panic!("no\ninput"));
    thread.start().unwrap();
    thread.join().unwrap_err();
    tracing::debug!("deep inside");
}

/// The objects of the lines.
#[track_caller]
fn objects(lines: &[&str]) -> Vec<Map<String, Value>> {
    let object = |line: &&str| match serde_json::from_str(line) {
        Ok(Value::Object(object)) => object,
        other => panic!("{line}: {other:?}"),
    };
    lines.iter().map(object).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn json_has_an_object_on_a_line_for_each_event() {
    let program = Program::new(|| {
        Setup::new().format(Format::Json).init().unwrap();
        run_two();
    });
    let ended = program.run();
    let objects = objects(&ended.lines());
    let said: Vec<_> = objects.iter().map(|it| it["fields"]["message"].as_str().unwrap()).collect();
    let expected =
        ["thread started", "working", "thread finished", "thread started", "thread panicked"];
    assert_eq!(said, expected);
    let [started, working, finished, _, panicked] = &objects[..] else { unreachable!() };
    for it in [started, finished, panicked] {
        assert_eq!(it["target"], TARGET);
        assert!(it["timestamp"].as_str().unwrap().ends_with('Z'), "the time is in UTC");
    }
    assert_eq!((&started["level"], &panicked["level"]), (&"INFO".into(), &"ERROR".into()));
    assert_eq!(started["fields"]["name"], "loop");
    assert!(finished["fields"]["elapsed"].is_f64());
    assert_eq!(panicked["fields"]["panic"], "no\ninput");
    assert_eq!(working["fields"]["pages"], 3);
    assert_eq!(working["span"]["ident"], started["fields"]["ident"]);
    assert_eq!(
        (&working["span"]["name"], &working["span"]["thread"]),
        (&"thread".into(), &"loop".into())
    );
}

#[test]
fn compact_has_a_line_for_each_event_and_pretty_has_several() {
    let compact = Program::new(|| {
        let format = env::var("FORM").map(|_| Format::Pretty).unwrap_or(Format::Compact);
        Setup::new().format(format).init().unwrap();
        run_two();
    });
    let pretty = compact.again().with("FORM", "pretty");
    let ended = compact.run();
    let lines = ended.lines();
    assert_eq!(lines.len(), 5, "{ended:#?}");
    assert!(lines[0].contains(" INFO ") && lines[0].contains("thread started"), "{ended:#?}");
    assert!(lines[0].contains("name=loop") && lines[4].contains("ERROR"), "{ended:#?}");
    assert!(lines[4].contains(r#"panic="no\ninput""#), "{ended:#?}");

    let ended = pretty.run();
    assert!(ended.lines().len() > 10, "{ended:#?}");
    assert!(ended.stdout.contains("thread panicked"), "{ended:#?}");
    for text in [&ended.stdout, &ended.stderr] {
        assert!(!text.contains('\u{1b}'), "there is no terminal: {ended:#?}");
    }
}

#[test]
fn levels_and_targets_come_from_the_environment() {
    // The events of `run_two`: two starts and an end at INFO, a panic at ERROR, and events of its own at INFO and DEBUG.
    let program = Program::new(|| {
        Setup::new().format(Format::Json).filter_from_env().init().unwrap();
        run_two();
    });
    let check = |directives: &str, expected: &[&str]| {
        let ended = program.again().with("RUST_LOG", directives).run();
        let objects = objects(&ended.lines());
        let said: Vec<_> =
            objects.iter().map(|it| it["fields"]["message"].as_str().unwrap()).collect();
        assert_eq!(said, expected, "{directives}");
    };
    let (start, end, panic) = ("thread started", "thread finished", "thread panicked");
    check("info", &[start, "working", end, start, panic]);
    check("", &[start, "working", end, start, panic]);
    check("error", &[panic]);
    check("off", &[]);
    check("debug", &[start, "working", end, start, panic, "deep inside"]);
    check("threadwork::thread=info", &[start, end, start, panic]);
    check("threadwork=info", &[start, end, start, panic]);
    check("info,threadwork::thread=warn", &["working", panic]);
    check("warn,it::setup=debug", &["working", panic, "deep inside"]);
    // A target that does not exist.
    check("nonsense", &[]);
}

#[test]
fn lines_are_filtered_too() {
    let program = Program::new(|| {
        Setup::new().filter_from_env().init().unwrap();
        run_two();
    });
    let check = |directives: Option<&str>, expected: &[&str]| {
        let program = program.again();
        let program = match directives {
            Some(directives) => program.with("RUST_LOG", directives),
            None => program,
        };
        let ended = program.run();
        let heads: Vec<_> =
            ended.lines().iter().map(|it| it.split_once(" at: ").unwrap().0).collect();
        assert_eq!(heads, expected, "{directives:?}");
    };
    let all = ["starting loop", "loop finished", "starting bad", "bad panicked"];
    check(None, &all);
    check(Some(""), &all);
    check(Some("info"), &all);
    check(Some("trace"), &all);
    check(Some("threadwork::thread=error"), &["bad panicked"]);
    check(Some("it=info"), &[]);
}

#[test]
fn the_environment_is_used_only_on_request() {
    let program = Program::new(|| {
        Setup::new().format(Format::Json).init().unwrap();
        run_two();
    });
    assert_eq!(program.with("RUST_LOG", "=nonsense=").run().lines().len(), 5);
}

#[test]
fn invalid_directives_are_an_error_and_change_nothing() {
    let program = Program::new(|| {
        let error = Setup::new().filter_from_env().init().unwrap_err();
        println!("{error}");
        Setup::new().init().unwrap();
        run_two();
    });
    let check = |program: Program, said: &str| {
        let ended = program.run();
        let lines = ended.lines();
        let head = "diagnostics cannot be switched on, because RUST_LOG is not a valid filter: ";
        assert!(lines[0].starts_with(&format!("{head}{said}")), "{ended:#?}");
        assert!(lines[0].contains("; write something like `RUST_LOG=info`"), "{ended:#?}");
        // Switching on must still succeed after that.
        assert_eq!(lines.len(), 5, "{ended:#?}");
    };
    check(program.again().with("RUST_LOG", "info,a=lolwut"), "`info,a=lolwut`: ");
    check(program.again().with("RUST_LOG", "=nonsense="), "`=nonsense=`: ");
    #[cfg(unix)]
    {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        check(program.again().with("RUST_LOG", OsStr::from_bytes(b"a=\xff")), r#""a=\xFF": "#);
    }
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn the_time_that_a_thread_ran_is_printed_on_request() {
    let program = Program::new(|| {
        Setup::new().with_elapsed().init().unwrap();
        let nap = || std::thread::sleep(Duration::from_millis(30));
        let thread = Thread::builder().name("loop").build(nap);
        thread.start().unwrap();
        thread.join().unwrap();
    });
    let ended = program.run();
    let [_, finished] = ended.lines()[..] else { panic!("{ended:#?}") };
    let rest = finished.strip_prefix("loop finished at: ").expect("it has finished");
    let (time, spent) = rest.split_at(24);
    check_is_now(time, 0);
    let spent = spent.strip_prefix(" (").and_then(|it| it.strip_suffix(" s)")).expect("times");
    let (wall, cpu) = spent.split_once(" s, cpu ").expect("both");
    let [wall, cpu] = [wall, cpu].map(|it| it.parse::<f64>().unwrap());
    assert!(wall >= 0.030 && cpu < wall, "{finished}");
}

/// A path that no other process uses.
fn path(name: &str) -> PathBuf {
    env::temp_dir().join(format!("threadwork-{name}-{}", process::id()))
}

#[test]
fn lines_are_appended_to_a_file() {
    let path = path("lines");
    fs::write(&path, "before\n").unwrap();
    let program = Program::new(|| {
        let sink = Sink::file(env::var_os("LINES_FILE").unwrap()).unwrap();
        Setup::new().to(sink.clone()).init().unwrap();
        run_two();
        writeln!(&mut sink.clone(), "after").unwrap();
    });
    let ended = program.with("LINES_FILE", &path).run();
    assert!(ended.lines().is_empty(), "{ended:#?}");
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 6, "{text}");
    assert_eq!((lines[0], lines[5]), ("before", "after"));
    assert!(lines[4].starts_with("bad panicked at: ") && lines[4].ends_with(r": no\ninput"));
}

#[test]
fn a_file_that_cannot_be_opened_is_an_error() {
    assert_eq!(Sink::file("/nowhere/at/all").unwrap_err().kind(), io::ErrorKind::NotFound);
    assert!(Sink::file(env::temp_dir()).is_err(), "it is a folder");
    assert!(Sink::file("").is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_the_lines_are_lost_and_one_error_is_reported() {
    let program = Program::new(|| {
        let format = env::var("FORM").map(|_| Format::Json).unwrap_or_default();
        Setup::new().format(format).to(Sink::file("/dev/full").unwrap()).init().unwrap();
        for _ in 0..20 {
            run_two();
        }
        eprintln!("the program goes on");
    });
    let json = program.again().with("FORM", "json");
    for ended in [program.run(), json.run()] {
        assert!(ended.lines().is_empty(), "{ended:#?}");
        assert_eq!(
            ended.stderr,
            "threadwork: lines are lost, because they cannot be written (No space left on device (os error 28))\n\
             the program goes on\n"
        );
    }
}

/// A writer that keeps the text, and can be told to fail or to panic.
#[derive(Clone, Default)]
struct Writer {
    text: Arc<Lock<Vec<u8>>>,
    panics: bool,
}

impl Write for Writer {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        assert!(!self.panics, "the writer is broken");
        self.text.acquire().extend(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.text.acquire().extend(b"|");
        Ok(())
    }
}

#[test]
fn a_writer_is_given_whole_lines_and_flushed() {
    let program = Program::new(|| {
        let writer = Writer::default();
        Setup::new().to(Sink::writer(writer.clone())).init().unwrap();
        run_two();
        let text = String::from_utf8(writer.text.acquire().clone()).unwrap();
        println!("{}", text.replace('\n', "$"));
    });
    let ended = program.run();
    let [text] = ended.lines()[..] else { panic!("{ended:#?}") };
    let lines: Vec<_> = text.strip_suffix("$|").expect("it is flushed").split("$|").collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines.iter().all(|it| it.contains(" at: ")), "{text}");
}

#[test]
fn a_panic_of_the_writer_does_not_spread_and_is_reported_once() {
    let program = Program::new(|| {
        let format = env::var("FORM").map(|_| Format::Compact).unwrap_or_default();
        let sink = Sink::writer(Writer { panics: true, ..Writer::default() });
        Setup::new().format(format).to(sink).init().unwrap();
        for _ in 0..3 {
            run_two();
            tracing::info!("of the program's own");
        }
        println!("the program goes on");
    });
    let compact = program.again().with("FORM", "compact");
    for ended in [program.run(), compact.run()] {
        assert_eq!(ended.lines(), ["the program goes on"]);
        let told =
            "threadwork: lines are lost, because they cannot be written (the writer panicked)\n";
        assert_eq!(ended.stderr.matches(told).count(), 1, "{ended:#?}");
    }
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn every_event_has_the_level_and_the_fields_that_are_documented() {
    let program = Program::new(|| {
        let writer = Writer::default();
        Setup::new().format(Format::Json).to(Sink::writer(writer.clone())).init().unwrap();
        let text = || String::from_utf8(writer.text.acquire().clone()).unwrap();
        std::panic::set_hook(Box::new(|_| ()));
        threadwork_core::set_excepthook(|_, _| ());
        let thread = Thread::new(|| ());
        thread.start().unwrap();
        thread.join().unwrap();
        let thread = Thread::new(|| _ = threadwork_core::sleep(Duration::from_secs(3600)));
        thread.start().unwrap();
        thread.request_stop();
        thread.join().unwrap();

        // A child that panics once, and then ignores its stop request.
        static TRIED: Event = Event::new();
        static SLOW: Event = Event::new();
        static END: Event = Event::new();
        let child = || {
            if !TRIED.is_set() {
                TRIED.set();
                panic!("no answer");
            }
            SLOW.set();
            END.wait();
        };
        let supervisor = Supervisor::new()
            .child("child", Restart::OnPanic, child)
            .slow_after(Duration::from_millis(1));
        let thread = Thread::new(supervisor);
        thread.start().unwrap();
        SLOW.wait();
        thread.request_stop();
        while !text().contains("slow to stop") {
            std::thread::yield_now();
        }
        END.set();
        thread.join().unwrap();
        print!("{}", text().replace('|', ""));
    });
    let ended = program.run();
    let mut kinds: Vec<_> = objects(&ended.lines())
        .iter()
        .map(|it| {
            let fields = &it["fields"];
            let message = fields["message"].as_str().unwrap().to_owned();
            let level = it["level"].as_str().unwrap().to_owned();
            (message, level, keys(fields).join(" "))
        })
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let kinds: Vec<_> = kinds.iter().map(|(a, b, c)| (&**a, &**b, &**c)).collect();
    let of_end = "cpu daemon elapsed ident message name outcome verbose";
    assert_eq!(
        kinds,
        [
            ("thread finished", "INFO", of_end),
            ("thread is slow to stop", "WARN", "ident message name"),
            ("thread is started again", "WARN", "delay message name reason restarts"),
            (
                "thread panicked",
                "ERROR",
                "cpu daemon elapsed ident message name outcome panic verbose"
            ),
            ("thread started", "INFO", "daemon ident message name verbose"),
            ("thread stopped", "INFO", of_end),
        ]
    );
    assert_eq!(
        [STARTED, ENDED, RESTARTED, SLOW_TO_STOP],
        ["thread.started", "thread.ended", "thread.restarted", "thread.slow_to_stop"]
    );
}
