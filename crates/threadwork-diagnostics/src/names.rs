//! What threads are called, by their numbers.

use std::{borrow::Cow, collections::BTreeMap, fmt::Write, fs, num::NonZeroU64};

use threadwork_core::{ThreadHandle, enumerate, internal::is_helper};
use threadwork_sync::{WaitKind, Waiting};

/// The names of the threads that were alive at one moment.
pub(crate) struct Names {
    listed: BTreeMap<NonZeroU64, ThreadHandle>,
    /// What is known of those that wait and are not listed.
    others: BTreeMap<NonZeroU64, Other>,
}

/// A thread that is not listed.
struct Other {
    native_id: Option<u64>,
    /// Its name, if it is one of the library's own.
    helper: Option<&'static str>,
}

impl Names {
    /// Those of all that are listed now, and of all that wait.
    pub(crate) fn now(waits: &[Waiting]) -> Names {
        Names::of_all(&enumerate(), waits)
    }

    pub(crate) fn of_all(threads: &[ThreadHandle], waits: &[Waiting]) -> Names {
        let listed: BTreeMap<_, _> =
            threads.iter().filter_map(|it| Some((it.ident()?, it.clone()))).collect();
        let other = |it: &Waiting| {
            (it.thread.ident, Other { native_id: it.thread.native_id, helper: it.thread.helper })
        };
        let others =
            waits.iter().filter(|it| !listed.contains_key(&it.thread.ident)).map(other).collect();
        Names { listed, others }
    }

    /// The name of a thread. Of one that is not listed it is the operating system's; where that is not known either, there is only the number.
    pub(crate) fn of(&self, ident: NonZeroU64) -> String {
        let listed = || Some(self.listed.get(&ident)?.name());
        let other = || {
            let other = self.others.get(&ident)?;
            other.helper.map(str::to_owned).or_else(|| os_name(other.native_id?))
        };
        listed().or_else(other).unwrap_or_else(|| format!("thread {ident}"))
    }

    /// The thread, if it is listed.
    pub(crate) fn handle(&self, ident: NonZeroU64) -> Option<&ThreadHandle> {
        self.listed.get(&ident)
    }

    /// The operating system's number of a thread.
    pub(crate) fn native_id(&self, ident: NonZeroU64) -> Option<u64> {
        match self.listed.get(&ident) {
            Some(thread) => thread.native_id(),
            None => self.others.get(&ident)?.native_id,
        }
    }

    /// Whether it is a thread of the library's own.
    pub(crate) fn is_helper(&self, ident: NonZeroU64) -> bool {
        match self.listed.get(&ident) {
            Some(thread) => is_helper(thread),
            None => self.others.get(&ident).is_some_and(|it| it.helper.is_some()),
        }
    }
}

/// What the operating system calls a thread of this process; `None` once it is gone, and where that cannot be asked (anything but Linux and Android).
pub(crate) fn os_name(native_id: u64) -> Option<String> {
    let name = fs::read_to_string(format!("/proc/self/task/{native_id}/comm")).ok()?;
    Some(name.trim_end().to_owned()).filter(|it| !it.is_empty())
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

/// What the kind of a wait is called in a sentence. A dump may come from another program, whose kinds may be others.
pub(crate) fn in_words(kind: &str) -> String {
    use WaitKind::{Barrier, Condition, Event, Join, Latch, Lock, RLock, RwLock, Semaphore, Sleep};
    let kinds =
        [Lock, RLock, RwLock, Condition, Event, Semaphore, Barrier, Latch, Join, Sleep].into_iter();
    let found = kinds.map(|it| (format!("{it:?}"), it)).find(|(name, _)| name == kind);
    found.map_or_else(|| one_line(kind).into_owned(), |(_, it)| it.to_string())
}

#[cfg(test)]
mod tests {
    use super::{in_words, one_line};

    #[test]
    fn what_would_break_a_line_is_written_as_in_source_code() {
        assert_eq!(one_line("a\nb\r\n\u{1b}[31m\u{85}"), r"a\nb\r\n\u{1b}[31m\u{85}");
        assert_eq!(one_line("größer \t'\"\\ 猫"), "größer \t'\"\\ 猫");
    }

    #[test]
    fn kinds_have_words_and_those_of_others_stay_what_they_are() {
        assert_eq!(in_words("RwLock"), "read-write lock");
        assert_eq!(in_words("Latch"), "latch");
        assert_eq!(in_words("Door\n"), r"Door\n");
    }
}
