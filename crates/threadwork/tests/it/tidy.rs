//! Rules of the house, over the sources of all crates.

use std::path::Path;

use crate::arrows::House;
use crate::source::{Source, entries, read, workspace};

const MAX_LINES: usize = 400;

/// The only files of the library that see clocks, queues and models.
const DOOR: [&str; 2] = ["crates/threadwork-sync/src/park.rs", "crates/threadwork-sync/src/park/"];

/// The lock of those who are told of each wait, and may not wait for anything of the library.
const OBSERVER: &str = "crates/threadwork-diagnostics/src/timeline/mutex.rs";

/// The only file of the library that begins threads of the operating system.
const BUILDER: &str = "crates/threadwork-core/src/process/helper.rs";

/// What may have threads of its own; below there are none.
const ABOVE_SYNC: [&str; 3] =
    ["crates/threadwork-core/", "crates/threadwork-diagnostics/", "crates/threadwork-top/"];

/// What catches panics, and drops what they were given.
const CATCH: &str = "crates/threadwork-sync/src/payload.rs";

/// The only files of the library with unsafe code.
const UNSAFE: [&str; 9] = [
    "crates/threadwork-sync/src/park/",
    "crates/threadwork-sync/src/lock.rs",
    "crates/threadwork-sync/src/lock_traits.rs",
    "crates/threadwork-sync/src/mapped.rs",
    "crates/threadwork-sync/src/rlock.rs",
    "crates/threadwork-sync/src/rwlock.rs",
    "crates/threadwork-sync/src/os.rs",
    "crates/threadwork-core/src/life/cell.rs",
    "crates/threadwork-core/src/local/value.rs",
];

/// The folders of the crates.
fn crates(root: &Path) -> Vec<String> {
    let is_crate = |it: &String| root.join(it).join("Cargo.toml").is_file();
    let crates: Vec<_> = entries(root, "crates").into_iter().filter(is_crate).collect();
    assert!(crates.len() >= 4, "not all crates are found: {crates:?}");
    crates
}

/// What the crates are made of.
fn library(root: &Path) -> Vec<Source> {
    let folders = crates(root).into_iter().map(|it| format!("{it}/src"));
    let sources: Vec<_> = folders.flat_map(|it| Source::all(root, &it)).collect();
    assert!(sources.len() > 30, "not all sources are found");
    sources
}

/// Also tests, benchmarks and examples.
fn everything(root: &Path) -> Vec<Source> {
    let around = |it: String| [format!("{it}/tests"), format!("{it}/benches")];
    let folders = crates(root)
        .into_iter()
        .flat_map(around)
        .chain(["examples".into(), "examples/16_opentelemetry".into()]);
    let mut sources = library(root);
    sources.extend(folders.flat_map(|it| Source::all(root, &it)));
    sources
}

/// All manifests but that of the workspace, with their paths.
fn manifests(root: &Path) -> Vec<(String, String)> {
    let folders =
        crates(root).into_iter().chain(["examples".into(), "examples/16_opentelemetry".into()]);
    let paths = folders.map(|it| format!("{it}/Cargo.toml"));
    paths.map(|path| (path.clone(), read(root, &path))).collect()
}

/// White-box tests beside the file that they test.
fn is_test(source: &Source) -> bool {
    source.path.ends_with("/tests.rs") || source.path.contains("/tests/")
}

/// Nobody breaks the rule.
#[track_caller]
fn check_nobody(rule: &str, breaches: impl IntoIterator<Item = String>) {
    let breaches: Vec<_> = breaches.into_iter().collect();
    assert!(breaches.is_empty(), "{rule}:\n  {}", breaches.join("\n  "));
}

/// The files of which it is true.
fn paths(
    sources: Vec<Source>,
    breaks_the_rule: impl Fn(&Source) -> bool,
) -> impl Iterator<Item = String> {
    sources.into_iter().filter(move |it| breaks_the_rule(it)).map(|it| it.path)
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let Some(root) = workspace() else { return };
    let long = paths(everything(&root), |it| it.text.lines().count() > MAX_LINES);
    check_nobody("a file longer than 400 lines has two subjects", long);
}

#[test]
fn only_the_door_names_the_locks_of_std_and_the_queues() {
    let Some(root) = workspace() else { return };
    let others = || library(&root).into_iter().filter(|it| !it.is_in(&DOOR)).collect::<Vec<_>>();
    for lock in ["Mutex", "RwLock", "Condvar", "Barrier"] {
        let named = paths(others(), |it| it.names("sync", lock) && it.path != OBSERVER);
        check_nobody(&format!("only the door names std::sync::{lock}"), named);
    }
    let named = paths(others(), |it| it.has_word("parking_lot_core"));
    check_nobody("only the door names parking_lot_core", named);
}

#[test]
fn only_the_door_looks_at_the_clock_of_sync() {
    let Some(root) = workspace() else { return };
    let sync = Source::all(&root, "crates/threadwork-sync/src");
    let looking = paths(sync, |it| it.names("Instant", "now") && !it.is_in(&DOOR) && !is_test(it));
    check_nobody("only the door names Instant::now", looking);
}

#[test]
fn only_the_door_knows_of_models() {
    let Some(root) = workspace() else { return };
    let named = paths(library(&root), |it| it.has_word("loom") && !it.is_in(&DOOR));
    check_nobody("only the door names loom", named);
    let may_ask = |it: &Source| {
        it.is_in(&DOOR) || it.path == "crates/threadwork-sync/src/lib.rs" || is_test(it)
    };
    let asking = paths(library(&root), |it| it.has_word("threadwork_loom") && !may_ask(it));
    check_nobody("only the door and the front page ask for cfg(threadwork_loom)", asking);
}

#[test]
fn nothing_in_the_library_sleeps_or_parks_by_itself() {
    let Some(root) = workspace() else { return };
    for item in ["sleep", "sleep_until", "park", "park_timeout"] {
        let blocking = paths(library(&root), |it| it.names("thread", item));
        check_nobody(&format!("nothing calls thread::{item}; what blocks takes a Wait"), blocking);
    }
}

#[test]
fn nothing_waits_for_a_cell_without_a_record() {
    let Some(root) = workspace() else { return };
    let waiting = paths(library(&root), |it| it.names("once_cell", "sync"));
    check_nobody("cells are those of once_cell::race: nobody waits for another thread", waiting);
}

#[test]
fn all_threads_of_the_operating_system_are_begun_in_one_place() {
    let Some(root) = workspace() else { return };
    let begins = |it: &Source| it.has("thread::Builder::new") || it.names("thread", "spawn");
    let is_meant = |it: &Source| it.path == BUILDER || is_test(it) || !it.is_in(&ABOVE_SYNC);
    check_nobody(
        "in the child of a fork a thread needs `thread_builder` of core to begin with",
        paths(library(&root), |it| begins(it) && !is_meant(it)),
    );
}

#[test]
fn nobody_is_told_of_the_locks_of_the_library() {
    let Some(root) = workspace() else { return };
    let above = ["crates/threadwork-core/src", "crates/threadwork-diagnostics/src"];
    let sources = || above.iter().flat_map(|it| Source::all(&root, it)).filter(|it| !is_test(it));
    for lock in ["Lock", "RLock", "RwLock", "RawLock", "RawRLock"] {
        let makes = |it: &Source| it.names(lock, "new") || it.names(lock, "named");
        let made = paths(sources().collect(), makes);
        check_nobody("locks of the library's own are made by `own_lock`", made);
    }
}

#[test]
fn panics_are_caught_in_one_place() {
    let Some(root) = workspace() else { return };
    let catching =
        paths(library(&root), |it| it.has_word("catch_unwind") && it.path != CATCH && !is_test(it));
    check_nobody("only one file calls catch_unwind: the drop of a payload may panic", catching);
}

/// How many arrows between the modules of a crate go up. None is to come.
const UPWARD: [(&str, usize); 3] =
    [("threadwork-sync", 24), ("threadwork-core", 0), ("threadwork-diagnostics", 19)];

#[test]
fn no_more_modules_name_those_that_are_listed_after_them() {
    let Some(root) = workspace() else { return };
    for (name, most) in UPWARD {
        let upward = House::of_crate(&root, &format!("crates/{name}")).upward();
        let arrows: Vec<_> =
            upward.iter().map(|it| format!("{} names {}", it.from, it.to)).collect();
        assert!(
            arrows.len() <= most,
            "a module names only modules that are listed before it; in {name} there are {} that do not, {most} are known:\n  {}",
            arrows.len(),
            arrows.join("\n  "),
        );
    }
}

#[test]
fn unsafe_code_is_in_few_files() {
    let Some(root) = workspace() else { return };
    let unsafe_code = paths(library(&root), |it| it.has_word("unsafe") && !it.is_in(&UNSAFE));
    check_nobody("no unsafe code outside the files that are meant for it", unsafe_code);
}

#[test]
fn every_front_page_says_whether_there_is_unsafe_code() {
    let Some(root) = workspace() else { return };
    for (name, level) in [
        ("threadwork", "forbid"),
        ("threadwork-diagnostics", "forbid"),
        ("threadwork-top", "forbid"),
        ("threadwork-core", "deny"),
        ("threadwork-sync", "deny"),
    ] {
        let page = Source::read(&root, &format!("crates/{name}/src/lib.rs"));
        let attribute = format!("#![{level}(unsafe_code)]");
        assert!(page.has(&attribute), "there is no {attribute} in {}", page.path);
    }
}

#[test]
fn nothing_is_left_undone() {
    let Some(root) = workspace() else { return };
    for code in ["todo!", "unimplemented!", "dbg!", "#[ignore"] {
        check_nobody(&format!("no {code}"), paths(everything(&root), |it| it.has(code)));
    }
}

#[test]
fn every_example_in_the_documentation_is_run() {
    let Some(root) = workspace() else { return };
    let is_fence = |line: &&str| line.trim_start_matches(['/', '!', ' ']).starts_with("```");
    let is_skipped = |line: &str| ["ignore", "no_run"].iter().any(|it| line.contains(it));
    let skipped = paths(library(&root), |it| it.text.lines().filter(is_fence).any(is_skipped));
    check_nobody("no example is marked `ignore` or `no_run`", skipped);
}

#[test]
fn every_published_crate_has_the_license() {
    let Some(root) = workspace() else { return };
    let license = read(&root, "LICENSE");
    let published = crates(&root).into_iter().filter(|it| {
        !read(&root, &format!("{it}/Cargo.toml")).lines().any(|line| line == "publish = false")
    });
    let mut count = 0;
    for folder in published {
        assert_eq!(read(&root, &format!("{folder}/LICENSE")), license, "in {folder}");
        count += 1;
    }
    assert!(count >= 4, "only {count} crates are published");
}

#[test]
fn every_dependency_has_its_reason_above_it() {
    let Some(root) = workspace() else { return };
    for (path, manifest) in manifests(&root) {
        check_nobody(&format!("dependencies without a reason in {path}"), unexplained(&manifest));
    }
}

/// The dependencies with no comment above them or above their section; the crates of this workspace need none.
fn unexplained(manifest: &str) -> Vec<String> {
    let mut unexplained = Vec::new();
    let mut before = "";
    // Whether this is a section of dependencies, and whether there is a reason for all that is in it.
    let (mut is_inside, mut is_explained) = (false, false);
    for line in manifest.lines() {
        let has_reason = before.starts_with("# ");
        if let Some(header) = line.strip_prefix('[') {
            let section = header.trim_end_matches(']');
            is_inside = section.ends_with("dependencies");
            is_explained = has_reason;
            // A section for one dependency alone.
            if section.contains("dependencies.") && !has_reason {
                unexplained.push(line.to_owned());
            }
        } else if is_inside && line.starts_with(|it: char| it.is_alphanumeric() || it == '"') {
            let is_continued = before.ends_with(['[', ',']) || line.ends_with("\",");
            if !has_reason && !is_explained && !is_continued && !line.starts_with("threadwork") {
                unexplained.push(line.to_owned());
            }
        }
        before = line;
    }
    unexplained
}

#[test]
fn a_dependency_without_a_reason_is_found() {
    let manifest = "[package]\nname = \"a\"\n\n[dependencies]\nthreadwork-sync.workspace = true\n\
        # Why.\nwith = \"1\"\nwithout = \"1\"\n\n# Why.\n[target.'cfg(unix)'.dependencies]\nlibc = \"1\"\n\
        [dev-dependencies]\nalso = { version = \"1\" }\n\n[dependencies.alone]\nversion = \"1\"\n\
        [features]\nnone = []\n";
    assert_eq!(
        unexplained(manifest),
        ["without = \"1\"", "also = { version = \"1\" }", "[dependencies.alone]"]
    );
}

#[test]
fn every_example_is_listed_in_the_order_of_the_numbers() {
    let Some(root) = workspace() else { return };
    let files: Vec<_> = entries(&root, "examples")
        .into_iter()
        .filter_map(|path| path.strip_prefix("examples/").map(str::to_owned))
        .filter(|file| file.ends_with(".rs"))
        .collect();
    let manifest = read(&root, "examples/Cargo.toml");
    let value = |section: &str, key: &str| {
        let mut values = section.lines().filter_map(|line| line.strip_prefix(key));
        values.next().unwrap_or_default().trim_matches(['=', ' ', '"']).to_owned()
    };
    let sections = manifest.split("\n[").filter_map(|it| it.strip_prefix("[example]]"));
    let examples: Vec<_> = sections.map(|it| (value(it, "name"), value(it, "path"))).collect();

    let listed: Vec<_> = examples.iter().map(|(_, path)| path.clone()).collect();
    assert!(!files.is_empty());
    assert_eq!(listed, files, "examples/Cargo.toml beside the files, in order");
    for (name, path) in examples {
        let number = path.split('_').next().unwrap_or_default();
        assert!(number.len() == 2 && number.parse::<u8>().is_ok(), "{path} has no number");
        assert_eq!(path, format!("{number}_{name}.rs"), "name and file of an example");
    }
}
