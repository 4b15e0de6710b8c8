//! What a timer does when it is due.

use super::period::Period;

/// The function of a timer.
pub(crate) trait Work: Send {
    fn run(&mut self);

    /// How it is repeated, if it is.
    fn period(&self) -> Option<Period>;
}

/// A function that is called once, and is gone then.
pub(crate) struct Once<F>(pub(crate) Option<F>);

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

/// A function that is called again and again.
pub(crate) struct Repeated<F> {
    pub(crate) function: F,
    pub(crate) period: Period,
}

impl<F: FnMut() + Send> Work for Repeated<F> {
    fn run(&mut self) {
        (self.function)();
    }

    fn period(&self) -> Option<Period> {
        Some(self.period)
    }
}
