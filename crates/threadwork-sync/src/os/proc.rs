//! The folder `/proc`, in which Linux and Android describe a process and its threads (proc(5)).
//!
//! It is a folder like any other, so this needs no call of the C library. Where it is missing, nothing is read, and nobody is told of it:
//! what is lost is said at each function that asks here.

use std::{fs, path::PathBuf};

/// Whether the system has such a folder.
pub(crate) const IS_THERE: bool =
    cfg!(all(any(target_os = "linux", target_os = "android"), not(threadwork_portable)));

/// The folder of the threads of this process. Each has a folder there, named by its number.
const THREADS: &str = "/proc/self/task";

/// Returns the path of a file about a thread of this process; `None` on other systems.
pub(super) fn of_thread(native_id: u64, file: &str) -> Option<PathBuf> {
    IS_THERE.then(|| format!("{THREADS}/{native_id}/{file}").into())
}

/// Returns the numbers of all threads of this process, including those that this library does not know. Returns none on other systems
/// than Linux and Android.
#[must_use]
pub fn native_ids() -> Vec<u64> {
    if !IS_THERE {
        return Vec::new();
    }
    let threads = fs::read_dir(THREADS).into_iter().flatten().flatten();
    threads.filter_map(|it| it.file_name().to_str()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::{IS_THERE, native_ids};
    use crate::os::get_native_id;

    #[test]
    fn the_folder_lists_the_current_thread() {
        let listed = || native_ids().contains(&get_native_id().unwrap_or_default());
        assert_eq!(thread::spawn(listed).join().unwrap(), IS_THERE);
    }
}
