//! What errors say to those who meet them.

use std::error::Error;

/// Checks that a call fails with this error, and what the error says: what was wrong and, after a semicolon, what to do.
///
/// In the text, `…` stands for what others say, such as the operating system.
#[macro_export]
macro_rules! says {
    ($call:expr, $error:pat, $text:expr) => {{
        let error = $call.err().expect("the call fails");
        assert!(matches!(error, $error), "{error:?}");
        $crate::texts::check(&error, $text);
        $crate::texts::check_advice(&error);
    }};
}

/// Like [`says!`](crate::says), for an error that only quotes what the user's own code said.
#[macro_export]
macro_rules! quotes {
    ($call:expr, $error:pat, $text:expr) => {{
        let error = $call.err().expect("the call fails");
        assert!(matches!(error, $error), "{error:?}");
        $crate::texts::check(&error, $text);
    }};
}

/// Checks what an error says.
#[track_caller]
pub fn check(error: &dyn Error, text: &str) {
    let said = error.to_string();
    assert!(fits(&said, text), "the error says\n{said}\ninstead of\n{text}");
}

/// Checks that an error says what to do.
#[track_caller]
pub fn check_advice(error: &dyn Error) {
    let said = error.to_string();
    assert!(said.contains("; "), "the error does not say what to do: {said}");
}

/// Whether this was said, where `…` stands for anything but nothing.
fn fits(said: &str, text: &str) -> bool {
    let Some((begin, rest)) = text.split_once('…') else { return said == text };
    let Some(said) = said.strip_prefix(begin) else { return false };
    said.char_indices().skip(1).any(|(at, _)| fits(&said[at..], rest))
        || rest.is_empty() && !said.is_empty()
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn an_ellipsis_stands_for_anything_but_nothing() {
        for text in ["a; b", "…b", "a…", "a…b", "…", "a…;…b"] {
            assert!(fits("a; b", text) == (text != "a…;…b"), "{text}");
        }
        for text in ["a", "a; b…", "…a; b", "b…", "…c", ""] {
            assert!(!fits("a; b", text), "{text}");
        }
    }
}
