//! Rules for the sources of all crates.

use crate::{
    arrows::House,
    crates::{check_none, everything, is_test, library, manifests, paths},
    source::{Source, entries, read, workspace},
};

/// The only files of the library that use clocks, locks of `std`, futexes and models.
const FLOOR: [&str; 2] =
    ["crates/threadwork-sync/src/floor.rs", "crates/threadwork-sync/src/floor/"];

/// The only files of the library with `cfg(threadwork_loom)`.
const TWINS: [&str; 6] = [
    "crates/threadwork-sync/src/floor.rs",
    "crates/threadwork-sync/src/floor/",
    "crates/threadwork-sync/src/door.rs",
    "crates/threadwork-sync/src/door/",
    "crates/threadwork-sync/src/internal.rs",
    "crates/threadwork-sync/src/lib.rs",
];

/// The only file with a lock of `std` besides the floor and the queues: for observers of waits, which may not wait for anything of the library.
const OBSERVER: &str = "crates/threadwork-diagnostics/src/mutex.rs";

/// The only files of the library that start threads of the operating system: those of users, and the library's own, which have a name in
/// records.
const STARTS: [&str; 3] = [
    "crates/threadwork-core/src/process/helper.rs",
    "crates/threadwork-core/src/process/idle.rs",
    "crates/threadwork-core/src/start/spawn.rs",
];

/// The crates that may start threads; those below start none.
const ABOVE_SYNC: [&str; 3] =
    ["crates/threadwork-core/", "crates/threadwork-diagnostics/", "crates/threadwork-top/"];

/// The only file that catches panics and drops their payloads.
const CATCH: &str = "crates/threadwork-sync/src/payload.rs";

/// The only files of the library with unsafe code.
const UNSAFE: [&str; 11] = [
    "crates/threadwork-sync/src/floor/",
    "crates/threadwork-sync/src/door/",
    "crates/threadwork-sync/src/lock.rs",
    "crates/threadwork-sync/src/lock/lock_api/",
    "crates/threadwork-sync/src/mapped.rs",
    "crates/threadwork-sync/src/rlock.rs",
    "crates/threadwork-sync/src/rwlock.rs",
    "crates/threadwork-sync/src/os/",
    "crates/threadwork-core/src/life/cell.rs",
    "crates/threadwork-core/src/life/cell/",
    "crates/threadwork-core/src/local/value.rs",
];

#[test]
fn only_the_floor_names_the_locks_of_std_and_the_futex() {
    let root = workspace();
    let may_name = |it: &Source| it.is_in(&FLOOR) || it.path == OBSERVER;
    let in_door = |it: &Source| it.path.starts_with("crates/threadwork-sync/src/door/");
    for lock in ["Mutex", "RwLock", "Condvar", "Barrier"] {
        let names =
            |it: &Source| it.names("sync", lock) && !may_name(it) && !(is_test(it) && in_door(it));
        let named = paths(library(&root), names);
        check_none(&format!("only the floor names std::sync::{lock}"), named);
    }
    let named = paths(library(&root), |it| it.has_word("rustix") && !it.is_in(&FLOOR));
    check_none("only the floor names the library of the futex", named);
}

#[test]
fn only_the_floor_looks_at_the_clock() {
    let root = workspace();
    let sources = ["crates/threadwork-sync/src", "crates/threadwork-core/src"]
        .iter()
        .flat_map(|it| Source::all(&root, it))
        .filter(|it| !it.is_in(&FLOOR) && !is_test(it) && !it.path.ends_with("/testing.rs"))
        .collect();
    let looks = |it: &Source| it.names("Instant", "now") || it.has(".elapsed()");
    check_none("only the floor reads the clock: Instant::now and elapsed", paths(sources, looks));
}

#[test]
fn only_the_floor_knows_of_models() {
    let root = workspace();
    let named = paths(library(&root), |it| it.has_word("loom") && !it.is_in(&FLOOR));
    check_none("only the floor names loom", named);
    let may_ask = |it: &Source| it.is_in(&TWINS) || is_test(it);
    let asking = paths(library(&root), |it| it.has_word("threadwork_loom") && !may_ask(it));
    check_none("only the listed files use cfg(threadwork_loom)", asking);
}

#[test]
fn nothing_in_the_library_sleeps_or_parks_outside_the_door() {
    let root = workspace();
    for item in ["sleep", "sleep_until", "park", "park_timeout"] {
        let blocking = paths(library(&root), |it| it.names("thread", item));
        check_none(&format!("nothing calls thread::{item}; what blocks takes a Wait"), blocking);
    }
}

/// The only files with cells of std that may block, each with the reason why no thread waits there.
const CELLS_OF_STD: [(&str, &str); 5] = [
    ("crates/threadwork-core/src/scope/returned.rs", "it is set with a lock held"),
    ("crates/threadwork-sync/src/door/observer.rs", "setting it stores a reference"),
    ("crates/threadwork-sync/src/iter/tee.rs", "it is set with a lock held"),
    ("crates/threadwork-sync/src/lock/probe/told.rs", "setting it stores a reference"),
    (
        "crates/threadwork-diagnostics/src/lines/zone.rs",
        "one thread sets it, and others wait at an event",
    ),
];

#[test]
fn the_library_uses_only_cells_that_do_not_block() {
    let root = workspace();
    let waiting = paths(library(&root), |it| it.names("once_cell", "sync"));
    check_none("cells are those of once_cell::race, which never block", waiting);
    let has_cell = |it: &Source| ["OnceLock", "LazyLock"].iter().any(|cell| it.names("sync", cell));
    let have: Vec<_> = paths(library(&root), has_cell).collect();
    check_none(
        "a thread that waits for a cell of std leaves no record; use once_cell::race, or list the file with its reason",
        have.iter().filter(|it| CELLS_OF_STD.iter().all(|(path, _)| path != it)).cloned(),
    );
    let stale = CELLS_OF_STD.iter().filter(|(path, _)| have.iter().all(|it| it != path));
    check_none(
        "there is no such cell; take the file off the list",
        stale.map(|(path, _)| (*path).to_owned()),
    );
}

#[test]
fn threads_of_the_operating_system_are_started_in_three_places() {
    let root = workspace();
    let begins = |it: &Source| it.has("thread::Builder::new") || it.names("thread", "spawn");
    let is_meant = |it: &Source| it.is_in(&STARTS) || is_test(it) || !it.is_in(&ABOVE_SYNC);
    check_none(
        "a thread of the library's own is started by `start_helper`",
        paths(library(&root), |it| begins(it) && !is_meant(it)),
    );
}

#[test]
fn observers_are_not_told_of_the_librarys_own_locks() {
    let root = workspace();
    let above = ["crates/threadwork-core/src", "crates/threadwork-diagnostics/src"];
    let sources = || above.iter().flat_map(|it| Source::all(&root, it)).filter(|it| !is_test(it));
    for lock in ["Lock", "RLock", "RwLock", "RawLock", "RawRLock"] {
        let makes = |it: &Source| it.names(lock, "new") || it.names(lock, "named");
        let made = paths(sources().collect(), makes);
        check_none("the library's own locks are made by `own_lock`", made);
    }
}

#[test]
fn panics_are_caught_in_one_place() {
    let root = workspace();
    let catching =
        paths(library(&root), |it| it.has_word("catch_unwind") && it.path != CATCH && !is_test(it));
    check_none("only one file calls catch_unwind: the drop of a payload may panic", catching);
}

/// The crates whose modules are listed from the ground up.
const HOUSES: [&str; 5] = [
    "threadwork-sync",
    "threadwork-core",
    "threadwork-diagnostics",
    "threadwork-top",
    "threadwork",
];

#[test]
fn a_module_names_only_modules_that_are_listed_before_it() {
    let root = workspace();
    let upward =
        HOUSES.iter().flat_map(|it| House::of_crate(&root, &format!("crates/{it}")).upward());
    check_none(
        "a module names only modules that are listed before it",
        upward.map(|it| format!("{} names {}, {}", it.from, it.to, it.reason)),
    );
}

#[test]
fn unsafe_code_is_only_in_the_listed_files() {
    let root = workspace();
    let unsafe_code = paths(library(&root), |it| it.has_word("unsafe") && !it.is_in(&UNSAFE));
    check_none("unsafe code is only in the listed files", unsafe_code);
}

#[test]
fn every_front_page_says_whether_there_is_unsafe_code() {
    let root = workspace();
    for (name, level) in [
        ("threadwork", "forbid"),
        ("threadwork-diagnostics", "forbid"),
        ("threadwork-top", "forbid"),
        ("threadwork-core", "deny"),
        ("threadwork-sync", "deny"),
        ("threadwork-test-support", "deny"),
    ] {
        let page = Source::read(&root, &format!("crates/{name}/src/lib.rs"));
        let attribute = format!("#![{level}(unsafe_code)]");
        assert!(page.has(&attribute), "there is no {attribute} in {}", page.path);
    }
}

#[test]
fn there_are_no_todos() {
    let root = workspace();
    for code in ["todo!", "unimplemented!", "dbg!", "#[ignore"] {
        check_none(&format!("no {code}"), paths(everything(&root), |it| it.has(code)));
    }
}

#[test]
fn every_example_in_the_documentation_is_run() {
    let root = workspace();
    let is_fence = |line: &&str| line.trim_start_matches(['/', '!', ' ']).starts_with("```");
    let is_skipped = |line: &str| ["ignore", "no_run"].iter().any(|it| line.contains(it));
    let skipped = paths(library(&root), |it| it.text.lines().filter(is_fence).any(is_skipped));
    check_none("no example is marked `ignore` or `no_run`", skipped);
}

#[test]
fn every_dependency_has_its_reason_above_it() {
    let root = workspace();
    for (path, manifest) in manifests(&root) {
        check_none(&format!("dependencies without a reason in {path}"), unexplained(&manifest));
    }
}

/// Returns the dependencies without a comment above them or above their section. Crates of this workspace need none.
fn unexplained(manifest: &str) -> Vec<String> {
    let mut unexplained = Vec::new();
    let mut before = "";
    // Whether this is a section of dependencies, and whether a comment covers the whole section.
    let (mut is_inside, mut is_explained) = (false, false);
    for line in manifest.lines() {
        let has_reason = before.starts_with("# ");
        if let Some(header) = line.strip_prefix('[') {
            let section = header.trim_end_matches(']');
            is_inside = section.ends_with("dependencies");
            is_explained = has_reason;
            // A section for a single dependency.
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
    let root = workspace();
    let files: Vec<_> = entries(&root, "examples")
        .into_iter()
        .filter_map(|path| path.strip_prefix("examples/").map(str::to_owned))
        .map(|it| {
            if root.join("examples").join(&it).join("main.rs").is_file() {
                it + "/main.rs"
            } else {
                it
            }
        })
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
        let file = path.strip_suffix("/main.rs").or(path.strip_suffix(".rs"));
        assert_eq!(file, Some(&*format!("{number}_{name}")), "name and file of an example");
    }
}

#[test]
fn each_scenario_of_the_architecture_page_is_cited_at_its_code() {
    let root = workspace();
    let page = read(&root, "docs/architecture.md");
    let names = page.lines().filter_map(|it| it.strip_prefix("**The ")?.split_once(".**"));
    let names: Vec<_> = names.map(|(name, _)| format!("the {name}")).collect();
    assert!(names.len() > 20, "the scenarios are not found: {names:?}");
    let sources = library(&root);
    let is_cited = |name: &String| sources.iter().any(|it| it.text.contains(name.as_str()));
    check_none(
        "a scenario is cited by its name in a comment at the code",
        names.into_iter().filter(|it| !is_cited(it)),
    );
}
