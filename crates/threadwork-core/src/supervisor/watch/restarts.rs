//! The restarts that a supervisor has made lately.

use std::{collections::VecDeque, time::Instant};

use threadwork_sync::internal::clock;

use crate::{
    outcome::Outcome,
    supervisor::{error::GaveUpError, policy::Policy},
};

/// When children were restarted, the latest last.
#[derive(Default)]
pub(super) struct Restarts(VecDeque<Instant>);

impl Restarts {
    /// Counts one more restart, of the child with this name that has ended like this, and returns how many there are in the period.
    pub(super) fn count(
        &mut self,
        name: &str,
        outcome: &Outcome,
        policy: &Policy,
    ) -> Result<usize, GaveUpError> {
        let now = clock::now();
        while self.0.front().is_some_and(|it| now.duration_since(*it) > policy.period) {
            self.0.pop_front();
        }
        if self.0.len() >= policy.max_restarts {
            let is_fault = matches!(outcome, Outcome::Panicked(_) | Outcome::Failed(_));
            return Err(GaveUpError {
                child: name.to_owned(),
                fault: is_fault.then(|| outcome.clone()),
                restarts: policy.max_restarts,
                period: policy.period,
            });
        }
        self.0.push_back(now);
        Ok(self.0.len())
    }
}
