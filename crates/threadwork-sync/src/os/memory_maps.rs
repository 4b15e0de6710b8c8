//! The memory maps of the process, of which each thread needs some.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
};

use crate::os::proc;

/// Returns how many memory maps a process may have (proc_sys_vm(5)). Returns `None` where there is no such limit, or it is not known how to
/// ask (anything but Linux and Android): there nothing is checked before a thread is started, and `std` ends the process if the thread
/// finds no memory for its signal stack.
#[must_use]
pub fn max_memory_maps() -> Option<usize> {
    if !proc::IS_THERE {
        return None;
    }
    fs::read_to_string("/proc/sys/vm/max_map_count").ok()?.trim().parse().ok()
}

/// Returns how many memory maps this process has; `None` where [`max_memory_maps`] knows nothing, and if they cannot be counted.
#[must_use]
pub fn memory_maps() -> Option<usize> {
    if !proc::IS_THERE {
        return None;
    }
    let mut maps = BufReader::new(File::open("/proc/self/maps").ok()?);
    let mut count = 0;
    while maps.skip_until(b'\n').ok()? > 0 {
        count += 1;
    }
    Some(count)
}
