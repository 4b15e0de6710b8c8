//! The short name of a type.

#[cfg(test)]
mod tests;

/// The name of a type without the paths: `Vec<String>` for `alloc::vec::Vec<alloc::string::String>`,
/// `download` for the function `my_crate::net::download`, and `<closure>` for a closure, as Python says `<lambda>`.
pub(crate) fn short(full: &str) -> String {
    let mut short = String::new();
    // For each bracket that is open, and for what is outside of all: where the current path begins in `short`.
    let mut begins = vec![0];
    let mut rest = full;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | ':' | '{' | '}'))
            .unwrap_or(rest.len());
        let (path, after) = rest.split_at(end);
        // What stands before is a type with arguments or a `<B as D>`: a part of the path like any other.
        if path.starts_with("::")
            && let Some(&begin) = begins.last()
        {
            short.truncate(begin);
        }
        short.push_str(last_segment(path));
        let Some(punctuation) = after.chars().next() else { break };
        let arrow = punctuation == '>' && short.ends_with('-');
        short.push(punctuation);
        match punctuation {
            '<' | '(' | '[' => begins.push(short.len()),
            '>' | ')' | ']' if !arrow => _ = begins.pop(),
            _ => begins.last_mut().into_iter().for_each(|it| *it = short.len()),
        }
        rest = &after[punctuation.len_utf8()..];
    }
    short
}

fn last_segment(path: &str) -> &str {
    match path.rsplit("::").next() {
        Some("{{closure}}") => "<closure>",
        Some(last) => last,
        None => path,
    }
}
