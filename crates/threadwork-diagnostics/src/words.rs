//! Words for printed reports.

use std::{borrow::Cow, fmt::Write};

use threadwork_sync::WaitKind;

/// The text with its control characters escaped, so that it can neither break the line nor control the terminal. Tabs stay.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    let is_harmful = |it: char| it.is_control() && it != '\t';
    if !text.contains(is_harmful) {
        return text.into();
    }
    let mut line = String::with_capacity(text.len() + 8);
    for it in text.chars() {
        if is_harmful(it) {
            // Writing to a `String` never fails.
            let _ = write!(line, "{}", it.escape_default());
        } else {
            line.push(it);
        }
    }
    line.into()
}

/// All kinds of waits.
pub(crate) const KINDS: [WaitKind; 15] = [
    WaitKind::Lock,
    WaitKind::RLock,
    WaitKind::RwLock,
    WaitKind::Condition,
    WaitKind::Event,
    WaitKind::Semaphore,
    WaitKind::Barrier,
    WaitKind::Latch,
    WaitKind::QueueGet,
    WaitKind::QueuePut,
    WaitKind::QueueJoin,
    WaitKind::Join,
    WaitKind::Task,
    WaitKind::Sleep,
    WaitKind::Stop,
];

/// The kind of a wait as a noun for a sentence. A dump may come from another program with kinds that are unknown here: those stay as they are.
pub(crate) fn in_words(kind: &str) -> String {
    let known = KINDS.into_iter().find(|it| format!("{it:?}") == kind);
    known.map_or_else(|| one_line(kind).into_owned(), |it| it.to_string())
}

#[cfg(test)]
mod tests {
    use super::{in_words, one_line};

    #[test]
    fn control_characters_are_escaped_as_in_source_code() {
        assert_eq!(one_line("a\nb\r\n\u{1b}[31m\u{85}"), r"a\nb\r\n\u{1b}[31m\u{85}");
        assert_eq!(one_line("größer \t'\"\\ 猫"), "größer \t'\"\\ 猫");
    }

    #[test]
    fn known_kinds_have_words_and_unknown_kinds_stay_as_they_are() {
        assert_eq!(in_words("RwLock"), "read-write lock");
        assert_eq!(in_words("Latch"), "latch");
        assert_eq!(in_words("Door\n"), r"Door\n");
    }
}
