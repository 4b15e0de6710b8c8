//! How a thread has ended.

use std::{any::Any, fmt, sync::Arc};

use threadwork_sync::Lock;

/// How a thread has ended.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Outcome, Thread};
///
/// let thread = Thread::new(|| ());
/// assert!(thread.outcome().is_none());
/// thread.start()?;
/// thread.join()?;
/// assert!(matches!(thread.outcome(), Some(Outcome::Finished)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// Its runnable has returned.
    Finished,
    /// Its runnable has panicked.
    Panicked(Panic),
}

/// A panic that ended a thread: the message, and the payload itself.
///
/// Every joiner gets one; all of them speak of the same panic.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{JoinError, Thread};
///
/// let thread = Thread::builder().name("parser").build(|| panic!("no number in line {}", 7));
/// thread.start()?;
/// let Err(JoinError::Panicked(panic)) = thread.join() else { unreachable!() };
/// assert_eq!(panic.message(), "no number in line 7");
/// assert_eq!(panic.to_string(), "thread 'parser' panicked: no number in line 7");
/// # Ok::<(), threadwork::StartError>(())
/// ```
#[derive(Clone)]
pub struct Panic(Arc<Inner>);

struct Inner {
    thread: String,
    message: String,
    payload: Lock<Option<Box<dyn Any + Send>>>,
}

impl Panic {
    pub(crate) fn new(thread: String, payload: Box<dyn Any + Send>) -> Panic {
        let message = if let Some(message) = payload.downcast_ref::<&'static str>() {
            (*message).to_owned()
        } else if let Some(message) = payload.downcast_ref::<String>() {
            message.clone()
        } else {
            "a payload that is not a string".to_owned()
        };
        Panic(Arc::new(Inner { thread, message, payload: Lock::new(Some(payload)) }))
    }

    /// What the panic said, or `a payload that is not a string`.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The name that the thread had when it panicked.
    #[must_use]
    pub fn thread_name(&self) -> &str {
        &self.0.thread
    }

    /// Takes the payload, for instance to let the panic go on with [`std::panic::resume_unwind`].
    /// There is one, and the first who asks gets it.
    #[must_use]
    pub fn take_payload(&self) -> Option<Box<dyn Any + Send>> {
        self.0.payload.acquire().take()
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panic")
            .field("thread", &self.0.thread)
            .field("message", &self.0.message)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread '{}' panicked: {}", self.0.thread, self.0.message)
    }
}
