//! Functions with their arguments.

use std::{any, borrow::Cow, fmt};

use super::{
    call::{Call, Callable},
    runnable::Runnable,
    type_name,
};

/// A function with its arguments, inside a [`Call`].
///
/// [`Thread::with_args`](crate::Thread::with_args), [`MyThread::with_args`](crate::MyThread::with_args) and [`Call::with_args`] make such calls.
/// You name this type only where you name that of the thread.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{MyThread, WithArgs};
///
/// struct Power {
///     thread: MyThread<WithArgs<fn(u32, u32) -> u32, (u32, u32)>, u32>,
/// }
///
/// let power = Power { thread: MyThread::with_args(u32::pow, (2, 10)) };
/// power.thread.start()?;
/// assert_eq!(power.thread.wait_result()?, &1024);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WithArgs<F, Args> {
    function: F,
    args: Args,
}

impl Call<(), ()> {
    /// Creates a call of `function` with `args`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Call, Thread};
    ///
    /// let thread = Thread::builder().name("power").build(Call::with_args(u32::pow, (2, 10)));
    /// thread.start()?;
    /// thread.join()?;
    /// assert_eq!(thread.runnable().unwrap().result(), Some(&1024));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_args<F: Callable<Args>, Args>(
        function: F,
        args: Args,
    ) -> Call<WithArgs<F, Args>, F::Output> {
        Call::named(WithArgs { function, args }, any::type_name::<F>())
    }
}

impl<F, Args, R> Runnable for Call<WithArgs<F, Args>, R>
where
    F: Callable<Args, Output = R> + Send,
    Args: Send,
    R: Send,
{
    fn run(&mut self) {
        if let Some(WithArgs { function, args }) = self.take_function() {
            self.returned(function.call(args));
        }
    }

    fn name(&self) -> Cow<'_, str> {
        self.function_name()
    }
}

impl<F, Args: fmt::Debug> fmt::Debug for WithArgs<F, Args> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithArgs")
            .field("function", &type_name::short(any::type_name::<F>()))
            .field("args", &self.args)
            .finish()
    }
}
