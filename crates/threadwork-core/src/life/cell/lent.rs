//! Functions that borrow, on their way to threads that live longer than what they borrow.
#![expect(
    unsafe_code,
    reason = "the compiler cannot see that a function is gone before what it borrows"
)]

use std::{marker::PhantomData, mem, process::abort, sync::Arc};

use threadwork_sync::{
    Event, Lock,
    internal::{lock::own_lock, panic::catch},
};

#[cfg(test)]
mod tests;

/// Calls `f`, which may lend functions to threads that live longer, and returns once none of the functions is left, even if `f` panics.
///
/// Scenario "the job that borrows" in docs/architecture.md.
pub(crate) fn lending<'scope, R>(f: impl FnOnce(&Lender<'scope>) -> R) -> R {
    let lender = Lender { loans: Arc::default(), scope: PhantomData };
    let _closing = Closing(&lender.loans);
    f(&lender)
}

/// Lends functions that borrow for as long as `'scope`. A clone lends for the same call of [`lending`].
pub(crate) struct Lender<'scope> {
    loans: Arc<Loans>,
    /// Neither a longer nor a shorter lifetime will do.
    scope: PhantomData<&'scope mut &'scope ()>,
}

impl Clone for Lender<'_> {
    fn clone(&self) -> Self {
        Lender { loans: Arc::clone(&self.loans), scope: PhantomData }
    }
}

impl<'scope> Lender<'scope> {
    /// Lends a function. It may be called anywhere, by any thread.
    ///
    /// # Panics
    ///
    /// Panics if the call of [`lending`] has returned.
    pub(crate) fn lend<T>(&self, function: impl FnOnce() -> T + Send + 'scope) -> Lent<T> {
        let loan = Loans::begin(&self.loans);
        let function: Box<dyn FnOnce() -> T + Send + 'scope> = Box::new(function);
        // SAFETY: the two types differ in the lifetime alone. `Lent` drops the function, or has called it, before it gives back the loan.
        // While there is a loan, `lending` does not return (`Closing`), and no loan begins after that. `'scope` is a parameter of `lending`,
        // so what the function borrows lives at least that long.
        let function = unsafe {
            mem::transmute::<
                Box<dyn FnOnce() -> T + Send + 'scope>,
                Box<dyn FnOnce() -> T + Send + 'static>,
            >(function)
        };
        Lent { function, loan }
    }
}

/// A function that was lent. The fields are dropped in this order: the loan ends when the function is gone.
pub(crate) struct Lent<T> {
    function: Box<dyn FnOnce() -> T + Send>,
    loan: Loan,
}

impl<T> Lent<T> {
    pub(crate) fn call(self) -> T {
        let Lent { function, loan } = self;
        // The call takes the function and drops what it owns, also if it panics.
        let returned = function();
        drop(loan);
        returned
    }
}

/// The loans of one call of [`lending`].
struct Loans {
    state: Lock<State>,
    /// Set when the last loan ends, for the one that waits for that.
    all_back: Event,
}

struct State {
    n_lent: usize,
    /// No loan begins any more.
    is_closed: bool,
}

impl Default for Loans {
    fn default() -> Loans {
        let state = State { n_lent: 0, is_closed: false };
        let all_back = Event::new().named("the jobs of a scope");
        Loans { state: own_lock("the jobs of a scope", state), all_back }
    }
}

impl Loans {
    fn begin(loans: &Arc<Loans>) -> Loan {
        let mut state = loans.state.acquire();
        assert!(!state.is_closed, "a scope that has ended cannot lend anything");
        state.n_lent += 1;
        drop(state);
        Loan(Arc::clone(loans))
    }

    /// Waits until there is no loan, and prevents further ones.
    fn close(&self) {
        loop {
            let mut state = self.state.acquire();
            if state.n_lent == 0 {
                state.is_closed = true;
                return;
            }
            self.all_back.clear();
            drop(state);
            self.all_back.wait();
        }
    }
}

/// Ends on drop.
struct Loan(Arc<Loans>);

impl Drop for Loan {
    fn drop(&mut self) {
        let mut state = self.0.state.acquire();
        state.n_lent -= 1;
        let was_last = state.n_lent == 0;
        drop(state);
        if was_last {
            self.0.all_back.set();
        }
    }
}

/// Waits for the end of all loans on drop.
struct Closing<'a>(&'a Loans);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        // There is no way on while a function may still use what it borrows.
        if catch(|| self.0.close()).is_err() {
            abort();
        }
    }
}
