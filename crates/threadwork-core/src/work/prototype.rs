//! Runnables that can be cloned and started more than once.

use std::borrow::Cow;

use dyn_clone::{DynClone, clone_trait_object};

use super::runnable::Runnable;
use crate::outcome::Failure;

/// A runnable that can be cloned, and so started any number of times: each thread runs its own copy.
///
/// Every [`Runnable`] that is `Clone` implements it. A `Box<dyn Prototype>` can also be cloned, started, and
/// [replicated](crate::Thread::replicate).
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Prototype, Runnable, Thread};
///
/// #[derive(Clone)]
/// struct Job(u32);
/// impl Runnable for Job {
///     fn run(&mut self) {
///         self.0 += 1;
///     }
/// }
///
/// let prototype: Box<dyn Prototype> = Box::new(Job(1));
/// for _ in 0..3 {
///     let thread = Thread::new(prototype.clone());
///     thread.start()?;
///     thread.join()?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be run more than once",
    note = "a `Runnable` that is `Clone` can: each run has a copy of its own",
    note = "for a supervised child that cannot be cloned, use `Supervisor::child_with`, with a closure that makes a new one"
)]
pub trait Prototype: Runnable + DynClone {}

impl<R: Runnable + Clone> Prototype for R {}

clone_trait_object!(Prototype);

impl Runnable for Box<dyn Prototype> {
    fn run(&mut self) {
        (**self).run();
    }

    fn try_run(&mut self) -> Result<(), Failure> {
        (**self).try_run()
    }

    fn name(&self) -> Cow<'_, str> {
        (**self).name()
    }
}
