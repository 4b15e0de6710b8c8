//! The crates of the workspace and their sources, for the rules.

use std::path::Path;

use crate::source::{Source, entries, read};

/// The crate that the tests share. It is published for the tests in the other packages, and it may do what the library may not.
const TEST_SUPPORT: &str = "crates/threadwork-test-support";

/// Returns the folders of the crates.
pub(crate) fn crates(root: &Path) -> Vec<String> {
    let is_crate = |it: &String| root.join(it).join("Cargo.toml").is_file();
    let crates: Vec<_> = entries(root, "crates").into_iter().filter(is_crate).collect();
    assert!(crates.len() >= 4, "not all crates are found: {crates:?}");
    crates
}

/// Whether the crate is published.
pub(crate) fn is_published(root: &Path, folder: &str) -> bool {
    let manifest = read(root, &format!("{folder}/Cargo.toml"));
    !manifest.lines().any(|it| it == "publish = false")
}

/// Returns the sources of the published crates but the one for tests.
pub(crate) fn library(root: &Path) -> Vec<Source> {
    let is_of_library = |it: &String| is_published(root, it) && it != TEST_SUPPORT;
    let published = crates(root).into_iter().filter(is_of_library);
    let folders = published.map(|it| format!("{it}/src"));
    let sources: Vec<_> = folders.flat_map(|it| Source::all(root, &it)).collect();
    assert!(sources.len() > 30, "not all sources are found");
    sources
}

/// Returns all sources, including tests and their shared crate, benchmarks and examples.
pub(crate) fn everything(root: &Path) -> Vec<Source> {
    let parts = |it: String| ["src", "tests", "benches"].map(|part| format!("{it}/{part}"));
    let folders = crates(root)
        .into_iter()
        .flat_map(parts)
        .chain(["examples".into(), "examples/16_opentelemetry".into()]);
    folders.flat_map(|it| Source::all(root, &it)).collect()
}

/// Returns all manifests but the workspace's, with their paths.
pub(crate) fn manifests(root: &Path) -> Vec<(String, String)> {
    let folders =
        crates(root).into_iter().chain(["examples".into(), "examples/16_opentelemetry".into()]);
    let paths = folders.map(|it| format!("{it}/Cargo.toml"));
    paths.map(|path| (path.clone(), read(root, &path))).collect()
}

/// Whether the file holds white-box tests, beside the file that they test.
pub(crate) fn is_test(source: &Source) -> bool {
    source.path.ends_with("/tests.rs") || source.path.contains("/tests/")
}

/// Checks that no place breaks the rule.
#[track_caller]
pub(crate) fn check_none(rule: &str, breaches: impl IntoIterator<Item = String>) {
    let breaches: Vec<_> = breaches.into_iter().collect();
    assert!(breaches.is_empty(), "{rule}:\n  {}", breaches.join("\n  "));
}

/// Returns the paths of the files for which the function returns `true`.
pub(crate) fn paths(
    sources: Vec<Source>,
    breaks_the_rule: impl Fn(&Source) -> bool,
) -> impl Iterator<Item = String> {
    sources.into_iter().filter(move |it| breaks_the_rule(it)).map(|it| it.path)
}
