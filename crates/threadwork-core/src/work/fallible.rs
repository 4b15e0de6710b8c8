//! Functions whose errors are failures of their threads.

use std::{any, borrow::Cow, fmt};

use super::{call::Call, runnable::Runnable, type_name};
use crate::outcome::Failure;

/// A function that can fail, inside a [`Call`]: an `Err` is the [failure](crate::Outcome::Failed) of its thread, and the result is what is in
/// the `Ok`.
///
/// [`MyThread::fallible`](crate::MyThread::fallible) makes such calls. A [`Call`] of the function alone would keep the whole `Result` as its
/// result. You name this type only where you name that of the thread.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Failure, Fallible, MyThread};
///
/// struct Parser {
///     thread: MyThread<Fallible<fn() -> Result<u32, Failure>>, u32>,
/// }
///
/// fn parse() -> Result<u32, Failure> {
///     Ok("7".parse()?)
/// }
///
/// let parser = Parser { thread: MyThread::fallible(parse) };
/// parser.thread.start()?;
/// assert_eq!(parser.thread.wait_result()?, &7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Fallible<F>(F);

impl<F, R> Call<Fallible<F>, R>
where
    F: FnOnce() -> Result<R, Failure>,
{
    /// Creates a call of `function`, which fails if that returns an `Err`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Call, Outcome, Thread};
    ///
    /// let thread = Thread::new(Call::fallible(|| Ok("seven".parse::<u32>()?)));
    /// thread.start()?;
    /// thread.join().unwrap_err();
    /// assert!(matches!(thread.outcome(), Some(Outcome::Failed(_))));
    /// assert_eq!(thread.runnable().unwrap().result(), None);
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    #[must_use]
    pub fn fallible(function: F) -> Call<Fallible<F>, R> {
        Call::fallible_named(function, any::type_name::<F>())
    }

    /// Creates such a call with the full type name of what the user calls.
    pub(crate) fn fallible_named(function: F, name: &'static str) -> Call<Fallible<F>, R> {
        Call::named(Fallible(function), name)
    }
}

/// [`run`](Runnable::run) drops the error.
impl<F, R> Runnable for Call<Fallible<F>, R>
where
    F: FnOnce() -> Result<R, Failure> + Send,
    R: Send,
{
    fn run(&mut self) {
        let _ = self.try_run();
    }

    fn try_run(&mut self) -> Result<(), Failure> {
        if let Some(Fallible(function)) = self.take_function() {
            self.returned(function().map_err(Failure::in_place_of_result)?);
        }
        Ok(())
    }

    fn name(&self) -> Cow<'_, str> {
        self.function_name()
    }
}

impl<F> fmt::Debug for Fallible<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fallible").field(&type_name::short(any::type_name::<F>())).finish()
    }
}
