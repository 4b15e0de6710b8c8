//! What threads are called, by their numbers.

use std::{borrow::Cow, collections::BTreeMap, fmt::Write, num::NonZeroU64};

use threadwork_core::{ThreadHandle, enumerate};

/// The names of the threads that were alive at one moment.
pub(crate) struct Names(BTreeMap<NonZeroU64, ThreadHandle>);

impl Names {
    pub(crate) fn now() -> Names {
        Names::of_all(&enumerate())
    }

    pub(crate) fn of_all(threads: &[ThreadHandle]) -> Names {
        Names(threads.iter().filter_map(|it| Some((it.ident()?, it.clone()))).collect())
    }

    /// The name of a thread; one that this library does not know has only its number.
    pub(crate) fn of(&self, ident: NonZeroU64) -> String {
        self.0.get(&ident).map_or_else(|| format!("thread {ident}"), |it| it.name())
    }

    /// The thread, if this library knows it.
    pub(crate) fn handle(&self, ident: NonZeroU64) -> Option<&ThreadHandle> {
        self.0.get(&ident)
    }
}

/// A text as it may stand within a line: a line break inside would make two of one, and other characters for terminals would do what they like.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    let is_harmful = |it: char| it.is_control() && it != '\t';
    if !text.contains(is_harmful) {
        return text.into();
    }
    let mut line = String::with_capacity(text.len() + 8);
    for it in text.chars() {
        if is_harmful(it) {
            // Strings take all that they are given.
            let _ = write!(line, "{}", it.escape_default());
        } else {
            line.push(it);
        }
    }
    line.into()
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn what_would_break_a_line_is_written_as_in_source_code() {
        assert_eq!(one_line("a\nb\r\n\u{1b}[31m\u{85}"), r"a\nb\r\n\u{1b}[31m\u{85}");
        assert_eq!(one_line("größer \t'\"\\ 猫"), "größer \t'\"\\ 猫");
    }
}
