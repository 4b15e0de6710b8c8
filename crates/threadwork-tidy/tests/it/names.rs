//! The facade re-exports everything that core and sync publish.

use crate::source::{Source, read, workspace};

#[test]
fn every_name_that_core_and_sync_publish_is_in_the_facade() {
    let root = workspace();
    let read = |name: &str| Source::read(&root, &format!("crates/{name}/src/lib.rs"));
    let here = read("threadwork");
    for (name, least) in [("threadwork-core", 20), ("threadwork-sync", 15)] {
        let there = read(name).published("crate");
        assert!(there.len() >= least, "not all names of {name} are found: {there:?}");
        let mut here = here.published(&name.replace('-', "_"));
        // Names that models do not have are published through a macro.
        here.remove("CurrentIdent");
        let differing: Vec<_> = there.symmetric_difference(&here).collect();
        assert!(differing.is_empty(), "names of {name} that are not in the facade: {differing:?}");
    }
}

#[test]
fn what_a_thread_inherits_and_what_is_left_after_a_fork_is_said_in_the_facade_and_in_core() {
    let root = workspace();
    let sections = |name: &str| -> Vec<String> {
        let front = read(&root, &format!("crates/{name}/src/lib.rs"));
        let lines = front.lines().map_while(|it| it.strip_prefix("//!"));
        let lines = lines.skip_while(|it| *it != " # What a thread inherits");
        lines.take_while(|it| *it != " # Panics and errors").map(str::to_owned).collect()
    };
    let there = sections("threadwork-core");
    assert!(there.iter().any(|it| it == " # After a fork"), "{there:#?}");
    assert_eq!(sections("threadwork"), there);
}
