//! Jobs of executors in a scope.

use std::{marker::PhantomData, sync::Arc};

use threadwork_sync::internal::panic::catch;

use super::{
    handle::Scope,
    returned::Returned,
    scoped_task::ScopedTask,
    work::{Job, Member, Work},
};
use crate::{executor::Executor, outcome::Failure};

/// # Jobs that borrow
impl<'scope> Scope<'scope, '_> {
    /// Submits a function that borrows to an executor, which may live longer than the scope. The scope waits for the job before it ends: until the
    /// function has returned, or was dropped because the job was [cancelled](ScopedTask::cancel) or refused.
    ///
    /// A panic of the job is one of the scope, as that of a thread, and so is a job that the executor refuses. When the scope is asked to stop, its
    /// jobs that have not begun are cancelled, and the others are asked to stop.
    ///
    /// A job that opens a scope, submits jobs to its own executor and waits for them takes a worker meanwhile: if all workers do so, they wait for
    /// ever.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Executor, ScopeBuilder};
    ///
    /// let executor = Executor::new(2);
    /// let mut words = vec![String::from("one"), String::from("two")];
    /// threadwork::scope(|scope| {
    ///     for word in &mut words {
    ///         drop(scope.submit(&executor, || word.push('!')));
    ///     }
    /// });
    /// assert_eq!(words, ["one!", "two!"]);
    ///
    /// let lengths = ScopeBuilder::new()
    ///     .run_all(|scope| Ok(words.iter().map(|word| scope.submit(&executor, || word.len())).collect()))?;
    /// assert_eq!(lengths, [4, 4]);
    /// # Ok::<(), threadwork::ScopeError>(())
    /// ```
    #[track_caller]
    pub fn submit<F, R>(&self, executor: &Executor, f: F) -> ScopedTask<'scope, R>
    where
        F: FnOnce() -> R + Send + 'scope,
        R: Send + 'scope,
    {
        self.submit_fallible(executor, || Ok(f()))
    }

    /// Submits a function that borrows and can fail. See [`submit`](Self::submit) and
    /// [`Executor::submit_fallible`](crate::Executor::submit_fallible).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Executor, ScopeBuilder, ScopeError};
    ///
    /// let (executor, text) = (Executor::new(2), String::from("7 eight"));
    /// let numbers = ScopeBuilder::new().stop_on_failure().run_all(|scope| {
    ///     let parse = |word: &'_ str| word.parse::<u32>();
    ///     Ok(text.split(' ').map(|word| scope.submit_fallible(&executor, move || Ok(parse(word)?))).collect())
    /// });
    /// assert!(matches!(numbers, Err(ScopeError::Failed(_))));
    /// ```
    #[track_caller]
    pub fn submit_fallible<F, R>(&self, executor: &Executor, f: F) -> ScopedTask<'scope, R>
    where
        F: FnOnce() -> Result<R, Failure> + Send + 'scope,
        R: Send + 'scope,
    {
        let (returned, job) = (Returned::new(), Arc::new(Job::default()));
        let (result, notes) = (returned.place(), Arc::clone(returned.notes()));
        let (state, its_job) = (Arc::clone(&self.state), Arc::clone(&job));
        let lent = self.lender.lend(move || {
            let ran = catch(move || {
                let returned = f()?;
                let _old = result.acquire().replace(returned);
                // If the `ScopedTask` is gone, the result is dropped here.
                drop(result);
                Ok(())
            });
            state.has_run(&ran, &notes, || Work::Job(its_job));
            ran.unwrap_or_else(|payload| payload.resume())
        });
        job.is_submitted(executor.submit_fallible(move || lent.call()));
        let work = Work::Job(job);
        let notes = Arc::clone(returned.notes());
        self.state.add_job(Member { work: work.clone(), notes });
        ScopedTask { work, returned, state: Arc::clone(&self.state), scope: PhantomData }
    }
}
