//! How much stack threads have that were not given a size of their own.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::StackSizeError;

/// Zero for the default.
static STACK_SIZE: AtomicUsize = AtomicUsize::new(0);

/// The size of the stack in bytes of threads that are started from now on and were not given one of their own; 0 for the default, which is that of `std`.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// assert_eq!(threadwork::stack_size(), 0);
/// ```
#[must_use]
pub fn stack_size() -> usize {
    STACK_SIZE.load(Ordering::Relaxed)
}

/// Sets [`stack_size`], and returns what it was.
///
/// # Errors
///
/// If it is less than 32,768 bytes, and not 0. One that is too large is an error of [`start`](crate::Thread::start).
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// assert_eq!(threadwork::set_stack_size(256 * 1024)?, 0);
/// assert_eq!(threadwork::stack_size(), 256 * 1024);
/// assert_eq!(
///     threadwork::set_stack_size(4096).unwrap_err().to_string(),
///     "stack size of 4096 bytes is too small; ask for at least 32768, or 0 for the default",
/// );
/// # Ok::<(), threadwork::StackSizeError>(())
/// ```
pub fn set_stack_size(bytes: usize) -> Result<usize, StackSizeError> {
    StackSizeError::check(bytes)?;
    Ok(STACK_SIZE.swap(bytes, Ordering::Relaxed))
}
