//! The names of threads that the tools of the operating system show.

use std::fs;

use crate::os::proc;

/// Gives a thread of this process a new name for the tools of the operating system, which cut off names that are too long for them.
///
/// Does nothing where one thread cannot name another (anything but Linux and Android): there the tools show the name with which `std` has
/// started the thread.
pub fn set_thread_name(native_id: u64, name: &str) {
    if let Some(path) = proc::of_thread(native_id, "comm") {
        // An error is ignored: the name is only for tools that look at the process from outside.
        let _ = fs::write(path, cut(name));
    }
}

/// Returns the operating system's name of a thread of this process; `None` once the thread is gone, if it has none, and on systems other
/// than Linux and Android.
#[must_use]
pub fn thread_name(native_id: u64) -> Option<String> {
    let name = fs::read_to_string(proc::of_thread(native_id, "comm")?).ok()?;
    Some(name.trim_end().to_owned()).filter(|it| !it.is_empty())
}

/// Returns as much of a name as Linux keeps (15 bytes, prctl(2)), not cut inside a character.
fn cut(name: &str) -> &str {
    &name[..name.floor_char_boundary(15)]
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn names_are_cut_between_characters() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut("exactly 15 byte"), "exactly 15 byte");
        assert_eq!(cut("more than 15 bytes"), "more than 15 by");
        assert_eq!(cut("fourteen bytesä"), "fourteen bytes");
        assert_eq!(cut("ääääääää"), "äääääää");
    }
}
