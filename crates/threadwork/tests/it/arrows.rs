//! A module names only modules that are listed before it.
//!
//! Each `lib.rs`, and each folder's own file (`lock.rs` beside `lock/`), lists its modules from the ground up. Where two modules have a list
//! in common, the one that names the other has to stand behind it there. So there are no circles.
//!
//! Tests, doc links, macros and what a folder's own file says of its own modules are left out. A name that a file publishes for another one
//! counts as what it stands for.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::{
    paths::{NamedPath, closing, paths, uses},
    source::{Source, is_word, squeezed},
};

/// The place of a module: the names from the crate downwards.
type Module = Vec<String>;

/// The modules of one crate.
#[derive(Default)]
pub(crate) struct House {
    rooms: BTreeMap<Module, Room>,
}

/// One module.
#[derive(Default)]
struct Room {
    path: String,
    /// The code of the file, without tests.
    code: String,
    /// Its modules, in the order in which they are listed.
    listed: Vec<String>,
    /// What is published here for others, and where that is.
    published: BTreeMap<String, Module>,
}

/// One module names another one.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrow {
    pub(crate) from: String,
    pub(crate) to: String,
}

impl House {
    /// The house of the crate in this folder, `crates/threadwork-sync`.
    pub(crate) fn of_crate(root: &Path, folder: &str) -> House {
        House::new(Source::all(root, &format!("{folder}/src")), &format!("{folder}/src"))
    }

    fn new(sources: Vec<Source>, folder: &str) -> House {
        let mut house = House::default();
        for source in sources {
            let Some(module) = module_of(&source.path, folder) else { continue };
            let code = squeezed(&without_tests(&source.code));
            let listed = listed(&code);
            house.rooms.insert(
                module,
                Room { path: source.path, code, listed, published: BTreeMap::new() },
            );
        }
        let published: Vec<_> =
            house.rooms.keys().map(|module| (module.clone(), house.published(module))).collect();
        for (module, published) in published {
            house.rooms.get_mut(&module).expect("it is there").published = published;
        }
        house
    }

    fn published(&self, module: &Module) -> BTreeMap<String, Module> {
        let mut published = BTreeMap::new();
        for statement in uses(&self.rooms[module].code).filter(|it| it.is_published) {
            for path in statement.paths {
                let Some(full) = self.absolute(module, &path) else { continue };
                let name = path.name().to_owned();
                published.insert(name, full);
            }
        }
        published
    }

    /// What a path means, from the crate downwards; `None` if it leads out of the crate.
    fn absolute(&self, module: &Module, path: &NamedPath) -> Option<Module> {
        let mut words = path.words.iter().map(String::as_str).peekable();
        let mut base = match *words.peek()? {
            "crate" => {
                words.next();
                Vec::new()
            }
            "self" | "super" => module.clone(),
            first if self.rooms[module].listed.iter().any(|it| it == first) => module.clone(),
            _ => return None,
        };
        while let Some(word) = words.next_if(|it| matches!(*it, "self" | "super")) {
            if word == "super" {
                base.pop()?;
            }
        }
        base.extend(words.map(str::to_owned));
        Some(base)
    }

    /// The module in which that is which a path means.
    fn resolve(&self, path: &[String], depth: usize) -> Option<Module> {
        let mut module = Vec::new();
        for (at, word) in path.iter().enumerate() {
            let room = self.rooms.get(&module)?;
            if room.listed.contains(word) {
                module.push(word.clone());
                continue;
            }
            if let Some(target) = room.published.get(word).filter(|_| depth < 10) {
                let mut target = target.clone();
                target.extend_from_slice(&path[at + 1..]);
                return self.resolve(&target, depth + 1).or(Some(module));
            }
            break;
        }
        Some(module)
    }

    /// What each module names, but for what its own file says of its own modules.
    fn arrows(&self) -> BTreeSet<(Module, Module)> {
        let mut arrows = BTreeSet::new();
        for (module, room) in &self.rooms {
            for path in paths(&room.code) {
                let Some(target) = self.absolute(module, &path) else { continue };
                let Some(target) = self.resolve(&target, 0) else { continue };
                let is_below = target.starts_with(module);
                if !is_below && self.rooms.contains_key(&target) {
                    arrows.insert((module.clone(), target));
                }
            }
        }
        arrows
    }

    /// Where in its list a module stands.
    fn place(&self, above: &[String], name: &str) -> Option<usize> {
        self.rooms.get(above)?.listed.iter().position(|it| it == name)
    }

    /// The arrows that do not go down.
    pub(crate) fn upward(&self) -> Vec<Arrow> {
        let is_upward = |from: &Module, to: &Module| {
            let n_common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
            let (above, from, to) = (&from[..n_common], from.get(n_common), to.get(n_common));
            let place = |it: &String| self.place(above, it);
            match (from.and_then(place), to.and_then(place)) {
                (Some(from), Some(to)) => from <= to,
                // To what a folder's own file has itself: it may be named where that names none of its modules.
                (Some(_), None) => self.names_its_own(above),
                _ => false,
            }
        };
        let file = |module: &Module| self.rooms[module].path.clone();
        self.arrows()
            .iter()
            .filter(|(from, to)| is_upward(from, to))
            .map(|(from, to)| Arrow { from: file(from), to: file(to) })
            .collect()
    }

    /// Whether the own file of a folder uses one of its modules, rather than to list and to publish them.
    fn names_its_own(&self, module: &[String]) -> bool {
        let module = module.to_vec();
        let room = &self.rooms[&module];
        let mut code = room.code.clone();
        for statement in uses(&room.code).filter(|it| it.is_published) {
            code = code.replace(statement.text, "");
        }
        paths(&code).filter_map(|path| self.absolute(&module, &path)).any(|path| {
            let target = self.resolve(&path, 0);
            target.is_some_and(|it| it.len() > module.len() && it.starts_with(&module))
        })
    }
}

/// The module of a file; none if it is a test.
fn module_of(path: &str, folder: &str) -> Option<Module> {
    let path = path.strip_prefix(folder)?.trim_start_matches('/').strip_suffix(".rs")?;
    let names: Module = path.split('/').map(str::to_owned).collect();
    match names.as_slice() {
        [only] if only == "lib" => Some(Vec::new()),
        [only] if only == "main" => None,
        _ if names.iter().any(|it| it == "tests" || it == "testing") => None,
        _ => Some(names),
    }
}

/// Without the modules that are there for tests.
fn without_tests(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..at]);
        let item = &rest[at..];
        // Up to the end of what follows: a block, or a statement.
        let brace = item.find('{').unwrap_or(item.len());
        let semicolon = item.find(';').unwrap_or(item.len());
        let end = if semicolon < brace { semicolon + 1 } else { brace + closing(&item[brace..]) };
        rest = &item[end.min(item.len())..];
    }
    kept.push_str(rest);
    kept
}

/// The modules that a file lists, in their order.
fn listed(code: &str) -> Vec<String> {
    let mut listed = Vec::new();
    for (at, _) in code.match_indices("mod ") {
        let is_word_start = !code[..at].ends_with(is_word);
        let rest = &code[at + 4..];
        let name: String = rest.chars().take_while(|it| is_word(*it)).collect();
        if is_word_start && rest[name.len()..].starts_with(';') && !listed.contains(&name) {
            listed.push(name);
        }
    }
    listed
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
    fn a_name_that_is_published_counts_as_what_it_stands_for() {
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
    fn what_a_folders_own_file_has_may_be_named_if_that_names_none_of_its_modules() {
        let files = |own: &'static str| {
            [("lib.rs", "mod lock;"), ("lock.rs", own), ("lock/slow.rs", "use super::Lock;")]
        };
        assert!(upward(&files("mod slow; pub struct Lock;")).is_empty());
        let own = "mod slow; pub struct Lock; fn f() { slow::go(); }";
        assert_eq!(upward(&files(own)), ["lock/slow > lock"]);
    }
}
