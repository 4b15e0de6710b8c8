//! What is written for one operating system is in few places, each with a fallback.

use crate::{
    crates::{check_none, is_test, library, paths},
    source::{Source, workspace},
};

/// The only files of the library that ask which system it is, with what they need of it.
const SYSTEMS: [(&str, &str); 8] = [
    ("crates/threadwork-sync/src/os/", "calls of the operating system"),
    ("crates/threadwork-sync/src/floor/sleep.rs", "a thread sleeps on the futex of Linux"),
    ("crates/threadwork-sync/src/floor/real/fence.rs", "Linux has a fence for all threads"),
    ("crates/threadwork-sync/src/floor/gate.rs", "forks are watched before `main`"),
    ("crates/threadwork-core/src/program/signals.rs", "signals, by a library for Unix"),
    ("crates/threadwork-core/src/program/signals/", "signals, by a library for Unix"),
    ("crates/threadwork-diagnostics/src/dump/server", "the sockets of Unix, from std"),
    ("crates/threadwork-top/src/source.rs", "the sockets of Unix, from std"),
];

/// The beginnings of conditions that ask for a system without naming it otherwise.
const CONDITIONS: [&str; 8] = [
    "cfg(unix",
    "cfg!(unix",
    "cfg(not(unix",
    "cfg(all(unix",
    "cfg(any(unix",
    "cfg(windows",
    "cfg!(windows",
    "cfg(not(windows",
];

/// Words that only code for one system has.
const WORDS: [&str; 6] =
    ["target_os", "target_vendor", "target_family", "threadwork_portable", "libc", "signal_hook"];

fn asks(it: &Source) -> bool {
    WORDS.iter().any(|word| it.has_word(word))
        || CONDITIONS.iter().any(|condition| it.has(condition))
        || it.names("std", "os")
        || it.text.contains("\"/proc")
}

#[test]
fn only_the_listed_files_ask_which_system_it_is() {
    let root = workspace();
    let asking: Vec<_> = paths(library(&root), |it| asks(it) && !is_test(it)).collect();
    let is_listed = |it: &&String| SYSTEMS.iter().any(|(path, _)| it.starts_with(path));
    check_none(
        "calls of the operating system are in `os` of threadwork-sync, with a fallback that says what is lost",
        asking.iter().filter(|it| !is_listed(it)).cloned(),
    );
    let is_stale = |path: &str| !asking.iter().any(|it| it.starts_with(path));
    let stale = SYSTEMS.iter().filter(|(path, _)| is_stale(path));
    check_none(
        "nothing there asks for a system; take it off the list",
        stale.map(|(path, why)| format!("{path}: {why}")),
    );
}

/// Under `--cfg threadwork_portable` nothing is left that is written for one system.
#[test]
fn what_is_written_for_one_system_can_be_switched_off() {
    let root = workspace();
    let names_one = |it: &Source| {
        ["target_os", "target_vendor"].iter().any(|word| it.has_word(word))
            || CONDITIONS.iter().any(|condition| it.has(condition))
    };
    let always = |it: &Source| names_one(it) && !it.has_word("threadwork_portable");
    check_none(
        "a condition on the system has `threadwork_portable` beside it",
        paths(library(&root), |it| always(it)),
    );
}
