//! The short name of a type.

#[cfg(test)]
mod tests;

/// Returns the name of a type without paths: `Vec<String>` for `alloc::vec::Vec<alloc::string::String>`,
/// `download` for the function `my_crate::net::download`, and `<closure>` for a closure, like Python's `<lambda>`.
/// A reference has the name of what it refers to.
pub(crate) fn short(full: &str) -> String {
    let mut short = String::new();
    // The position in `short` at which the current path begins: one for each open bracket, and one for the text outside all brackets.
    let mut begins = vec![0];
    let mut rest = full.trim_start_matches('&');
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | ':' | '{' | '}'))
            .unwrap_or(rest.len());
        let (path, after) = rest.split_at(end);
        // The path continues after a type with arguments or a `<B as D>`: that was a segment like any other, and is cut off.
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
