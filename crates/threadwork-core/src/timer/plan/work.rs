//! The function of a timer.

use crate::{outcome::Failure, timer::period::Period, work::Ending};

/// What a timer does when it is due.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::timer) enum Kind {
    /// It starts a thread that runs its function.
    Once,
    /// It starts a thread that runs its function, and is armed again after that.
    Periodic,
    /// It calls its function in the service: see [`Alarm`](crate::timer::Alarm).
    Alarm,
}

/// The function of a timer.
pub(in crate::timer) trait Work: Send {
    fn run(&mut self) -> Result<(), Failure>;

    /// How the function is repeated, if it is.
    fn period(&self) -> Option<Period>;

    fn kind(&self) -> Kind {
        if self.period().is_some() { Kind::Periodic } else { Kind::Once }
    }
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

/// A function that the service calls once, and that is dropped then.
pub(in crate::timer) struct Ring<F>(pub(in crate::timer) Option<F>);

impl<F: FnOnce() + Send> Work for Ring<F> {
    fn run(&mut self) -> Result<(), Failure> {
        if let Some(function) = self.0.take() {
            function();
        }
        Ok(())
    }

    fn period(&self) -> Option<Period> {
        None
    }

    fn kind(&self) -> Kind {
        Kind::Alarm
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
