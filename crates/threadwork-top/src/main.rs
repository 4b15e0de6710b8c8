//! `threadwork-top`: a live table of a program's threads.

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use threadwork_top::{App, Source, run_app};

const HELP: &str = "\
A live table of the threads of a program that serves dumps (`diagnostics::DumpServer`).

usage: threadwork-top [--interval SECONDS] [--own] [--once] PLACE

PLACE is unix:/path or an address such as 127.0.0.1:7777.

  --interval SECONDS  how often to look; the default is once a second
  --own               show the library's own threads, too
  --once              print one dump as text and exit
  --help              print this help
  --version           print the version

keys: q quits, arrows, PgUp, PgDn, Home and End scroll, s changes the order,
o shows or hides the library's own threads.
On a narrow screen some columns are left out.
";

/// The task that the command line gives.
enum Task {
    Print(String),
    Once(Source),
    Live { source: Source, interval: Duration, shows_own: bool },
}

fn main() -> ExitCode {
    let done = task(env::args().skip(1)).and_then(|task| match task {
        Task::Print(text) => print(&text),
        Task::Once(source) => print(&source.look()?.to_string()),
        Task::Live { source, interval, shows_own } => {
            let mut app = App::new(source.to_string());
            app.show_own_threads(shows_own);
            Ok(run_app(app, &source, interval)?)
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error cannot be written, there is no place to report that.
            let _ = writeln!(io::stderr(), "threadwork-top: {error}");
            ExitCode::FAILURE
        }
    }
}

fn task(mut words: impl Iterator<Item = String>) -> Result<Task, Box<dyn Error>> {
    let mut interval = Duration::from_secs(1);
    let mut is_once = false;
    let mut shows_own = false;
    let mut source = None;
    while let Some(word) = words.next() {
        match &*word {
            "--help" | "-h" => return Ok(Task::Print(HELP.to_owned())),
            "--version" | "-V" => {
                return Ok(Task::Print(format!("threadwork-top {}\n", env!("CARGO_PKG_VERSION"))));
            }
            "--once" => is_once = true,
            "--own" => shows_own = true,
            "--interval" => interval = parse_interval(words.next())?,
            _ if word.starts_with('-') => {
                return Err(format!("unknown option {word}; try --help").into());
            }
            _ if source.is_some() => return Err("more than one PLACE is given; try --help".into()),
            _ => source = Some(word.parse()?),
        }
    }
    let source = source.ok_or("no PLACE is given; try --help")?;
    Ok(if is_once { Task::Once(source) } else { Task::Live { source, interval, shows_own } })
}

/// Parses seconds, with or without a fraction; the least interval is a tenth of a second.
fn parse_interval(seconds: Option<String>) -> Result<Duration, Box<dyn Error>> {
    let interval = seconds.and_then(|it| Duration::try_from_secs_f64(it.parse().ok()?).ok());
    match interval {
        Some(interval) => Ok(interval.max(Duration::from_millis(100))),
        None => Err("--interval needs a number of seconds".into()),
    }
}

/// A reader that closes the pipe early is not an error.
fn print(text: &str) -> Result<(), Box<dyn Error>> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
