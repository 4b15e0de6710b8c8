//! The modules of one crate, each with the modules that it lists and the names that it imports.

use std::collections::BTreeMap;

use crate::{
    paths::{NamedPath, closing, uses},
    source::{Source, is_word, squeezed, without_tests},
};

/// The path of a module: the names from the crate downwards.
pub(crate) type Module = Vec<String>;

/// One module: a file, or a module within a file.
#[derive(Default)]
pub(crate) struct Room {
    /// Its file; several where `cfg` chooses one of them.
    pub(crate) path: String,
    /// The module of the whole file.
    pub(crate) file: Module,
    /// The code, without tests and inline modules.
    pub(crate) code: String,
    /// Its modules, in the order of its list.
    pub(crate) listed: Vec<String>,
    /// The names that `use` imports or re-exports, with their paths.
    pub(crate) names: BTreeMap<String, Module>,
    /// The modules imported by globs.
    pub(crate) globs: Vec<Module>,
}

impl Room {
    /// Resolves a path in the module `here` from the crate downwards; `None` if it leads out of the crate.
    pub(crate) fn absolute(&self, here: &Module, path: &NamedPath) -> Option<Module> {
        let mut words = path.words.iter().map(String::as_str).peekable();
        let mut base = match *words.peek()? {
            "crate" => {
                words.next();
                Vec::new()
            }
            "self" | "super" => here.clone(),
            first if self.listed.iter().any(|it| it == first) => here.clone(),
            first => {
                let target = self.names.get(first)?.clone();
                words.next();
                target
            }
        };
        while let Some(word) = words.next_if(|it| matches!(*it, "self" | "super")) {
            if word == "super" {
                base.pop()?;
            }
        }
        base.extend(words.map(str::to_owned));
        Some(base)
    }

    /// Whether an item of this name is declared here.
    pub(crate) fn declares(&self, name: &str) -> bool {
        ["struct", "enum", "union", "trait", "fn", "type", "const", "static"].iter().any(|it| {
            let declaration = format!("{it} {name}");
            self.code.match_indices(&declaration).any(|(at, _)| {
                let after = &self.code[at + declaration.len()..];
                !self.code[..at].ends_with(is_word) && !after.starts_with(is_word)
            })
        })
    }
}

/// Returns all modules of the crate in this folder, without tests.
pub(crate) fn rooms(sources: Vec<Source>, folder: &str) -> BTreeMap<Module, Room> {
    let mut elsewhere = BTreeMap::new();
    for source in &sources {
        if let Some(module) = module_of(&source.path, folder) {
            elsewhere.extend(placed_elsewhere(source, &module));
        }
    }
    let mut rooms = BTreeMap::new();
    for source in sources {
        let module = elsewhere.get(&source.path).cloned();
        if let Some(module) = module.or_else(|| module_of(&source.path, folder)) {
            let code = squeezed(&without_tests(&source.code));
            add(&mut rooms, &source.path, &module, module.clone(), &code);
        }
    }
    let modules: Vec<_> = rooms.keys().cloned().collect();
    for module in modules {
        name(rooms.get_mut(&module).expect("the module was added"), &module);
    }
    rooms
}

/// Adds a module and its inline modules.
fn add(rooms: &mut BTreeMap<Module, Room>, path: &str, file: &Module, module: Module, code: &str) {
    let (code, inner) = taken_apart(code);
    for (name, code) in inner {
        let module = module.iter().cloned().chain([name]).collect();
        add(rooms, path, file, module, &code);
    }
    let room = rooms.entry(module).or_default();
    if file.len() > room.file.len() || room.path.is_empty() {
        // A module with its own file is that file, even if another `cfg` has it inline in the file above.
        (room.file, room.path) = (file.clone(), path.to_owned());
    } else if *file == room.file && room.path != path {
        room.path += &format!(" or {path}");
    }
    for name in listed(&code) {
        if !room.listed.contains(&name) {
            room.listed.push(name);
        }
    }
    room.code.push_str(&code);
}

/// Notes the names that `use` imports.
fn name(room: &mut Room, module: &Module) {
    // A path that begins with a name that another `use` imports is resolved after that.
    for _ in 0..2 {
        let code = room.code.clone();
        for path in uses(&code).flat_map(|it| it.paths) {
            let Some(full) = room.absolute(module, &path) else { continue };
            if path.name() == "*" {
                room.globs.push(full);
            } else if full != [&module[..], &[path.name().to_owned()]].concat() {
                room.names.insert(path.name().to_owned(), full);
            }
        }
        room.globs.sort();
        room.globs.dedup();
    }
}

/// Returns the module of a file; `None` if it is a test.
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

/// Returns the files that `#[path = "…"]` places elsewhere than their modules, with those modules.
fn placed_elsewhere(source: &Source, module: &Module) -> Vec<(String, Module)> {
    let mut placed = Vec::new();
    let mut file = None;
    for line in source.text.lines().map(str::trim) {
        if line.starts_with("#[") {
            let said = line.split_once("path = \"").and_then(|(_, rest)| rest.split_once('"'));
            file = said.map(|(path, _)| path).or(file);
            continue;
        }
        let is_declared = line.strip_suffix(';').and_then(|it| it.rsplit_once("mod "));
        if let (Some(file), Some((_, name))) = (file, is_declared) {
            let (folder, _) = source.path.rsplit_once('/').unwrap_or_default();
            let module = module.iter().cloned().chain([name.to_owned()]).collect();
            placed.push((format!("{folder}/{file}"), module));
        }
        file = None;
    }
    placed
}

/// Splits code into the code without its inline modules, and the code of each of those.
fn taken_apart(code: &str) -> (String, Vec<(String, String)>) {
    let (mut outer, mut inner) = (String::with_capacity(code.len()), Vec::new());
    let mut rest = code;
    while let Some(at) = rest.find("mod ") {
        let name: String = rest[at + 4..].chars().take_while(|it| is_word(*it)).collect();
        let end = at + 4 + name.len();
        outer.push_str(&rest[..end]);
        let is_module = !rest[..at].ends_with(is_word) && rest[end..].starts_with('{');
        rest = &rest[end..];
        if is_module {
            let length = closing(rest);
            inner.push((name, rest[1..length - 1].to_owned()));
            outer.push(';');
            rest = &rest[length..];
        }
    }
    outer.push_str(rest);
    (outer, inner)
}

/// Returns the modules that a file lists, in order.
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
