//! Makes the pictures of the README from programs that run: `cargo run -p threadwork-guides --bin pictures`.
//!
//! It needs `chromium` for the picture of a page.

#![forbid(unsafe_code)]

use std::{
    env,
    error::Error,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{self, Child, Command, Stdio},
    thread,
    time::Duration,
};

use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};
use threadwork_top::{App, Source, render};

use self::screen::{DARK, LIGHT};

mod screen;

/// The sizes of the pictures: in pixels, and in columns and lines.
const PAGE: &str = "1100,480";
const SCREEN: (u16, u16) = (128, 19);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pictures");
    picture_timeline(&folder)?;
    picture_top(&folder)
}

/// Returns the command that runs an example.
fn example(name: &str, argument: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "-q", "-p", "threadwork-examples", "--example", name, "--"]).arg(argument);
    // A backtrace takes longer than the rest.
    command.env("RUST_BACKTRACE", "0").env("TZ", "UTC");
    command
}

/// Writes a program's timeline, and shows the page in a browser.
fn picture_timeline(folder: &Path) -> Result<(), Box<dyn Error>> {
    let files = env::temp_dir().join(format!("threadwork-pictures-{}", process::id()));
    fs::create_dir_all(&files)?;
    run(&mut example("timeline", &files))?;
    let page = files.join("timeline.html");
    for (theme, number) in [("dark", 0), ("light", 1)] {
        let mut browser = Command::new("chromium");
        browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]);
        browser.arg(format!("--user-data-dir={}", files.join("browser").display()));
        browser.arg(format!("--window-size={PAGE}"));
        browser.arg(format!("--blink-settings=preferredColorScheme={number}"));
        let picture = folder.join(format!("timeline-{theme}.png"));
        browser.arg(format!("--screenshot={}", picture.display()));
        run(browser.arg(format!("file://{}", page.display())))?;
    }
    fs::remove_dir_all(&files)?;
    Ok(())
}

fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let ended = command.output().map_err(|it| format!("{command:?}: {it}"))?;
    if ended.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} fails: {}", String::from_utf8_lossy(&ended.stderr)).into())
}

/// Looks at a program, as `threadwork-top` does, and draws the screen.
fn picture_top(folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut program = example("dump_server", "600").stdout(Stdio::piped()).spawn()?;
    let screen = look(&mut program);
    program.kill()?;
    program.wait()?;
    let screen = screen?;
    for (theme, palette) in [("dark", &DARK), ("light", &LIGHT)] {
        let picture = palette.draw(&screen);
        fs::write(folder.join(format!("top-{theme}.svg")), picture)?;
    }
    Ok(())
}

fn look(program: &mut Child) -> Result<Buffer, Box<dyn Error>> {
    let mut line = String::new();
    BufReader::new(program.stdout.take().ok_or("it has no output")?).read_line(&mut line)?;
    let source: Source = line.trim().rsplit(' ').next().unwrap_or_default().parse()?;
    let mut app = App::new(source.to_string());
    // The share of the processors that a thread uses is known from the second look on.
    for _ in 0..4 {
        thread::sleep(Duration::from_secs(1));
        app.update(source.look());
    }
    let mut terminal = Terminal::new(TestBackend::new(SCREEN.0, SCREEN.1))?;
    terminal.draw(|frame| render(frame, &app))?;
    Ok(terminal.backend().buffer().clone())
}
