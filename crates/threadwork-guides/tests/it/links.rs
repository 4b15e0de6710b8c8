//! Links from page to page.

use std::{fs, path::Path};

use regex::Regex;
use threadwork_guides::pages::{Page, all};

/// Returns the targets of the links in a page: those in parentheses, those of definitions, and pictures.
fn targets(page: &Page) -> Vec<String> {
    let pattern = Regex::new(r#"\]\(([^)\s]+)\)|(?m)^\[[^\]]+\]: (\S+)$|(?:src|srcset)="([^"]+)""#)
        .expect("it is a pattern");
    let prose = prose(page.text());
    let found = pattern.captures_iter(&prose);
    found
        .flat_map(|it| {
            it.iter().skip(1).flatten().map(|it| it.as_str().to_owned()).collect::<Vec<_>>()
        })
        .collect()
}

/// Returns the text without its blocks of code.
fn prose(text: &str) -> String {
    text.split("\n```").step_by(2).collect()
}

/// Returns the name by which a heading is linked to.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|it| it.is_alphanumeric() || [' ', '-', '_'].contains(it));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn anchors(text: &str) -> Vec<String> {
    let headings = prose(text);
    let headings = headings.lines().filter(|it| it.starts_with('#'));
    headings.map(|it| anchor(it.trim_start_matches('#').trim())).collect()
}

#[test]
fn each_link_leads_to_a_file_or_a_heading() {
    let mut count = 0;
    let mut dead = Vec::new();
    for page in all() {
        let folder = page.path.parent().unwrap_or(Path::new("."));
        let local = targets(&page).into_iter().filter(|it| !it.contains("://"));
        for target in local {
            count += 1;
            let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
            let file = if file.is_empty() { page.path.clone() } else { folder.join(file) };
            let is_there = file.exists()
                && (heading.is_empty()
                    || fs::read_to_string(&file)
                        .is_ok_and(|it| anchors(&it).iter().any(|it| it == heading)));
            if !is_there {
                dead.push(format!("{}: {target}", page.name));
            }
        }
    }
    assert!(dead.is_empty(), "links that lead nowhere:\n{}", dead.join("\n"));
    assert!(count > 50, "only {count} links are found");
}

#[test]
fn each_heading_of_the_cookbook_is_in_its_list() {
    let pages = all();
    let page = pages.iter().find(|it| it.name == "cookbook").expect("there is a cookbook");
    let text = prose(page.text());
    let recipes = text.lines().filter_map(|it| it.strip_prefix("## "));
    let missing: Vec<_> =
        recipes.filter(|it| !page.text().contains(&format!("](#{})", anchor(it)))).collect();
    assert!(missing.is_empty(), "recipes that the list leaves out: {missing:?}");
}

#[test]
fn each_definition_of_a_link_has_its_counterpart_in_the_documentation() {
    let pattern = Regex::new(r"(?m)^\[([^\]]+)\]: ([a-z-]+)\.md$").expect("it is a pattern");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../threadwork/src/guides.rs");
    let guides = fs::read_to_string(path).expect("there are guides");
    let mut count = 0;
    for page in all() {
        for link in pattern.captures_iter(page.text()) {
            count += 1;
            let module = link[2].replace('-', "_");
            let counterpart = format!("/// [{}]: crate::guides::{module}\n", &link[1]);
            assert!(guides.contains(&counterpart), "{} lacks {counterpart}", page.name);
        }
    }
    assert!(count > 10, "only {count} definitions are found");
}
