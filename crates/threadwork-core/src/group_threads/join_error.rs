//! The error of a group's joins.

use std::{error::Error, fmt};

use threadwork_sync::WaitError;

use crate::life::ThreadHandle;

/// An error of [`ThreadGroup::join_all_timeout`](crate::ThreadGroup::join_all_timeout) and
/// [`join_all_with`](crate::ThreadGroup::join_all_with): some threads of the group are still alive.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::ThreadGroup;
///
/// let pool = ThreadGroup::new("pool");
/// let thread = pool.builder().build(|| _ = threadwork::sleep(Duration::MAX));
/// thread.start()?;
/// let error = pool.join_all_timeout(Duration::ZERO).unwrap_err();
/// assert_eq!(error.alive(), [thread.handle().clone()]);
/// assert_eq!(
///     error.to_string(),
///     "timed out while joining; join again, or stop those that are still alive: 'pool/worker-1'",
/// );
/// # pool.request_stop();
/// # Ok::<(), threadwork::StartError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinAllError {
    pub(super) alive: Vec<ThreadHandle>,
    pub(super) why: WaitError,
}

impl JoinAllError {
    /// Returns the threads that are still alive.
    #[must_use]
    pub fn alive(&self) -> &[ThreadHandle] {
        &self.alive
    }

    /// Returns why the wait ended.
    #[must_use]
    pub fn why(&self) -> WaitError {
        self.why
    }
}

impl fmt::Display for JoinAllError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            WaitError::Stopped => "stopped",
            _ => "timed out",
        };
        let alive = names(&self.alive);
        write!(f, "{why} while joining; join again, or stop those that are still alive: {alive}")
    }
}

impl Error for JoinAllError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.why)
    }
}

/// Returns the names of the threads, for a message.
pub(crate) fn names(threads: &[ThreadHandle]) -> String {
    let names: Vec<_> = threads.iter().map(|it| format!("'{}'", it.name())).collect();
    names.join(", ")
}
