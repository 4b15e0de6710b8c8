//! The function of a timer.

use crate::timer::period::Period;

/// The function of a timer.
pub(in crate::timer) trait Work: Send {
    fn run(&mut self);

    /// How the function is repeated, if it is.
    fn period(&self) -> Option<Period>;
}

/// A function that is called once, and is dropped then.
pub(in crate::timer) struct Once<F>(pub(in crate::timer) Option<F>);

impl<F, R> Work for Once<F>
where
    F: FnOnce() -> R + Send,
{
    fn run(&mut self) {
        if let Some(function) = self.0.take() {
            function();
        }
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

impl<F: FnMut() + Send> Work for Repeated<F> {
    fn run(&mut self) {
        (self.function)();
    }

    fn period(&self) -> Option<Period> {
        Some(self.period)
    }
}
