//! The stack size of threads that are built without one.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::StackSizeError;

/// Zero means the default.
static STACK_SIZE: AtomicUsize = AtomicUsize::new(0);

/// Returns the stack size in bytes of threads that are started from now on and are built without one of their own.
/// 0 means the default, which is that of `std`.
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

/// Sets the [`stack_size`] and returns the previous one.
///
/// # Errors
///
/// Returns an error if the size is less than 32,768 bytes and not 0. Too large a size is an error of [`start`](crate::Thread::start).
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
