//! An error that ended a thread.

use std::{
    error::Error,
    fmt, mem,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use once_cell::race::OnceBox;

use crate::panic::{keeping_place, reported};

/// Why work has failed: the error that a runnable returned from [`try_run`](crate::Runnable::try_run).
///
/// Any error converts into it, so `?` does: errors of std, of other crates, boxed ones, and strings.
/// It can be cloned: every joiner gets its own handle to the same failure.
///
/// It is not an [`Error`] itself, because every error converts into it. [`error`](Self::error) is the error inside.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Failure, JoinError, Runnable, Thread};
///
/// struct Count(&'static str);
/// impl Runnable for Count {
///     fn try_run(&mut self) -> Result<(), Failure> {
///         let lines: u32 = self.0.parse()?;
///         if lines == 0 {
///             return Err("there are no lines".into());
///         }
///         Ok(())
///     }
/// }
///
/// let thread = Thread::builder().name("count").build(Count("seven"));
/// thread.start()?;
/// let Err(JoinError::Failed(failure)) = thread.join() else { unreachable!() };
/// assert_eq!(failure.to_string(), "thread 'count' failed: invalid digit found in string");
/// assert!(failure.error().is::<std::num::ParseIntError>());
/// # Ok::<(), threadwork::StartError>(())
/// ```
#[derive(Clone)]
pub struct Failure(Arc<Failed>);

/// The data that all handles to a failure share.
struct Failed {
    error: Box<dyn Error + Send + Sync>,
    message: String,
    /// The name of the thread that failed, once it has.
    thread: OnceBox<String>,
    /// Whether it is what joiners get in place of a result.
    replaces_result: AtomicBool,
}

impl Failure {
    fn new(error: Box<dyn Error + Send + Sync>, message: String) -> Failure {
        Failure(Arc::new(Failed {
            error,
            message,
            thread: OnceBox::new(),
            replaces_result: AtomicBool::new(false),
        }))
    }

    /// Returns the error.
    #[must_use]
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0.error
    }

    /// Returns the message of the error, followed by those of its [sources](Error::source): `cannot read the list: no such file`.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the name that the thread had when it failed, or `None` if no thread has ended with this failure.
    #[must_use]
    pub fn thread_name(&self) -> Option<&str> {
        self.0.thread.get().map(String::as_str)
    }

    /// Notes that joiners get it in place of a result, so the thread has failed whatever the error is.
    pub(crate) fn in_place_of_result(self) -> Failure {
        self.0.replaces_result.store(true, Ordering::Relaxed);
        self
    }

    /// Returns `true` if joiners get it [in place of a result](Self::in_place_of_result).
    pub(crate) fn replaces_result(&self) -> bool {
        self.0.replaces_result.load(Ordering::Relaxed)
    }

    /// Makes it the failure of a thread with this name. If it already is that of another thread, which has handed it on,
    /// this becomes the failure of the other thread's failure.
    pub(crate) fn of_thread(self, name: String) -> Failure {
        match self.0.thread.set(Box::new(name)) {
            Ok(()) => self,
            Err(name) => {
                // Its message quotes those of the sources, and they must not be asked again.
                let message = self.to_string();
                Failure::new(HandedOn(self).into(), message).of_thread(*name)
            }
        }
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        // Scenario "the error of a user" in docs/architecture.md.
        let error = error.into();
        let message = message_of(&*error);
        Failure::new(error, message)
    }
}

/// Returns the message of the error and those of its sources. A source that its error already quotes is left out.
fn message_of(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let text = error.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        source = error.source();
    }
    message
}

impl Drop for Failed {
    fn drop(&mut self) {
        let nothing: Box<dyn Error + Send + Sync> = Box::new(fmt::Error);
        let error = mem::replace(&mut self.error, nothing);
        // Scenario "the payload that panics" in docs/architecture.md.
        keeping_place(|| reported("drop of an error", || drop(error)));
    }
}

/// The failure of another thread, as an error.
struct HandedOn(Failure);

impl Error for HandedOn {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.0.error())
    }
}

impl fmt::Debug for HandedOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for HandedOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// Nothing of it changes once a thread has ended with it.
impl UnwindSafe for Failure {}
impl RefUnwindSafe for Failure {}

/// Two handles are equal if they are handles to the same failure.
impl PartialEq for Failure {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Failure {}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("thread", &self.thread_name())
            .field("error", &self.error())
            .finish()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.thread_name() {
            Some(name) => write!(f, "thread '{name}' failed: {}", self.message()),
            None => f.write_str(self.message()),
        }
    }
}
