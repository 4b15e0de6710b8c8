//! The function of a timer.

use crate::{outcome::Failure, timer::period::Period, work::Ending};

/// The function of a timer.
pub(in crate::timer) trait Work: Send {
    fn run(&mut self) -> Result<(), Failure>;

    /// How the function is repeated, if it is.
    fn period(&self) -> Option<Period>;
}

/// A function that is called once, and is dropped then.
pub(in crate::timer) struct Once<F>(pub(in crate::timer) Option<F>);

impl<F, R> Work for Once<F>
where
    F: FnOnce() -> R + Send,
    R: Ending,
{
    fn run(&mut self) -> Result<(), Failure> {
        self.0.take().map_or(Ok(()), |function| function().into_result())
    }

    fn period(&self) -> Option<Period> {
        None
    }
}

/// A function that is called repeatedly.
pub(in crate::timer) struct Repeated<F> {
    pub(in crate::timer) function: F,
    pub(in crate::timer) period: Period,
}

impl<F, R> Work for Repeated<F>
where
    F: FnMut() -> R + Send,
    R: Ending,
{
    fn run(&mut self) -> Result<(), Failure> {
        (self.function)().into_result()
    }

    fn period(&self) -> Option<Period> {
        Some(self.period)
    }
}
