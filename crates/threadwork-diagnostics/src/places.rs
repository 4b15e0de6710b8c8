//! Source lines.

use std::panic::Location;

/// The source line as `file:line:column`, without the folders in which this machine keeps the sources of dependencies.
pub(crate) fn place(location: &Location<'_>) -> String {
    format!("{}:{}:{}", short(location.file()), location.line(), location.column())
}

/// A path relative to the workspace stays as it is. An absolute one begins with the folder of its package: `crate-1.2.3/src/x.rs`.
fn short(file: &str) -> &str {
    let is_separator = |it: char| it == '/' || it == '\\';
    if !(file.starts_with(is_separator) || file.get(1..2) == Some(":")) {
        return file;
    }
    // The name of each part of the path, and where it begins.
    let parts: Vec<_> = file
        .split(is_separator)
        .scan(0, |end, it| {
            let begin = *end;
            *end += it.len() + 1;
            Some((it, begin))
        })
        .collect();
    // The parent of the package is `registry/src/index`.
    let of_registry = |it: &[(&str, usize)]| (it[0].0, it[1].0) == ("registry", "src");
    let registry = parts.windows(4).find(|it| of_registry(it)).map(|it| it[3].1);
    let above_last = |folders: &[&str]| {
        let package = parts.windows(2).rfind(|it| folders.contains(&it[1].0))?;
        Some(package[0].1)
    };
    let package = registry
        .or_else(|| above_last(&["src"]))
        .or_else(|| above_last(&["tests", "examples", "benches"]));
    package.map_or(file, |begin| &file[begin..])
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use super::{place, short};

    #[test]
    fn paths_of_dependencies_begin_with_their_packages() {
        let registry = "/home/guido/.cargo/registry/src/index.crates.io-6f17d22bba15001f";
        for (path, expected) in [
            (&*format!("{registry}/crate-1.2.3/src/x.rs"), "crate-1.2.3/src/x.rs"),
            (
                &format!("{registry}/crate-1.2.3/src/src/tests/x.rs"),
                "crate-1.2.3/src/src/tests/x.rs",
            ),
            (&format!("{registry}/crate-1.2.3/x.rs"), "crate-1.2.3/x.rs"),
            ("/home/guido/.cargo/git/checkouts/a-12/34/b/src/x.rs", "b/src/x.rs"),
            ("/rustc/17067e9ac6d7/library/std/src/thread/mod.rs", "std/src/thread/mod.rs"),
            ("/home/guido/shop/tests/it/x.rs", "shop/tests/it/x.rs"),
            (
                r"C:\Users\guido\.cargo\registry\src\index\crate-1.2.3\src\x.rs",
                r"crate-1.2.3\src\x.rs",
            ),
            ("/src/x.rs", "/src/x.rs"),
            ("/x.rs", "/x.rs"),
            ("/", "/"),
            ("", ""),
            ("src/main.rs", "src/main.rs"),
            ("crates/shop/src/x.rs", "crates/shop/src/x.rs"),
        ] {
            assert_eq!(short(path), expected);
        }
    }

    #[test]
    fn a_source_line_of_the_workspace_stays_as_it_is() {
        let here = Location::caller();
        assert_eq!(place(here), here.to_string());
    }
}
