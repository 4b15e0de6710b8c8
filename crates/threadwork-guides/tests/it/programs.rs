//! Runs the programs of all pages.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    path::Path,
    process::Command,
    thread,
    time::Duration,
};

use threadwork_guides::pages::{End, Page, Program, all};
use threadwork_test_support::child::{run, run_numbered, send, with_errors};

use crate::output::{as_shown, without_what_differs};

/// If this variable is set, pages are given the outputs of their programs where they differ.
const UPDATE: &str = "UPDATE_PAGES";

/// Runs the programs of a page and compares their outputs with what it shows.
fn check(name: &str) {
    let pages = all();
    let page = pages.iter().find(|it| it.name == name).expect("there is such a page");
    let programs = page.programs();
    assert!(!programs.is_empty(), "{name} has no program");
    let outputs: Vec<_> = thread::scope(|scope| {
        // A few at a time: most of them wait.
        let mut outputs = Vec::new();
        for some in programs.chunks(4) {
            let running: Vec<_> = some.iter().map(|it| scope.spawn(|| output(page, it))).collect();
            outputs.extend(running.into_iter().map(|it| it.join()));
        }
        outputs
    });
    let mut differing = BTreeMap::new();
    let mut failed = false;
    for (program, output) in programs.iter().zip(outputs) {
        let Ok(output) = output else {
            failed = true;
            continue;
        };
        let Some(shown) = &program.output else { continue };
        if without_what_differs(&output) != without_what_differs(shown) {
            eprintln!(
                "{}:{} shows\n{shown}\nand prints\n{output}",
                page.path.display(),
                program.line
            );
            differing.insert(program.line, output);
        }
    }
    if env::var_os(UPDATE).is_some() && !differing.is_empty() {
        let text = with_outputs(page.text(), &differing);
        fs::write(&page.path, text).expect("the page can be written");
    }
    assert!(!failed, "a program of {name} fails");
    assert!(
        differing.is_empty(),
        "{name} shows other outputs than its programs print; {UPDATE}=1 writes them into the page"
    );
}

/// Returns what the program prints on standard output.
#[track_caller]
fn output(page: &Page, program: &Program) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_threadwork-guides"));
    command.arg(program.name()).env("TZ", "UTC").env_remove("RUST_LOG");
    let ended = match program.end {
        End::Returns => run(&mut command),
        End::AtSignal => run_numbered(&command, stop),
        End::Never => {
            return as_shown(&run_numbered(&with_errors(&command), dump_and_kill).stdout);
        }
    };
    assert!(
        ended.status.success(),
        "the program at {}:{} fails: {ended:#?}",
        page.path.display(),
        program.line
    );
    as_shown(&ended.stdout)
}

/// Stops a program that has printed a line, and returns what it has printed.
fn stop(process: &str, stdout: &mut dyn BufRead) -> String {
    let mut text = String::new();
    stdout.read_line(&mut text).expect("the program prints a line");
    send("-TERM", process);
    stdout.read_to_string(&mut text).expect("the output is text");
    text
}

/// Asks a program for dumps until one shows a deadlock, and returns that one.
fn dump_and_kill(process: &str, stdout: &mut dyn BufRead) -> String {
    let mut line = || {
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the output is text");
        assert!(!line.is_empty(), "the program has ended");
        line
    };
    let is_first = |line: &String| line.contains(" of process ");
    // From here on it listens to the signal.
    line();
    send("-QUIT", process);
    let mut first = line();
    loop {
        // The first line of the next dump shows that this one is complete.
        send("-QUIT", process);
        let mut dump = first;
        first = loop {
            let next = line();
            if is_first(&next) {
                break next;
            }
            dump += &next;
        };
        // While the first dump is printed, a thread of the library reads the time zone.
        if dump.contains("deadlock of") && !dump.contains("threadwork-zone") {
            send("-KILL", process);
            return dump;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Returns the page with these outputs below the programs that begin at these lines.
fn with_outputs(page: &str, outputs: &BTreeMap<usize, String>) -> String {
    let mut text = String::new();
    let mut lines = (1..).zip(page.lines());
    let mut next = None;
    while let Some((number, line)) = lines.next() {
        next = outputs.get(&number).or(next);
        text += line;
        text.push('\n');
        if line == "```text"
            && let Some(output) = next.take()
        {
            text += output;
            lines.by_ref().find(|(_, it)| *it == "```");
            text += "```\n";
        }
    }
    text
}

#[test]
fn the_service_answers_until_it_is_stopped() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_threadwork-guides"));
    command.arg("service_1");
    let ended = run_numbered(&command, |process, stdout| {
        let mut text = String::new();
        stdout.read_line(&mut text).expect("the program prints a line");
        let address = text.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        for word in ["once", "twice"] {
            let mut client = TcpStream::connect(&address).expect("the service listens");
            writeln!(client, "{word}").expect("the service reads");
            BufReader::new(client).read_line(&mut text).expect("the service answers");
        }
        send("-TERM", process);
        stdout.read_to_string(&mut text).expect("the output is text");
        text
    });
    let lines: Vec<_> = ended.stdout.lines().skip(1).collect();
    assert_eq!(lines, ["ONCE", "TWICE", "all threads have ended"], "{ended:#?}");
    assert!(ended.status.success(), "{ended:#?}");
}

#[test]
fn the_programs_are_formatted() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rustfmt.toml");
    for page in all() {
        for program in page.programs() {
            let file = folder.join(format!("{}.rs", program.name()));
            fs::write(&file, program.code()).expect("there is a folder for temporary files");
            let mut rustfmt = Command::new("rustfmt");
            rustfmt.args(["--check", "--edition", "2024", "--config-path"]).arg(&settings);
            let ended = run(rustfmt.arg(&file));
            let place = format!("{}:{}", page.path.display(), program.line);
            assert!(ended.status.success(), "{place} is not formatted: {}", ended.stdout);
        }
    }
}

#[test]
fn an_output_is_written_below_its_program() {
    let page = "```rust\nfn main() {}\n```\n\n```text\nold\n```\n\n```text\nother\n```\n";
    let outputs = BTreeMap::from([(2, "new\n".to_owned())]);
    let after = "```rust\nfn main() {}\n```\n\n```text\nnew\n```\n\n```text\nother\n```\n";
    assert_eq!(with_outputs(page, &outputs), after);
}

macro_rules! pages {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                check(stringify!($name));
            }
        )*

        #[test]
        fn each_page_with_programs_is_checked() {
            let pages = all().into_iter().filter(|it| !it.programs().is_empty());
            let names: Vec<_> = pages.map(|it| it.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

pages!(readme coming_from_java coming_from_python coming_from_std comparison cookbook hanging many_machines service);
