//! The page.

use std::{error::Error, fs, path::Path};

use crate::{
    board::Pace,
    report::{machine::facts, section},
};

/// The prose of the page. A line `<!-- name -->` stands for a section.
const TEMPLATE: &str = include_str!("template.md");

/// Measures, and writes the page and its plots into a folder.
///
/// # Errors
///
/// Returns what went wrong when a plot was drawn or a file was written.
pub fn write(pace: Pace, folder: &Path) -> Result<(), Box<dyn Error>> {
    let facts = facts(pace);
    let facts: String = facts.iter().map(|[name, fact]| format!("* {name}: {fact}\n")).collect();
    let sections = section::all(pace, &folder.join("benchmarks"))?;
    let all = [("machine", facts)].into_iter().chain(sections);
    let page = all.fold(TEMPLATE.to_owned(), |page, (name, shown)| {
        let place = format!("<!-- {name} -->\n");
        assert!(page.contains(&place), "the page has no place for {name}");
        page.replace(&place, &shown)
    });
    assert!(!page.contains("<!--"), "a section is missing: {page}");
    fs::write(folder.join("benchmarks.md"), page)?;
    Ok(())
}

/// Returns what of a page does not depend on what was measured: headings, plots, heads of tables, and the names of their rows.
#[must_use]
pub fn skeleton(page: &str) -> Vec<String> {
    // Which comparisons are lost is measured.
    let sections = page.split("\n## ").filter(|it| !it.starts_with("What is slower"));
    let kept = sections.flat_map(str::lines).filter_map(|line| match line.split(" | ").next() {
        _ if line.starts_with(['#', '<']) => Some(line),
        Some(first) if line.starts_with("| ") => Some(first),
        _ => None,
    });
    kept.map(str::to_owned).collect()
}
