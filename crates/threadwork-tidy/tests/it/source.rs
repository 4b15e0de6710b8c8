//! Reads the sources of the workspace: as text, and as code without comments and literals.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// Returns the folder of the workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the paths in a folder of the workspace, from its root and in order; none if there is no such folder.
pub(crate) fn entries(root: &Path, folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return Vec::new() };
    let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("names are text");
    let mut paths: Vec<_> = entries
        .map(|entry| format!("{folder}/{}", name(entry.expect("a folder can be listed"))))
        .collect();
    paths.sort();
    paths
}

/// Returns the text of a file of the workspace.
#[track_caller]
pub(crate) fn read(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A source file.
pub(crate) struct Source {
    /// The path, from the root of the workspace.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The text without comments and literals; the lines are the same.
    pub(crate) code: String,
}

impl Source {
    pub(crate) fn read(root: &Path, path: &str) -> Source {
        // Most rules look at most files, so the sources are cached.
        static CODE: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
        let text = read(root, path);
        let mut codes = CODE.lock().unwrap_or_else(PoisonError::into_inner);
        let code = codes.entry(path.to_owned()).or_insert_with(|| code_of(&text)).clone();
        Source { path: path.to_owned(), text, code }
    }

    /// Returns all source files in a folder and below it, or the file itself.
    pub(crate) fn all(root: &Path, path: &str) -> Vec<Source> {
        if path.ends_with(".rs") {
            return vec![Source::read(root, path)];
        }
        entries(root, path).iter().flat_map(|path| Source::all(root, path)).collect()
    }

    /// Whether the file is one of these, or in one of these folders.
    pub(crate) fn is_in(&self, paths: &[&str]) -> bool {
        paths.iter().any(|it| {
            self.path.strip_prefix(it).is_some_and(|rest| rest.is_empty() || it.ends_with('/'))
        })
    }

    /// Whether `item` of `module` is named, as `module::item` or in a group, `module::{…, item}`.
    pub(crate) fn names(&self, module: &str, item: &str) -> bool {
        let code = squeezed(&self.code);
        let after = |at: usize| &code[at + module.len()..];
        let starts_word = |at: usize| !code[..at].ends_with(is_word);
        let mut places = code.match_indices(module).map(|(at, _)| at).filter(|&at| starts_word(at));
        places.any(|at| match after(at).strip_prefix("::") {
            Some(rest) if rest.starts_with('{') => words(group(rest)).any(|it| it == item),
            Some(rest) => words(rest).next() == Some(item) && rest.starts_with(item),
            None => false,
        })
    }

    /// Whether `word` is in the code.
    pub(crate) fn has_word(&self, word: &str) -> bool {
        words(&self.code).any(|it| it == word)
    }

    /// Whether the code contains this, with any spacing.
    pub(crate) fn has(&self, code: &str) -> bool {
        let all = squeezed(&self.code);
        all.match_indices(code)
            .any(|(at, _)| !code.starts_with(is_word) || !all[..at].ends_with(is_word))
    }

    /// Returns the names that this file re-exports from `origin`, with `pub use origin::{…};`.
    pub(crate) fn published(&self, origin: &str) -> BTreeSet<String> {
        let code = squeezed(&self.code);
        let start = format!("pub use {origin}::");
        let trees = code.match_indices(&start).filter(|(at, _)| {
            // Not what an inline module re-exports.
            let before = &code[..*at];
            before.matches('{').count() == before.matches('}').count()
        });
        let mut names = BTreeSet::new();
        for (at, _) in trees {
            let tree = code[at + start.len()..].split(';').next().unwrap_or_default();
            let leaves =
                tree.split(['{', '}', ',']).filter(|it| !it.is_empty() && !it.ends_with("::"));
            names.extend(leaves.map(|it| it.rsplit("::").next().unwrap_or(it).to_owned()));
        }
        names
    }
}

pub(crate) fn is_word(it: char) -> bool {
    it.is_alphanumeric() || it == '_'
}

/// Returns the words of code.
pub(crate) fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|it| !is_word(it)).filter(|it| !it.is_empty())
}

/// Returns the code without white space, but for one space between two words.
pub(crate) fn squeezed(code: &str) -> String {
    let mut squeezed = String::with_capacity(code.len());
    for part in code.split_whitespace() {
        if squeezed.ends_with(is_word) && part.starts_with(is_word) {
            squeezed.push(' ');
        }
        squeezed.push_str(part);
    }
    squeezed
}

/// Returns the group that begins with a brace, up to the closing one.
fn group(code: &str) -> &str {
    let mut depth = 0;
    let end = code.find(|it| {
        depth += i32::from(it == '{') - i32::from(it == '}');
        depth == 0
    });
    &code[..end.unwrap_or(code.len())]
}

/// Replaces comments and literals with spaces.
pub(crate) fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let may_be_prefix = !code.ends_with(is_word);
        let length = match literal(rest).filter(|_| may_be_prefix || !is_word(first)) {
            Some(length) => {
                code.extend(rest[..length].chars().map(|it| if it == '\n' { '\n' } else { ' ' }));
                length
            }
            None => {
                code.push(first);
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    code
}

/// How an item that is only for tests begins.
const FOR_TESTS: [&str; 2] = ["#[cfg(test)]", "#[cfg(all(test,"];

/// Replaces items that are only for tests with spaces.
pub(crate) fn without_tests(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = FOR_TESTS.iter().filter_map(|it| rest.find(it)).min() {
        kept.push_str(&rest[..at]);
        let item = &rest[at..];
        // Up to the end of the item: a block, or a statement.
        let brace = item.find('{').unwrap_or(item.len());
        let semicolon = item.find(';').unwrap_or(item.len());
        let end =
            if semicolon < brace { semicolon + 1 } else { brace + group(&item[brace..]).len() + 1 };
        let end = end.min(item.len());
        kept.extend(item[..end].chars().map(|it| if it == '\n' { '\n' } else { ' ' }));
        rest = &item[end..];
    }
    kept.push_str(rest);
    kept
}

/// Returns the length of the comment or literal with which a text begins.
fn literal(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(block_comment(text));
    }
    let unprefixed = text.trim_start_matches(['b', 'c']);
    let prefix = text.len() - unprefixed.len();
    if prefix > 1 {
        return None;
    }
    if let Some(raw) = unprefixed.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let string = raw[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = string.find(&end).map_or(string.len(), |it| it + end.len());
        return Some(prefix + 1 + hashes + 1 + length);
    }
    if let Some(string) = unprefixed.strip_prefix('"') {
        return Some(prefix + 1 + closing(string, '"'));
    }
    let char = unprefixed.strip_prefix('\'')?;
    let second = char.chars().nth(1);
    // Otherwise it is a lifetime.
    (char.starts_with('\\') || second == Some('\'')).then(|| prefix + 1 + closing(char, '\''))
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Returns the length up to the closing quote.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = text.find(|it| {
        let ends = it == quote && !escaped;
        escaped = it == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |it| it + 1)
}

#[cfg(test)]
mod tests {
    use super::{Source, code_of};

    fn source(text: &str) -> Source {
        Source { path: "a/b.rs".into(), text: text.into(), code: code_of(text) }
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        let text = r##"
            a // dbg "
            b /* dbg /* ' */ dbg */
            c "dbg \" dbg // \\"
            d r#"dbg " dbg"# br"dbg\" b"dbg"
            e '"' '\'' b'"' 'dbg: loop {} r#dbg
        "##;
        let code = code_of(text);
        let words: Vec<_> = super::words(&code).collect();
        assert_eq!(words, ["a", "b", "c", "d", "e", "dbg", "loop", "r", "dbg"]);
        assert_eq!(code.lines().count(), text.lines().count());
    }

    #[test]
    fn names_are_found_in_paths_and_in_groups() {
        for text in [
            "use std::sync::Mutex;",
            "std :: sync\n:: Mutex::new(0)",
            "use std::{io, sync::{atomic::{AtomicU8, Ordering}, Mutex}};",
        ] {
            assert!(source(text).names("sync", "Mutex"), "{text}");
        }
        for text in [
            "use std::sync::MutexGuard;",
            "use std::sync::{Arc, MutexGuard}; struct Mutex;",
            "use crate::park::Mutex;",
            "use nosync::Mutex;",
            "// std::sync::Mutex",
            "\"std::sync::Mutex\"",
        ] {
            assert!(!source(text).names("sync", "Mutex"), "{text}");
        }
    }

    #[test]
    fn code_is_found_with_any_spacing() {
        let source = source("return todo !(); # [ignore]");
        assert!(source.has("todo!") && source.has("#[ignore"));
        assert!(!source.has("odo!"));
    }

    #[test]
    fn published_names_are_those_at_the_ends_of_the_paths() {
        let source = source(
            "pub use crate::{a::{B, C}, d::e}; pub use other::F;
             mod g { pub use crate::{h::I}; } pub use crate::j::K;",
        );
        let names: Vec<_> = source.published("crate").into_iter().collect();
        assert_eq!(names, ["B", "C", "K", "e"]);
    }

    #[test]
    fn a_file_is_in_a_folder_if_the_folder_is_named_with_its_slash() {
        let source = source("");
        assert!(source.is_in(&["a/"]) && source.is_in(&["a/b.rs"]));
        assert!(!source.is_in(&["a"]) && !source.is_in(&["a/b"]) && !source.is_in(&["b.rs"]));
    }
}
