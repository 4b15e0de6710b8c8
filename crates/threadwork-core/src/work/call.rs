//! A function call as an object.

use std::{any::type_name, borrow::Cow, fmt};

use threadwork_sync::{Lock, internal::lock::own_lock};

use super::{runnable::Runnable, type_name};

/// A function that takes `Args`, a tuple of up to twelve arguments.
///
/// Every `FnOnce` with up to twelve arguments implements it. You cannot implement it yourself.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::Callable;
///
/// assert_eq!(u32::pow.call((2, 10)), 1024);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be called with the arguments `{Args}`",
    label = "does not take these arguments",
    note = "the arguments are a tuple with one element for each parameter: `()`, `(a,)`, `(a, b)` and so on up to twelve"
)]
pub trait Callable<Args>: sealed::Sealed<Args> {
    /// The return type of the function.
    type Output;

    /// Calls the function.
    fn call(self, args: Args) -> Self::Output;
}

mod sealed {
    #[expect(unnameable_types, reason = "keeps `Callable` closed")]
    pub trait Sealed<Args> {}
}

macro_rules! callable {
    ($($argument:ident $value:ident)*) => {
        impl<Func, Output, $($argument),*> sealed::Sealed<($($argument,)*)> for Func
        where
            Func: FnOnce($($argument),*) -> Output,
        {
        }

        impl<Func, Output, $($argument),*> Callable<($($argument,)*)> for Func
        where
            Func: FnOnce($($argument),*) -> Output,
        {
            type Output = Output;

            fn call(self, ($($value,)*): ($($argument,)*)) -> Output {
                self($($value),*)
            }
        }
    };
}

callable!();
callable!(A a);
callable!(A a B b);
callable!(A a B b C c);
callable!(A a B b C c D d);
callable!(A a B b C c D d E e);
callable!(A a B b C c D d E e F f);
callable!(A a B b C c D d E e F f G g);
callable!(A a B b C c D d E e F f G g H h);
callable!(A a B b C c D d E e F f G g H h I i);
callable!(A a B b C c D d E e F f G g H h I i J j);
callable!(A a B b C c D d E e F f G g H h I i J j K k);
callable!(A a B b C c D d E e F f G g H h I i J j K k L l);

/// A function call that is made once, when it is run, and keeps its result. It is the runnable inside a [`MyThread`](crate::MyThread).
///
/// The function and its arguments are dropped when the call returns or panics.
/// It can be shared between threads if its result can, whatever the function is.
pub struct Call<F, R> {
    progress: Progress<F, R>,
    /// The full type name of the function.
    function: &'static str,
}

enum Progress<F, R> {
    /// Never locked: it makes the call `Sync` although the function need not be, since it is reached exclusively or not at all.
    Waiting(Lock<F>),
    Returned(R),
    /// The call is in progress, it has panicked, or its result was taken.
    Empty,
}

impl<F, R> Call<F, R>
where
    F: FnOnce() -> R,
{
    /// Creates a call of `function`.
    #[must_use]
    pub fn new(function: F) -> Call<F, R> {
        Call::named(function, type_name::<F>())
    }
}

impl<F, R> Call<F, R> {
    /// Creates a call of `function` with the full type name of what the user calls.
    pub(crate) fn named(function: F, name: &'static str) -> Call<F, R> {
        let function = own_lock("the function of a call", function);
        Call { progress: Progress::Waiting(function), function: name }
    }

    /// Takes the function out for the call, unless it was called before.
    pub(super) fn take_function(&mut self) -> Option<F> {
        match std::mem::replace(&mut self.progress, Progress::Empty) {
            Progress::Waiting(function) => Some(function.into_inner()),
            other => {
                self.progress = other;
                None
            }
        }
    }

    /// Stores what the function has returned.
    pub(super) fn returned(&mut self, result: R) {
        self.progress = Progress::Returned(result);
    }

    pub(super) fn function_name(&self) -> Cow<'_, str> {
        Cow::Owned(type_name::short(self.function))
    }

    /// Returns the result of the function, or `None` if it has not returned or the result was taken.
    #[must_use]
    pub fn result(&self) -> Option<&R> {
        match &self.progress {
            Progress::Returned(result) => Some(result),
            _ => None,
        }
    }

    /// Takes the result of the function, or returns `None` if it has not returned or the result was already taken.
    pub fn take_result(&mut self) -> Option<R> {
        match std::mem::replace(&mut self.progress, Progress::Empty) {
            Progress::Returned(result) => Some(result),
            other => {
                self.progress = other;
                None
            }
        }
    }
}

impl<F, R> Runnable for Call<F, R>
where
    F: FnOnce() -> R + Send,
    R: Send,
{
    fn run(&mut self) {
        if let Some(function) = self.take_function() {
            self.returned(function());
        }
    }

    fn name(&self) -> Cow<'_, str> {
        self.function_name()
    }
}

impl<F, R: fmt::Debug> fmt::Debug for Call<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("function", &type_name::short(self.function))
            .field("result", &self.result())
            .finish()
    }
}
