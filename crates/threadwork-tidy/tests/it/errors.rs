//! Every error says what was wrong and what to do, and a test reaches it by the calls that users make and holds its text.

use std::{collections::BTreeSet, path::Path};

use crate::{
    crates::{check_none, crates, is_published, library},
    source::{Source, is_word, squeezed, workspace},
};

/// The macros that hold the text of an error (`threadwork_test_support::texts`).
const HOLDERS: [&str; 2] = ["says!(", "quotes!("];

#[test]
fn the_text_of_every_error_is_held_by_a_test() {
    let root = workspace();
    let sources = library(&root);
    let errors: BTreeSet<_> = sources.iter().flat_map(|it| errors_in(&it.code)).collect();
    assert!(errors.len() > 50, "not all errors are found: {errors:?}");
    let held: Vec<_> = tests(&root).iter().flat_map(|it| held_in(&it.code)).collect();
    let is_held = |error: &String| held.iter().any(|it| names(it, error));
    check_none(
        "an error is reached in `tests/it/error_texts` of its crate, with `says!` or `quotes!`",
        errors.into_iter().filter(|it| !is_held(it)),
    );
}

/// Returns the sources of the tests of published crates.
fn tests(root: &Path) -> Vec<Source> {
    let published = crates(root).into_iter().filter(|it| is_published(root, it));
    published.flat_map(|it| Source::all(root, &format!("{it}/tests"))).collect()
}

/// Returns the public errors that a file declares: the names of structs, and the variants of enums, as `Error::Variant`.
fn errors_in(code: &str) -> Vec<String> {
    let code = squeezed(code);
    let mut errors = Vec::new();
    for (kind, is_enum) in [("pub struct ", false), ("pub enum ", true)] {
        for (at, _) in code.match_indices(kind) {
            let rest = &code[at + kind.len()..];
            let name = &rest[..rest.find(|it| !is_word(it)).unwrap_or(rest.len())];
            if !is_error(&code, name) {
                continue;
            }
            match rest.find('{').filter(|_| is_enum) {
                Some(brace) => {
                    let variants = variants(&rest[brace + 1..]);
                    errors.extend(variants.iter().map(|it| format!("{name}::{it}")));
                }
                None => errors.push(name.to_owned()),
            }
        }
    }
    errors
}

/// Whether the type is an error, or why there is one.
fn is_error(code: &str, name: &str) -> bool {
    let implements = |begin: &str| {
        let starts = format!("{begin}{name}");
        code.match_indices(&starts).any(|(at, _)| !code[at + starts.len()..].starts_with(is_word))
    };
    name.ends_with("Error")
        || name.ends_with("Reason")
        || implements("Error for ")
        || implements("one_of!{")
}

/// Returns the names of the variants of an enum, from the code after its opening brace.
fn variants(body: &str) -> Vec<String> {
    let (mut variants, mut depth, mut is_next) = (Vec::new(), 0, true);
    for (at, it) in body.char_indices() {
        match it {
            '{' | '(' | '[' => depth += 1,
            '}' if depth == 0 => break,
            '}' | ')' | ']' => depth -= 1,
            ',' if depth == 0 => is_next = true,
            _ if depth == 0 && is_next && it.is_uppercase() => {
                let rest = &body[at..];
                let end = rest.find(|it| !is_word(it)).unwrap_or(rest.len());
                variants.push(rest[..end].to_owned());
                is_next = false;
            }
            _ => (),
        }
    }
    variants
}

/// Returns what the tests of a file hold: the arguments of the macros.
fn held_in(code: &str) -> Vec<String> {
    let code = squeezed(code);
    let holders = HOLDERS.iter().flat_map(|it| code.match_indices(it));
    let arguments = |(at, holder): (usize, &str)| {
        let rest = &code[at + holder.len()..];
        let mut depth = 1;
        let end = rest.find(|it| {
            depth += i32::from(it == '(') - i32::from(it == ')');
            depth == 0
        });
        rest[..end.unwrap_or(rest.len())].to_owned()
    };
    holders.map(arguments).collect()
}

/// Whether code names this error.
fn names(code: &str, error: &str) -> bool {
    let is_apart = |(at, _): &(usize, &str)| {
        !code[..*at].ends_with(is_word) && !code[at + error.len()..].starts_with(is_word)
    };
    code.match_indices(error).any(|it| is_apart(&it))
}

#[test]
fn errors_are_found_with_their_variants() {
    let code = "pub struct NameError { name: String } pub struct Name; pub(crate) struct OwnError; \
        pub enum StartError<T> { #[non_exhaustive] Full { group: Option<String>, limit: usize }, Os(io::Error), Again = 1 } \
        pub enum Stop { Asked } impl Error for Stop {} pub enum Both { One(A), Other(B) } one_of! { Both: One(A) }";
    let found: BTreeSet<_> = errors_in(code).into_iter().collect();
    let all = ["Both::One", "Both::Other", "NameError", "StartError::Again", "StartError::Full"];
    let all = all.into_iter().chain(["StartError::Os", "Stop::Asked"]);
    assert_eq!(found, all.map(str::to_owned).collect());
}

#[test]
fn an_error_is_held_if_a_macro_names_it() {
    let code = "says!(f(1), StartError::Os(_), ); assert!(matches!(it, NameError { .. })); \
        quotes!(g(), Panic { .. }, );";
    let held = held_in(code).join(" ");
    for (error, is_held) in [
        ("StartError::Os", true),
        ("Panic", true),
        ("NameError", false),
        ("StartError::O", false),
        ("Error::Os", false),
    ] {
        assert_eq!(names(&held, error), is_held, "{error}");
    }
}
