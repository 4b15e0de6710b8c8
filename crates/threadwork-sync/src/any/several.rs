//! Several objects that are waited for until each of them was ready once.

use std::{collections::VecDeque, fmt, mem};

use crate::{
    any::target::Target,
    door::{LastingWatch, Watched},
    error::WaitError,
    wait::Wait,
};

/// Several objects, which are returned one after the other, each when it is ready.
///
/// An object is found ready once, and need not stay so. The time for all of them grows with their number, not with its square: the owner
/// stands in all queues from the beginning, and is told of those that are woken.
///
/// Scenario "the watch that lasts" in docs/architecture.md.
pub struct Several<'a> {
    targets: Box<[Target<'a>]>,
    watch: LastingWatch,
    /// The indices of those that were found ready and were not returned yet, in order.
    ready: VecDeque<usize>,
    /// The indices of those that were told of a wake-up, the latest first. Empty between two calls.
    told: Vec<usize>,
    /// How many were not returned yet.
    left: usize,
}

impl<'a> Several<'a> {
    /// Begins to wait for all targets. Those that are ready already come first, in their own order.
    #[must_use]
    pub fn new(targets: impl IntoIterator<Item = Target<'a>>) -> Several<'a> {
        let targets: Box<[_]> = targets.into_iter().collect();
        let left = targets.len();
        let watch = LastingWatch::new(targets.iter().map(Target::parking));
        let (ready, told) = (VecDeque::with_capacity(left), Vec::with_capacity(left));
        let mut several = Several { targets, watch, ready, told, left };
        (0..left).for_each(|at| several.begin(at));
        several
    }

    /// Begins to wait for one target, in whose queue the watch does not stand.
    fn begin(&mut self, at: usize) {
        let target = &self.targets[at];
        while !target.is_ready() {
            target.announce();
            if self.watch.enter(at, || target.is_awaited()) {
                return;
            }
        }
        self.ready.push_back(at);
    }

    /// Returns how many were not returned yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.left
    }

    /// Returns `true` if all were returned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// Returns the index of the next one that is ready, if there is one at this moment.
    pub fn try_next(&mut self) -> Option<usize> {
        if self.ready.is_empty() {
            let told = &mut self.told;
            self.watch.take(|at| told.push(at));
            self.look_at_told();
        }
        let next = self.ready.pop_front()?;
        self.left -= 1;
        Some(next)
    }

    /// Looks at those that were told of a wake-up. One that is not ready waits again.
    fn look_at_told(&mut self) {
        let mut told = mem::take(&mut self.told);
        for at in told.drain(..).rev() {
            let target = &self.targets[at];
            if !self.watch.stays(at, || target.is_awaited()) {
                self.begin(at);
            }
        }
        self.told = told;
    }

    /// Returns the index of the next one that is ready, and blocks the current thread until there is one or `wait` ends. `None` if all were
    /// returned.
    ///
    /// # Errors
    ///
    /// Returns what ended the wait.
    pub fn next(&mut self, wait: &Wait) -> Result<Option<usize>, WaitError> {
        loop {
            let next = self.try_next();
            if next.is_some() || self.left == 0 {
                return Ok(next);
            }
            // Scenario "the wait whose time is up before it begins" in docs/architecture.md.
            wait.check_time()?;
            let told = &mut self.told;
            let watched = self.watch.wait(wait.limits(), |at| told.push(at));
            self.look_at_told();
            let error = match watched {
                Watched::Look => continue,
                Watched::TimedOut => WaitError::TimedOut,
                Watched::Stopped => WaitError::Stopped,
            };
            // If one of them is ready, the wait succeeds, even if it was also stopped or timed out.
            return self.try_next().map(Some).ok_or(error);
        }
    }
}

impl fmt::Debug for Several<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Several").field("left", &self.left).finish_non_exhaustive()
    }
}
