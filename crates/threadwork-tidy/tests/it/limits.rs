//! How large a file, a folder, a function and a struct may be.

use std::{collections::BTreeMap, path::Path};

use crate::{
    crates::{check_none, crates, everything, is_published, is_test, library, paths},
    sizes::{Size, functions, structs},
    source::{Source, entries, workspace},
};

const MAX_LINES: usize = 400;
const MAX_FUNCTION: usize = 50;
const MAX_FIELDS: usize = 8;
const MAX_FILES: usize = 9;

/// Rows and a report: each field is a column or a list that programs read, directly or as JSON.
const ROWS: [&str; 5] = ["DeadlockEdge", "Dump", "ThreadDump", "WaitDump", "Waiting"];

/// Checks that exactly the known names are over the limit.
#[track_caller]
fn check_known(rule: &str, over: &BTreeMap<String, String>, known: &[&str]) {
    let unknown = over.iter().filter(|(name, _)| !known.contains(&name.as_str()));
    check_none(rule, unknown.map(|(name, place)| format!("{name}: {place}")));
    let mended = known.iter().filter(|it| !over.contains_key(**it)).map(|it| (*it).to_owned());
    check_none("this name is not over the limit any more; take it off the list", mended);
}

/// Returns the names over a limit in the code of the library without tests, with their places.
fn over(
    root: &Path,
    sizes: impl Fn(&Source) -> Vec<Size>,
    most: usize,
) -> BTreeMap<String, String> {
    let mut over = BTreeMap::new();
    for source in library(root).iter().filter(|it| !is_test(it)) {
        for Size { name, size } in sizes(source).into_iter().filter(|it| it.size > most) {
            over.insert(name, format!("{size} in {}", source.path));
        }
    }
    over
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let root = workspace();
    let long = paths(everything(&root), |it| it.text.lines().count() > MAX_LINES);
    check_none("a file longer than 400 lines has two subjects", long);
}

#[test]
fn no_function_is_longer_than_50_lines() {
    let root = workspace();
    let long = over(&root, functions, MAX_FUNCTION);
    check_known("a function longer than 50 lines does two things", &long, &[]);
}

#[test]
fn no_struct_has_more_than_8_fields() {
    let root = workspace();
    let wide = over(&root, structs, MAX_FIELDS);
    check_known("a struct with more than 8 fields has two subjects", &wide, &ROWS);
}

#[test]
fn no_folder_has_more_than_9_files() {
    let root = workspace();
    let published = crates(&root).into_iter().filter(|it| is_published(&root, it));
    let mut full = BTreeMap::new();
    for folder in published.flat_map(|it| folders(&root, &format!("{it}/src"))) {
        let count = n_files(&entries(&root, &folder), folder.ends_with("/src"));
        if count > MAX_FILES {
            full.insert(folder, format!("{count} files"));
        }
    }
    check_known("a folder with more than 9 files has two subjects", &full, &[]);
}

/// Returns the folder and all folders below it.
fn folders(root: &Path, folder: &str) -> Vec<String> {
    let below = entries(root, folder).into_iter().filter(|it| root.join(it).is_dir());
    let below = below.flat_map(|it| folders(root, &it));
    [folder.to_owned()].into_iter().chain(below).collect()
}

/// Returns the number of sources in a folder, without tests. In a crate's `src`, `lib.rs` and the own files of folders do not count:
/// they are read first.
fn n_files(entries: &[String], is_crate: bool) -> usize {
    let sources = entries.iter().filter_map(|it| it.strip_suffix(".rs"));
    let sources = sources.filter(|it| !it.ends_with("/tests"));
    let is_own_file = |it: &str| it.ends_with("/lib") || entries.iter().any(|entry| entry == it);
    sources.filter(|it| !is_crate || !is_own_file(it)).count()
}

#[test]
fn the_own_files_of_folders_do_not_count_in_the_folder_of_a_crate() {
    let entries = ["lib.rs", "lock", "lock.rs", "error.rs", "tests.rs", "page.js"];
    let entries = entries.map(|it| format!("a/src/{it}"));
    assert_eq!(n_files(&entries, true), 1);
    assert_eq!(n_files(&entries, false), 3);
}
