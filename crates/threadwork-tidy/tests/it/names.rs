//! The facade re-exports everything that core and sync publish.

use crate::source::{Source, workspace};

#[test]
fn every_name_that_core_and_sync_publish_is_in_the_facade() {
    let root = workspace();
    let read = |name: &str| Source::read(&root, &format!("crates/{name}/src/lib.rs"));
    let here = read("threadwork");
    for (name, least) in [("threadwork-core", 20), ("threadwork-sync", 15)] {
        let there = read(name).published("crate");
        assert!(there.len() >= least, "not all names of {name} are found: {there:?}");
        let mut here = here.published(&name.replace('-', "_"));
        // Core has this name as a module, not as a re-export.
        here.remove("events");
        // Names that models do not have are published through a macro.
        here.remove("CurrentIdent");
        let differing: Vec<_> = there.symmetric_difference(&here).collect();
        assert!(differing.is_empty(), "names of {name} that are not in the facade: {differing:?}");
    }
}
