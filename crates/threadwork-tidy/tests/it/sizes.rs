//! The lengths of functions and the numbers of fields of structs.

use crate::source::{Source, is_word, without_tests};

/// A named item and its size.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) name: String,
    pub(crate) size: usize,
}

/// Returns the functions of a file with their numbers of lines, from the name to the last brace, without tests.
pub(crate) fn functions(source: &Source) -> Vec<Size> {
    let code = without_tests(&source.code);
    let lines = |(name, rest): (String, &str)| {
        let (head, body) = rest.split_at(body(rest)?);
        let block = &body[..block(body, '{', '}')];
        let size = 1 + head.matches('\n').count() + block.matches('\n').count();
        Some(Size { name, size })
    };
    declarations(&code, "fn").filter_map(lines).collect()
}

/// Returns the structs of a file with their numbers of fields.
pub(crate) fn structs(source: &Source) -> Vec<Size> {
    let code = without_tests(&source.code);
    let fields = |(name, rest): (String, &str)| {
        let rest = &rest[generics(rest)..];
        let start = if rest.starts_with('(') { 0 } else { rest.find(['{', ';'])? };
        let rest = &rest[start..];
        let block = match rest.chars().next()? {
            '{' => &rest[..block(rest, '{', '}')],
            '(' => &rest[..block(rest, '(', ')')],
            _ => "",
        };
        Some(Size { name, size: pieces(block) })
    };
    declarations(&code, "struct").filter_map(fields).collect()
}

/// Returns the names declared with this keyword, each with the code after it.
fn declarations<'a>(code: &'a str, keyword: &str) -> impl Iterator<Item = (String, &'a str)> {
    code.match_indices(&format!("{keyword} "))
        .filter(|(at, _)| !code[..*at].ends_with(is_word))
        .filter_map(|(at, it)| {
            let rest = code[at + it.len()..].trim_start();
            // In a macro the name may be a parameter.
            let is_name = |it: &char| is_word(*it) || *it == '$';
            let name: String = rest.chars().take_while(is_name).collect();
            // Without a name it is a function type.
            (!name.is_empty()).then(|| (name.clone(), &rest[name.len()..]))
        })
        .collect::<Vec<_>>()
        .into_iter()
}

/// Returns the length of the generic parameters with which code begins.
fn generics(code: &str) -> usize {
    let (mut depth, mut before) = (0, ' ');
    let end = code.find(|it| {
        let is_arrow = it == '>' && before == '-';
        depth += i32::from(it == '<') - i32::from(it == '>' && !is_arrow);
        before = it;
        depth == 0
    });
    if code.starts_with('<') { end.map_or(code.len(), |it| it + 1) } else { 0 }
}

/// Returns the place where the body of a function begins, if it has one.
fn body(code: &str) -> Option<usize> {
    let mut depth = 0;
    let at = code.find(|it| {
        depth += i32::from(matches!(it, '(' | '[')) - i32::from(matches!(it, ')' | ']'));
        depth == 0 && matches!(it, '{' | ';')
    })?;
    code[at..].starts_with('{').then_some(at)
}

/// Returns the length of a block.
fn block(code: &str, opening: char, closing: char) -> usize {
    let mut depth = 0;
    let end = code.find(|it| {
        depth += i32::from(it == opening) - i32::from(it == closing);
        depth == 0
    });
    end.map_or(code.len(), |it| it + 1)
}

/// Returns the number of items that commas separate in a block; a trailing comma does not count.
fn pieces(block: &str) -> usize {
    let inside = block.get(1..block.len().saturating_sub(1)).unwrap_or_default();
    let (mut count, mut depth, mut is_between, mut before) = (0, 0, true, ' ');
    for it in inside.chars() {
        let is_arrow = it == '>' && matches!(before, '-' | '=');
        depth += i32::from(matches!(it, '(' | '[' | '{' | '<'));
        depth -= i32::from(matches!(it, ')' | ']' | '}') || (it == '>' && !is_arrow));
        if depth == 0 && it == ',' {
            is_between = true;
        } else if is_between && !it.is_whitespace() {
            is_between = false;
            count += 1;
        }
        before = it;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::{Size, functions, structs};
    use crate::source::{Source, code_of};

    fn source(text: &str) -> Source {
        Source { path: "a/b.rs".into(), text: text.into(), code: code_of(text) }
    }

    #[track_caller]
    fn check(sizes: Vec<Size>, expected: &[(&str, usize)]) {
        let sizes: Vec<_> = sizes.iter().map(|it| (it.name.as_str(), it.size)).collect();
        assert_eq!(sizes, expected);
    }

    #[test]
    fn a_function_is_as_long_as_from_its_name_to_its_last_brace() {
        let text = "pub const fn short() {}\n\
            /// fn not_this() {\n\
            unsafe fn longer(\n    a: [u8; 2],\n) -> u8\nwhere\n    u8: Copy,\n{\n    a[0] // }\n}\n\
            trait T {\n    fn none(&self);\n    fn inner() {\n        fn nested() {\n        }\n    }\n}\n\
            type F = fn (u8) -> u8;\n\
            macro_rules! m { () => { fn $name() {\n} } }\n\
            #[cfg(test)]\nmod tests {\n    fn of_a_test() {\n    }\n}\n";
        let expected = [("short", 1), ("longer", 8), ("inner", 4), ("nested", 2), ("$name", 2)];
        check(functions(&source(text)), &expected);
    }

    #[test]
    fn the_size_of_a_struct_is_its_number_of_fields() {
        let text = "struct Unit;\n\
            pub(crate) struct Tuple(pub u8, Vec<(u8, u8)>);\n\
            struct Wide<'a, T: Fn(u8, u8) -> u8> where T: Copy {\n\
                // a: u8, b: u8,\n    #[cfg(all(a, b))]\n    one: HashMap<u8, fn(u8, u8) -> Vec<u8>>,\n    pub two: [&'a T; 2],\n}\n\
            struct Empty {}\n\
            #[cfg(test)]\nstruct OfATest { a: u8 }\n";
        let expected = [("Unit", 0), ("Tuple", 2), ("Wide", 2), ("Empty", 0)];
        check(structs(&source(text)), &expected);
    }
}
