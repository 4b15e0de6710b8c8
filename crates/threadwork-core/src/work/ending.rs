//! What the functions of threads return.

use std::convert::Infallible;

use crate::outcome::Failure;

/// What a closure that is a runnable returns: nothing, or a `Result<(), E>` with any error.
///
/// An `Err` is the [failure](crate::Outcome::Failed) of the thread. A closure that never returns fits, too.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::{fs, io};
/// use threadwork::{JoinError, Thread};
///
/// let thread = Thread::new(|| -> io::Result<()> {
///     fs::read("a file that does not exist")?;
///     Ok(())
/// });
/// thread.start()?;
/// assert!(matches!(thread.join(), Err(JoinError::Failed(_))));
/// # Ok::<(), threadwork::StartError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a thread's closure cannot return `{Self}`",
    label = "returns `{Self}`, which is neither `()` nor a `Result<(), E>` with an error",
    note = "to keep a result, use `MyThread::new`, `MyThread::spawn` or a builder's `spawn_my_thread`; to ignore it, end the closure with `;`",
    note = "the error of a `Result` must convert into `Box<dyn std::error::Error + Send + Sync>`"
)]
pub trait Ending {
    /// Returns it as what [`try_run`](crate::Runnable::try_run) returns.
    ///
    /// # Errors
    ///
    /// Returns the error that it holds.
    fn into_result(self) -> Result<(), Failure>;
}

impl Ending for () {
    fn into_result(self) -> Result<(), Failure> {
        Ok(())
    }
}

impl<E: Into<Failure>> Ending for Result<(), E> {
    fn into_result(self) -> Result<(), Failure> {
        self.map_err(Into::into)
    }
}

impl Ending for Infallible {
    fn into_result(self) -> Result<(), Failure> {
        match self {}
    }
}

impl Ending for Never {
    fn into_result(self) -> Result<(), Failure> {
        self
    }
}

/// The type of what never returns, which stable Rust cannot name.
type Never = <fn() -> ! as never::Returns>::Output;

mod never {
    #[expect(unnameable_types, reason = "it only serves to name a type")]
    pub trait Returns {
        type Output;
    }

    impl<R> Returns for fn() -> R {
        type Output = R;
    }
}
