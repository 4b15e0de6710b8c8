//! Room for one more thread.

use std::io;

use crate::{
    error::StartError,
    process::{count_maps, spawn_with_stack, take_maps},
    registry,
};

/// Checks that there are memory maps for one more thread: `std` aborts the process when they run out (rust-lang/rust#78497).
pub(crate) fn check_maps() -> Result<(), StartError> {
    if take_maps() {
        return Ok(());
    }
    registry::be_looked_after();
    count_maps(registry::about_to_run)
}

/// Starts a helper as [`start_helper`](crate::process::start_helper) does, with a stack of `bytes`. It can be called from anywhere: it
/// fails where `std` might abort the process for want of memory maps.
///
/// # Errors
///
/// Returns an error if there is no room for another thread, or if the operating system refuses it.
pub fn start_helper_with_stack(
    name: &'static str,
    bytes: usize,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    check_maps().map_err(io::Error::other)?;
    spawn_with_stack(name, bytes, run)
}
