//! How a thread has ended.

use std::{any::Any, fmt, sync::Arc};

use threadwork_sync::{
    Lock,
    internal::{lock::own_lock, panic::Payload},
};

use super::{
    place::{PanicPlace, keeping_place, message_of, take_place},
    reported::reported,
};

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
    /// Its runnable has returned after a stop of the thread was requested.
    Stopped,
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
pub struct Panic(Arc<Caught>);

/// What its handles have in common.
struct Caught {
    thread: String,
    message: String,
    place: Option<PanicPlace>,
    payload: Lock<Option<Payload>>,
}

impl Panic {
    /// A panic that was caught in the current thread.
    pub(crate) fn caught(thread: String, payload: Payload) -> Panic {
        let message = message_of(payload.get()).to_owned();
        let place = take_place(&message);
        Panic(Arc::new(Caught {
            thread,
            message,
            place,
            payload: own_lock("the payload of a panic", Some(payload)),
        }))
    }

    /// What the panic said, or `a payload that is not a string`.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where the code panicked; `None` if it went on with a panic of somebody else, or if the program has a panic hook of its own
    /// that was set after the first thread was started.
    #[must_use]
    pub fn place(&self) -> Option<&PanicPlace> {
        self.0.place.as_ref()
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
        let payload = self.0.payload.acquire().take();
        payload.map(Payload::into_inner)
    }
}

/// What is called with the panic of the current thread.
pub(crate) type OnPanic = Arc<dyn Fn(&Panic) + Send + Sync>;

impl Drop for Caught {
    fn drop(&mut self) {
        if let Some(payload) = self.payload.get_mut().take() {
            let drop_it = || drop(payload.into_inner());
            keeping_place(|| reported("drop of a payload", drop_it));
        }
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
