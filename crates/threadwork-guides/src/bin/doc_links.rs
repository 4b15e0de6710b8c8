//! Checks the links in the documentation that `cargo doc` has made: `cargo run -p threadwork-guides --bin doc_links target/doc`.
//!
//! rustdoc tells of a link that it cannot resolve where the link is written. It does not tell of one that it resolves and then cannot show,
//! because the target is in a crate without pages, or is not published where the item is shown again.

#![forbid(unsafe_code)]

use std::{
    collections::BTreeSet,
    env, fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

const CRATES: [&str; 5] = [
    "threadwork",
    "threadwork_core",
    "threadwork_diagnostics",
    "threadwork_sync",
    "threadwork_top",
];

/// Names in the documentation of traits of other crates, which rustdoc shows with each type that implements them.
const OF_OTHERS: [&str; 12] = [
    "CompactString",
    "Context",
    "Filter",
    "Layer",
    "Line",
    "MakeWriter",
    "MakeWriter::make_writer_for",
    "Span",
    "Subscriber",
    "Text",
    "ToCompactString::to_compact_string()",
    "WithDispatch",
];

/// Links that rustdoc itself makes and that lead nowhere: the list of all items of a crate that is shown as a module.
const OF_RUSTDOC: [&str; 1] = ["all.html"];

fn main() -> ExitCode {
    let folder = env::args().nth(1).unwrap_or_else(|| "target/doc".to_owned());
    let (mut count, mut broken) = (0, BTreeSet::new());
    for name in CRATES {
        let pages = match pages(&Path::new(&folder).join(name)) {
            Ok(pages) if !pages.is_empty() => pages,
            _ => {
                eprintln!("there is no documentation of {name} in {folder}; run `cargo doc` first");
                return ExitCode::FAILURE;
            }
        };
        for page in pages {
            let text = fs::read_to_string(&page).unwrap_or_default();
            let (links, wrong) = check(&page, &text);
            count += links;
            broken.extend(wrong.into_iter().map(|it| format!("{}: {it}", page.display())));
        }
    }
    for it in &broken {
        eprintln!("{it}");
    }
    println!("{count} links, {} broken", broken.len());
    if broken.is_empty() && count > 1000 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All pages in a folder and below.
fn pages(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(pages(&path)?);
        } else if path.extension().is_some_and(|it| it == "html") {
            found.push(path);
        }
    }
    Ok(found)
}

/// Returns the number of links of a page to other pages, and those that lead nowhere or are not shown as links.
fn check(page: &Path, text: &str) -> (usize, Vec<String>) {
    let folder = page.parent().unwrap_or(page);
    let links = between(text, "href=\"", "\"").filter(|it| !it.contains("://"));
    let links = links.map(|it| it.split(['#', '?']).next().unwrap_or_default());
    let links: Vec<_> = links.filter(|it| it.ends_with(".html")).collect();
    let dead = links.iter().filter(|it| !OF_RUSTDOC.contains(it) && !folder.join(it).exists());
    let names = between(text, "[<code>", "</code>]").filter(|it| !OF_OTHERS.contains(it));
    let plain = names.map(|it| format!("[`{it}`] is no link"));
    let dead = dead.map(|it| format!("there is no {it}"));
    (links.len(), dead.chain(plain).collect())
}

/// Whatever is between the two, each time, on one line.
fn between<'a>(text: &'a str, start: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    let parts = text.split(start).skip(1).filter_map(move |it| Some(it.split_once(end)?.0));
    parts.filter(|it| !it.contains(['<', '\n']))
}
