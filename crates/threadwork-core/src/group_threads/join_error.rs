//! Why not all threads of a group were joined.

use std::fmt;

use threadwork_sync::WaitError;

use crate::life::ThreadHandle;

/// Some threads of a group are still alive: an error of [`ThreadGroup::join_all`](crate::ThreadGroup::join_all).
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
/// assert_eq!(error.to_string(), "timed out while joining; still alive: 'pool/worker-1'");
/// # pool.request_stop();
/// # Ok::<(), threadwork::StartError>(())
/// ```
#[derive(Clone, Debug)]
pub struct JoinAllError {
    pub(super) alive: Vec<ThreadHandle>,
    pub(super) why: WaitError,
}

impl JoinAllError {
    /// The threads that are still alive.
    #[must_use]
    pub fn alive(&self) -> &[ThreadHandle] {
        &self.alive
    }

    /// What has ended the wait.
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
        write!(f, "{why} while joining; still alive: {}", names(&self.alive))
    }
}

impl std::error::Error for JoinAllError {}

/// The names of threads, for a message.
pub(crate) fn names(threads: &[ThreadHandle]) -> String {
    let names: Vec<_> = threads.iter().map(|it| format!("'{}'", it.name())).collect();
    names.join(", ")
}
