//! Paths in code, as text.

use crate::source::is_word;

/// A path, and the name by which it is known in a file.
#[derive(Clone, Debug)]
pub(crate) struct NamedPath {
    pub(crate) words: Vec<String>,
    alias: Option<String>,
}

impl NamedPath {
    pub(crate) fn name(&self) -> &str {
        self.alias.as_deref().or(self.words.last().map(String::as_str)).unwrap_or_default()
    }
}

/// One `use`.
pub(crate) struct Use<'a> {
    pub(crate) text: &'a str,
    pub(crate) is_published: bool,
    pub(crate) paths: Vec<NamedPath>,
}

/// Returns all `use` statements of squeezed code.
pub(crate) fn uses(code: &str) -> impl Iterator<Item = Use<'_>> {
    code.match_indices("use ").filter(|(at, _)| !code[..*at].ends_with(is_word)).map(|(at, _)| {
        let end = code[at..].find(';').map_or(code.len(), |it| at + it + 1);
        let before = &code[..at];
        let is_published = before.ends_with("pub ")
            || before.rfind([';', '}', '{']).is_some_and(|it| before[it + 1..].contains("pub("));
        let mut paths = Vec::new();
        leaves(&code[at + 4..end - 1], &[], &mut paths);
        Use { text: &code[at..end], is_published, paths }
    })
}

/// Collects the paths of a `use` tree.
fn leaves(tree: &str, before: &[String], paths: &mut Vec<NamedPath>) {
    let mut words = before.to_vec();
    let mut rest = tree.trim_start_matches("::");
    loop {
        if let Some(group) = rest.strip_prefix('{') {
            let group = &group[..closing(rest).saturating_sub(2).min(group.len())];
            for branch in branches(group) {
                leaves(branch, &words, paths);
            }
            return;
        }
        let word: String = rest.chars().take_while(|it| is_word(*it)).collect();
        rest = &rest[word.len()..];
        if word.is_empty() {
            // A glob imports all names of the module.
            paths.push(NamedPath { words, alias: Some("*".to_owned()) });
            return;
        }
        if word != "self" || words.is_empty() {
            words.push(word);
        }
        match rest.strip_prefix("::") {
            Some(further) => rest = further,
            None => {
                let alias = rest.strip_prefix(" as ").map(str::to_owned);
                paths.push(NamedPath { words, alias });
                return;
            }
        }
    }
}

/// Splits a group at its commas.
fn branches(group: &str) -> Vec<&str> {
    let (mut branches, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, it) in group.char_indices() {
        depth += i32::from(it == '{') - i32::from(it == '}');
        if it == ',' && depth == 0 {
            branches.push(&group[start..at]);
            start = at + 1;
        }
    }
    branches.push(&group[start..]);
    branches.retain(|it| !it.is_empty());
    branches
}

/// Returns all paths of squeezed code: those of `use`, and those in code that begin with `crate`, `self`, `super` or a module.
pub(crate) fn paths(code: &str) -> impl Iterator<Item = NamedPath> {
    let of_uses: Vec<_> = uses(code).flat_map(|it| it.paths).collect();
    let mut bare = code.to_owned();
    for statement in uses(code) {
        bare = bare.replace(statement.text, ";");
    }
    let mut of_code = Vec::new();
    let mut rest = bare.as_str();
    while let Some(at) = rest.find("::") {
        let start = rest[..at].rfind(|it| !is_word(it)).map_or(0, |it| it + 1);
        // A path after `$crate` belongs to the users of the macro.
        let is_start = !rest[..start].ends_with("::") && !rest[..start].ends_with('$');
        let mut path = Vec::new();
        let mut end = start;
        loop {
            let word: String = rest[end..].chars().take_while(|it| is_word(*it)).collect();
            end += word.len();
            if !word.is_empty() {
                path.push(word);
            }
            if !rest[end..].starts_with("::") {
                break;
            }
            end += 2;
        }
        if is_start && !path.is_empty() {
            of_code.push(NamedPath { words: path, alias: None });
        }
        rest = &rest[end.max(at + 2)..];
    }
    of_uses.into_iter().chain(of_code)
}

/// Returns the length of the block that begins with a brace.
pub(crate) fn closing(code: &str) -> usize {
    let mut depth = 0;
    for (at, it) in code.char_indices() {
        depth += i32::from(it == '{') - i32::from(it == '}');
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}
