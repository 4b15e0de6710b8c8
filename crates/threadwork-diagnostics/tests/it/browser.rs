//! A real browser, without a window, that opens a page from a file.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::Value;

use crate::child::run;

/// The window and the color scheme with which the browser opens a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) is_dark: bool,
}

/// Chromium, if it is installed. Otherwise a message says that the test is skipped, even if its output is captured.
pub(crate) fn browser() -> Option<Browser> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = names.iter().flat_map(|name| folders.iter().map(move |it| it.join(name)));
    let program = found.into_iter().find(|it| it.is_file());
    if program.is_none() {
        let message =
            "SKIPPED: the page is not checked in a browser, because chromium is not installed\n";
        // Not `eprintln!`, which is captured.
        let _ = io::stderr().write_all(message.as_bytes());
    }
    program.map(|program| Browser { program })
}

pub(crate) struct Browser {
    program: PathBuf,
}

impl Browser {
    /// Opens the page, runs `script` in it, and returns the value that it leaves in `report`.
    ///
    /// The page is in a frame, which can be narrower than a window.
    #[track_caller]
    pub(crate) fn report(&self, page: &str, script: &str, look: Look) -> Value {
        // The marks around the report are assembled in the page, so that they are not found in the script.
        let script = format!(
            "<script>\nlet report = {{}};\ntry {{\n{script}\n}} catch (error) {{ report.faults = [error.stack]; }}\n\
             const safe = JSON.stringify(report).replace(/[<>&]/g, it => '\\\\u00' + it.charCodeAt().toString(16));\n\
             parent.document.body.append('REPORT' + ' BEGINS' + safe + 'REPORT' + ' ENDS');\n</script>"
        );
        let folder = Folder::new();
        let frame = frame(&format!("{page}{script}"), look);
        let dom = self.look(&folder, &frame, look, &["--dump-dom"]);
        let report = dom.split_once("REPORT BEGINS").and_then(|it| it.1.split_once("REPORT ENDS"));
        let Some((report, _)) = report else { panic!("there is no report: {dom}") };
        serde_json::from_str(report).unwrap_or_else(|error| panic!("{error}: {report}"))
    }

    /// Opens the page, and returns the width, the height and the size in bytes of a screenshot.
    #[track_caller]
    pub(crate) fn screenshot(&self, page: &str, look: Look) -> (u32, u32, usize) {
        let folder = Folder::new();
        let file = folder.0.join("picture.png");
        self.look(&folder, page, look, &[&format!("--screenshot={}", file.display())]);
        let picture = fs::read(&file).expect("there is a picture");
        assert!(picture.starts_with(b"\x89PNG"), "no picture");
        let number =
            |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().expect("4 bytes"));
        (number(16), number(20), picture.len())
    }

    #[track_caller]
    fn look(&self, folder: &Folder, page: &str, look: Look, args: &[&str]) -> String {
        let file = folder.0.join("page.html");
        fs::write(&file, page).expect("the page can be written");
        let mut command = Command::new(&self.program);
        command.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
        ]);
        command.arg(format!("--user-data-dir={}", folder.0.join("user").display()));
        command.arg(format!("--window-size={},800", look.width));
        command.arg(format!("--blink-settings=preferredColorScheme={}", u8::from(!look.is_dark)));
        command.args(args).arg(url(&file));
        let ended = run(&mut command);
        assert!(ended.status.success(), "{ended:#?}");
        ended.stdout
    }
}

/// A page that shows the page in a frame of the width of the look.
fn frame(page: &str, look: Look) -> String {
    let page = page.replace('&', "&amp;").replace('"', "&quot;");
    let width = look.width;
    format!(
        "<!DOCTYPE html><html style=\"color-scheme: light dark\"><meta charset=\"utf-8\">\
         <iframe style=\"border: 0; width: {width}px; height: 800px\" srcdoc=\"{page}\"></iframe></html>"
    )
}

fn url(file: &Path) -> String {
    format!("file://{}", file.display())
}

/// A folder for one screenshot, removed when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("threadwork-page-{}-{number}", std::process::id());
        let folder = env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a temporary folder");
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
