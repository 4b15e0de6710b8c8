//! The pages, their programs, and the outputs that they show.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The pages. This crate has links to them, so that its package has them too.
const PATHS: [&str; 14] = [
    "README.md",
    "docs/architecture.md",
    "docs/benchmarks.md",
    "docs/coming-from-java.md",
    "docs/coming-from-python.md",
    "docs/coming-from-std.md",
    "docs/comparison.md",
    "docs/cookbook.md",
    "docs/design.md",
    "docs/hanging.md",
    "docs/many-machines.md",
    "docs/platforms.md",
    "docs/service.md",
    "docs/supervision.md",
];

/// A page.
#[derive(Debug)]
pub struct Page {
    /// Its file.
    pub path: PathBuf,
    /// The name of the file without its ending, as a name in Rust.
    pub name: String,
    text: String,
}

/// A program in a page.
#[derive(Debug)]
pub struct Program {
    page: String,
    /// Counts the programs of the page, from 1.
    number: usize,
    /// The line of the page in which its code begins.
    pub line: usize,
    code: String,
    /// How it ends.
    pub end: End,
    /// The output that the page shows below it.
    pub output: Option<String>,
}

/// How a program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself.
    Returns,
    /// By SIGTERM: `rust,endless`.
    AtSignal,
    /// Never: `rust,hangs`. The page shows a dump of it.
    Never,
}

/// Reads all pages.
#[must_use]
pub fn all() -> Vec<Page> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    PATHS.iter().map(|it| Page::read(&root.join(it))).collect()
}

impl Page {
    fn read(path: &Path) -> Page {
        let is_there = "there is a page, and the link to it can be followed";
        // The page itself and not the link to it: its own links start there.
        let path = fs::canonicalize(path).expect(is_there);
        let text = fs::read_to_string(&path).expect(is_there);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = stem.to_lowercase().replace('-', "_");
        Page { path, name, text }
    }

    /// The text of the page.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the programs: the blocks in Rust. A block of text is the output of the program above it.
    #[must_use]
    pub fn programs(&self) -> Vec<Program> {
        let mut programs: Vec<Program> = Vec::new();
        let mut follows_program = false;
        let mut lines = (1..).zip(self.text.lines());
        while let Some((line, fence)) = lines.next() {
            let Some(info) = fence.strip_prefix("```") else { continue };
            let block = lines.by_ref().map(|(_, it)| it).take_while(|it| *it != "```");
            let code: String = block.flat_map(|it| [it, "\n"]).collect();
            let end = match info {
                "rust" => Some(End::Returns),
                "rust,endless" => Some(End::AtSignal),
                "rust,hangs" => Some(End::Never),
                _ => None,
            };
            match (end, programs.last_mut()) {
                (Some(end), _) => programs.push(Program {
                    page: self.name.clone(),
                    number: programs.len() + 1,
                    line: line + 1,
                    code,
                    end,
                    output: None,
                }),
                (None, Some(program)) if follows_program && info == "text" => {
                    program.output = Some(code);
                }
                _ => (),
            }
            // The command that shows the output may stand between.
            follows_program = end.is_some() || (follows_program && info == "sh");
        }
        programs
    }
}

impl Program {
    /// The name by which it is run.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}_{}", self.page, self.number)
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns a module with a function that runs it. The lines of the code keep their numbers.
    #[must_use]
    pub fn module(&self) -> String {
        let code = &self.code;
        format!("{code}\npub(super) fn run() -> std::process::ExitCode {{ crate::run(main) }}\n")
    }
}
