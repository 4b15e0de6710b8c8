//! A panic that ended a thread.

use std::{any::Any, error::Error, fmt, sync::Arc};

use threadwork_sync::{
    Lock,
    internal::{lock::own_lock, panic::Payload},
};

use super::{
    place::{PanicPlace, keeping_place, message_of, take_place},
    reported::reported,
};

/// The panic that ended a thread: its message and its payload.
///
/// Every joiner gets its own handle to the same panic.
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

/// The data that all handles to a panic share.
struct Caught {
    thread: String,
    message: String,
    place: Option<PanicPlace>,
    payload: Lock<Option<Payload>>,
}

impl Panic {
    /// Creates the panic from a payload that was just caught in the current thread.
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

    /// Returns the message of the panic, or `a payload that is not a string`.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns where the code panicked, as the process's [panic hook](std::panic::set_hook) was told.
    ///
    /// `None` if that was not told of it: the code [resumed](std::panic::resume_unwind) a panic that came from elsewhere. Also `None` if the
    /// program has replaced the panic hook after the first thread was started.
    #[must_use]
    pub fn place(&self) -> Option<&PanicPlace> {
        self.0.place.as_ref()
    }

    /// Returns the name that the thread had when it panicked.
    #[must_use]
    pub fn thread_name(&self) -> &str {
        &self.0.thread
    }

    /// Takes the payload, for instance to resume the panic with [`std::panic::resume_unwind`].
    /// There is one payload, and the first caller gets it.
    #[must_use]
    pub fn take_payload(&self) -> Option<Box<dyn Any + Send>> {
        let payload = self.0.payload.acquire().take();
        payload.map(Payload::into_inner)
    }
}

impl Drop for Caught {
    fn drop(&mut self) {
        if let Some(payload) = self.payload.get_mut().take() {
            // Scenario "the payload that panics" in docs/architecture.md.
            let drop_it = || drop(payload.into_inner());
            keeping_place(|| reported("drop of a payload", drop_it));
        }
    }
}

/// Two handles are equal if they are handles to the same panic.
impl PartialEq for Panic {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Panic {}

impl Error for Panic {}

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
