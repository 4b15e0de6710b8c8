//! A module names only modules that are listed before it.
//!
//! Each `lib.rs`, and each folder's own file (`lock.rs` beside `lock/`), lists its modules from the ground up. If two modules are in one
//! list, the one that names the other must be listed after it. So there are no import cycles.
//!
//! Left out are tests, doc links, names after `$crate` in a macro, what a folder's own file names of its own modules, and modules
//! within one file. A name that a file re-exports or imports counts as the item it refers to.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::{
    paths::{NamedPath, paths, uses},
    rooms::{Module, Room, rooms},
    source::{Source, words},
};

/// The most re-exports that a name may go through.
const MOST_STEPS: usize = 10;

/// The modules of one crate.
pub(crate) struct House {
    rooms: BTreeMap<Module, Room>,
}

/// A file that names another one which it may not name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrow {
    pub(crate) from: String,
    pub(crate) to: String,
    /// The reason: the list that it breaks, or another one.
    pub(crate) reason: String,
}

impl House {
    /// Reads the modules of the crate in a folder such as `crates/threadwork-sync`.
    pub(crate) fn of_crate(root: &Path, folder: &str) -> House {
        House::new(Source::all(root, &format!("{folder}/src")), &format!("{folder}/src"))
    }

    fn new(sources: Vec<Source>, folder: &str) -> House {
        House { rooms: rooms(sources, folder) }
    }

    /// Returns the module of the item that a path refers to.
    fn resolve(&self, path: &[String], steps: usize) -> Option<Module> {
        let mut module = Vec::new();
        for (at, word) in path.iter().enumerate() {
            let room = self.rooms.get(&module)?;
            if room.listed.contains(word) {
                module.push(word.clone());
                continue;
            }
            if let Some(mut target) = self.origin(&module, word, steps) {
                target.extend_from_slice(&path[at + 1..]);
                return self.resolve(&target, steps + 1).or(Some(module));
            }
            break;
        }
        Some(module)
    }

    /// Returns the path of a name that a module does not declare itself.
    fn origin(&self, module: &Module, name: &str, steps: usize) -> Option<Module> {
        let room = self.rooms.get(module).filter(|_| steps < MOST_STEPS)?;
        if let Some(origin) = room.names.get(name) {
            return Some(origin.clone());
        }
        if room.declares(name) {
            return None;
        }
        room.globs.iter().find_map(|from| {
            let from = self.module(from, steps + 1)?;
            let is_there = self.rooms[&from].declares(name);
            let of_there = || [&from[..], &[name.to_owned()]].concat();
            if is_there { Some(of_there()) } else { self.origin(&from, name, steps + 1) }
        })
    }

    /// Returns the module that a path refers to, if it refers to one.
    fn module(&self, path: &Module, steps: usize) -> Option<Module> {
        let module = self.resolve(path, steps)?;
        let is_whole = module.last() == path.last() || path.is_empty();
        (is_whole && self.rooms.contains_key(&module)).then_some(module)
    }

    /// Returns the module of the item that a path in another module refers to.
    fn target(&self, module: &Module, room: &Room, path: &NamedPath) -> Option<Module> {
        self.resolve(&room.absolute(module, path)?, 0)
    }

    /// Returns the modules of the items that a module names and imports through globs.
    fn by_globs(&self, room: &Room) -> Vec<Module> {
        let mut targets = Vec::new();
        for from in room.globs.iter().filter_map(|it| self.module(it, 0)) {
            for word in words(&room.code).collect::<BTreeSet<_>>() {
                let is_listed = self.rooms[&from].listed.iter().any(|it| it == word);
                let is_module = is_listed && room.code.contains(&format!("{word}::"));
                if is_module || self.origin(&from, word, 0).is_some() {
                    targets.extend(self.resolve(&[&from[..], &[word.to_owned()]].concat(), 0));
                }
            }
        }
        targets
    }

    /// Returns which files name which, without what a folder's own file names of its own modules.
    fn arrows(&self) -> BTreeSet<(&Module, &Module)> {
        let mut arrows = BTreeSet::new();
        for (module, room) in &self.rooms {
            let named = paths(&room.code).filter_map(|path| self.target(module, room, &path));
            for target in named.chain(self.by_globs(room)) {
                let Some(target) = self.rooms.get(&target) else { continue };
                if !target.file.starts_with(&room.file) {
                    arrows.insert((&room.file, &target.file));
                }
            }
        }
        arrows
    }

    /// Returns the place of a module in its list.
    fn place(&self, above: &[String], name: &str) -> Option<usize> {
        self.rooms.get(above)?.listed.iter().position(|it| it == name)
    }

    /// Returns the arrows that do not go down.
    pub(crate) fn upward(&self) -> Vec<Arrow> {
        let mut using = BTreeMap::new();
        let mut upward = Vec::new();
        for (from, to) in self.arrows() {
            let n_common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
            let above = from[..n_common].to_vec();
            let place = |it: &String| self.place(&above, it);
            let places = (from.get(n_common).and_then(place), to.get(n_common).and_then(place));
            let file = |module: &Module| self.rooms[module].path.clone();
            let (is_upward, reason) = match places {
                (Some(from), Some(to)) => {
                    (from <= to, format!("which {} lists after it", file(&above)))
                }
                // An item of a folder's own file may be named inside the folder if that file uses none of its modules.
                (Some(_), None) => {
                    let uses =
                        *using.entry(above.clone()).or_insert_with(|| self.uses_its_own(&above));
                    (uses, "which lists it and uses its own modules".to_owned())
                }
                _ => continue,
            };
            if is_upward {
                upward.push(Arrow { from: file(from), to: file(to), reason });
            }
        }
        upward
    }

    /// Whether the own file of a folder uses one of its modules, beyond listing and re-exporting them.
    fn uses_its_own(&self, file: &Module) -> bool {
        let of_file = self.rooms.iter().filter(|(_, room)| room.file == *file);
        of_file.into_iter().any(|(module, room)| {
            let mut code = room.code.clone();
            for statement in uses(&room.code).filter(|it| it.is_published) {
                code = code.replace(statement.text, "");
            }
            paths(&code).filter_map(|path| self.target(module, room, &path)).any(|target| {
                let target = self.rooms.get(&target).map(|it| &it.file);
                target.is_some_and(|it| it != file && it.starts_with(file))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::House;
    use crate::source::{Source, code_of};

    fn house(files: &[(&str, &str)]) -> House {
        let source = |(path, text): &(&str, &str)| Source {
            path: format!("a/src/{path}"),
            text: (*text).into(),
            code: code_of(text),
        };
        House::new(files.iter().map(source).collect(), "a/src")
    }

    fn upward(files: &[(&str, &str)]) -> Vec<String> {
        let short = |it: &str| it.trim_start_matches("a/src/").trim_end_matches(".rs").to_owned();
        let arrows = house(files).upward();
        arrows.iter().map(|it| format!("{} > {}", short(&it.from), short(&it.to))).collect()
    }

    #[test]
    fn an_arrow_up_is_found_in_a_use_and_in_a_path() {
        let lib = ("lib.rs", "mod low; mod high; pub use high::High;");
        let high = ("high.rs", "use crate::low::Low; pub struct High;");
        assert!(upward(&[lib, ("low.rs", "pub struct Low;"), high]).is_empty());
        for text in [
            "use crate::high::High;",
            "use crate::{high::{self, High}};",
            "fn f() { crate::high::f(); }",
            "use super::high::High as H;",
            "use crate::High;",
            "type A = Vec<crate::high::High>;",
        ] {
            assert_eq!(upward(&[lib, ("low.rs", text), high]), ["low > high"], "{text}");
        }
        for text in [
            "/// [`High`](crate::high::High)\nstruct Low;",
            "#[cfg(test)] mod tests { use crate::high::High; }",
            "// crate::high::High",
        ] {
            assert!(upward(&[lib, ("low.rs", text), high]).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_re_exported_name_counts_as_its_item() {
        let files = |node: &'static str| {
            [
                ("lib.rs", "mod group; mod thread;"),
                ("group.rs", "mod node; mod list; pub(crate) use self::{list::List, node::Node};"),
                ("group/node.rs", node),
                ("group/list.rs", "use crate::group::Node; pub struct List;"),
                ("thread.rs", "use crate::group::List;"),
            ]
        };
        assert!(upward(&files("pub struct Node;")).is_empty());
        assert_eq!(upward(&files("use crate::group::List;")), ["group/node > group/list"]);
        assert_eq!(upward(&files("use crate::thread::T;")), ["group/node > thread"]);
    }

    #[test]
    fn an_item_of_a_folders_own_file_may_be_named_if_that_file_uses_none_of_its_modules() {
        let files = |own: &'static str| {
            [("lib.rs", "mod lock;"), ("lock.rs", own), ("lock/slow.rs", "use super::Lock;")]
        };
        assert!(upward(&files("mod slow; pub struct Lock;")).is_empty());
        let own = "mod slow; pub struct Lock; fn f() { slow::go(); }";
        assert_eq!(upward(&files(own)), ["lock/slow > lock"]);
    }

    #[test]
    fn an_arrow_says_why_it_goes_up() {
        let files = [
            ("lib.rs", "mod low; mod high;"),
            ("low.rs", "mod inner; use crate::high::H; fn f() { inner::g(); }"),
            ("low/inner.rs", "use super::f;"),
            ("high.rs", ""),
        ];
        let reasons: Vec<_> = house(&files).upward().into_iter().map(|it| it.reason).collect();
        let expected =
            ["which a/src/lib.rs lists after it", "which lists it and uses its own modules"];
        assert_eq!(reasons, expected);
    }

    #[test]
    fn imported_names_and_globs_count_as_their_items() {
        let files = |low: &'static str, own: &'static str| {
            [
                ("lib.rs", "mod group;"),
                ("group.rs", own),
                ("group/low.rs", low),
                ("group/high.rs", "pub struct High;"),
            ]
        };
        let published = "mod low; mod high; pub(super) use self::high::High;";
        let all = "mod low; mod high; pub use self::high::*;";
        for (low, own) in [
            ("use super::*; type A = High;", published),
            ("use super::*; type A = High;", all),
            ("use super::*; type A = high::High;", published),
            ("use crate::group; type A = group::High;", published),
            ("use crate::group as g; type A = g::High;", all),
            ("use super::High;", all),
        ] {
            assert_eq!(upward(&files(low, own)), ["group/low > group/high"], "{low} {own}");
        }
        for (low, own) in [
            ("use super::*; struct Low;", published),
            ("use super::*; fn f() { Highest; }", all),
            ("use std::fmt::*; type A = High;", published),
        ] {
            assert!(upward(&files(low, own)).is_empty(), "{low} {own}");
        }
    }

    #[test]
    fn a_module_with_a_file_is_that_file_even_if_another_cfg_has_it_inline() {
        let exit =
            "#[cfg(a)] mod memory; #[cfg(b)] mod memory { fn f() {} } fn f() { memory::f(); }";
        let files = [
            ("lib.rs", "mod exit; mod high;"),
            ("exit.rs", exit),
            ("exit/memory.rs", "use crate::high::High;"),
            ("high.rs", "pub struct High;"),
        ];
        assert_eq!(upward(&files), ["exit/memory > high"]);
    }

    #[test]
    fn modules_within_a_file_belong_to_it() {
        let lib = ("lib.rs", "mod low; mod high; pub mod internal { pub use crate::high::High; }");
        let high = ("high.rs", "mod imp { pub struct High; } pub use imp::High;");
        for (low, names_high) in [
            ("mod imp { use super::Low; } struct Low; fn f() { imp::g(); }", false),
            ("mod imp { use super::super::high; }", true),
            ("mod imp { fn f() { crate::high::f(); } }", true),
            ("use crate::internal::High;", true),
        ] {
            let expected: &[&str] = if names_high { &["low > high"] } else { &[] };
            assert_eq!(upward(&[lib, ("low.rs", low), high]), expected, "{low}");
        }
    }

    #[test]
    fn names_after_crate_in_a_macro_belong_to_its_users() {
        let lib = ("lib.rs", "mod low; mod high;");
        let high = ("high.rs", "pub struct High;");
        let of_others = "macro_rules! m { () => { use $crate::high::A; $crate::high::High } }";
        assert!(upward(&[lib, ("low.rs", of_others), high]).is_empty());
        let own = "macro_rules! m { () => { use crate::high::High; } } m!();";
        assert_eq!(upward(&[lib, ("low.rs", own), high]), ["low > high"]);
    }

    #[test]
    fn a_file_with_a_path_attribute_belongs_to_the_list_that_names_it() {
        let files = |park: &'static str, twin: &'static str| {
            [
                ("lib.rs", "mod park; mod lock;"),
                ("park.rs", park),
                ("floor/real.rs", twin),
                ("park/door.rs", "use super::twin::park;"),
                ("lock.rs", "use crate::park::twin;"),
            ]
        };
        let after = "mod door;\n#[path = \"floor/real.rs\"]\nmod twin;";
        let before = "#[cfg(a)]\n#[path = \"floor/real.rs\"]\nmod twin;\nmod door;";
        assert_eq!(upward(&files(after, "")), ["park/door > floor/real"]);
        assert!(upward(&files(before, "")).is_empty());
        let twin = "use crate::lock::Lock;";
        assert_eq!(upward(&files(before, twin)), ["floor/real > lock"]);
    }

    #[test]
    fn items_behind_a_combined_cfg_test_are_left_out() {
        let lib = ("lib.rs", "mod low; mod high;");
        let high = ("high.rs", "pub struct High;");
        let low = "#[cfg(all(test, not(model)))] mod tests { use crate::high::High; }";
        assert!(upward(&[lib, ("low.rs", low), high]).is_empty());
        let low = "#[cfg(not(test))] use crate::high::High;";
        assert_eq!(upward(&[lib, ("low.rs", low), high]), ["low > high"]);
    }
}
