//! Room for one more thread.

use std::io;

use crate::{
    error::StartError,
    process::{count_maps, spawn_helper, take_maps, thread_builder},
    registry,
};

/// Makes sure that there are memory maps for one more thread: at their limit `std` aborts the process (rust-lang/rust#78497).
pub(crate) fn check_maps() -> Result<(), StartError> {
    if take_maps() { Ok(()) } else { count_maps(registry::about_to_run) }
}

/// As [`start_helper`](crate::process::start_helper), with so many bytes of stack, and from anywhere: not where `std` might end the process for want
/// of memory maps.
///
/// # Errors
///
/// If the operating system refuses it, or would.
pub fn start_helper_with_stack(
    name: &'static str,
    bytes: usize,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    check_maps().map_err(io::Error::other)?;
    spawn_helper(thread_builder().stack_size(bytes), name, run)
}
