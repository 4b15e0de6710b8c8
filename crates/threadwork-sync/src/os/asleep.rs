//! Threads that the operating system has put to sleep.

use std::fs;

use crate::os::proc;

mod system_call;

pub use self::system_call::system_call;

/// Whether the operating system tells which threads are asleep: Linux and Android do. Elsewhere a thread that sleeps outside this library
/// looks like one that runs.
pub const TELLS_WHO_SLEEPS: bool = proc::IS_THERE;

/// Returns `true` if a thread of this process is asleep, so that it cannot run until something wakes it. Returns `false` if it is gone, and
/// where the operating system does not tell ([`TELLS_WHO_SLEEPS`]).
#[must_use]
pub fn is_asleep(native_id: u64) -> bool {
    let stat = proc::of_thread(native_id, "stat").and_then(|it| fs::read(it).ok());
    stat.is_some_and(|stat| matches!(state(&stat), Some(b'S' | b'D')))
}

/// The state of a thread in the words of proc(5): `number (name) state …`. The name may contain anything.
fn state(stat: &[u8]) -> Option<u8> {
    let name_end = stat.iter().rposition(|it| *it == b')')?;
    stat.get(name_end + 2).copied()
}

#[cfg(test)]
mod tests {
    use super::state;

    #[test]
    fn the_state_stands_after_the_name_whatever_that_is() {
        assert_eq!(state(b"7 (loop) S 1 7"), Some(b'S'));
        assert_eq!(state(b"7 (a) R (b\xff) D 1 7"), Some(b'D'));
        assert_eq!(state(b"7 ())) R 1 7"), Some(b'R'));
        assert_eq!(state(b"7 (loop)"), None);
        assert_eq!(state(b""), None);
    }
}
