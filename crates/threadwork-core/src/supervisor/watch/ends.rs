//! How children end.

use std::mem;

use threadwork_sync::{Deadline, internal::clock};

use super::{
    member::{Leave, Member, Phase, Running, Then},
    watch::Watch,
};
use crate::{
    outcome::{Failure, Outcome},
    panic::reported,
    stop::stop_requested,
    supervisor::{policy::AutoShutdown, spec::Restart},
    tell::events,
};

impl Watch<'_> {
    /// Returns a child whose thread has ended, and its outcome.
    pub(super) fn next_ended(&self) -> Option<(usize, Outcome)> {
        self.members
            .iter()
            .enumerate()
            .find_map(|(place, it)| Some((place, it.running()?.thread.outcome()?)))
    }

    /// Handles the ends of children.
    pub(super) fn take_leave(&mut self) -> Result<(), Failure> {
        while let Some((place, outcome)) = self.next_ended() {
            // When all are asked to stop, a child may notice that before the supervisor does. Such an end is not a reason to restart.
            if stop_requested() {
                break;
            }
            let (since, failures) = match self.settle(place) {
                Some(Running { leave: None, since, failures, .. }) => (since, failures),
                _ => continue,
            };
            let failures = if clock::elapsed(since) > self.policy.period { 0 } else { failures };
            if self.members[place].spec.restarts_when().is_due_after(&outcome) {
                self.start_again(place, failures, outcome)?;
            } else {
                self.has_ended_for_good(place);
            }
        }
        Ok(())
    }

    /// Ends the run of a child whose thread has ended, and returns what is known of it. If its end was expected, does what was planned.
    pub(super) fn settle(&mut self, place: usize) -> Option<Running> {
        let member = &mut self.members[place];
        let Phase::Runs(running) = mem::replace(&mut member.phase, Phase::Ended) else {
            return None;
        };
        // Its thread-local values are dropped before it is started again.
        let _ = running.thread.join();
        let outcome = running.thread.outcome();
        if let Some(fault @ (Outcome::Panicked(_) | Outcome::Failed(_))) = outcome {
            member.last_fault = Some(fault);
        }
        match running.leave {
            Some(Leave { then: Then::Start(start), .. }) => member.phase = Phase::Waits(start),
            Some(Leave { then: Then::Remove, .. }) => _ = self.members.remove(place),
            _ => (),
        }
        Some(running)
    }

    /// Handles the end of a child that is not restarted.
    fn has_ended_for_good(&mut self, place: usize) {
        let Member { spec, is_added, .. } = &self.members[place];
        let is_significant = spec.is_significant();
        // A list of connections, say, would grow for ever.
        if *is_added && spec.restarts_when() == Restart::Never {
            self.members.remove(place);
        }
        let is_left = |it: &Member| it.spec.is_significant() && !matches!(it.phase, Phase::Ended);
        self.shuts_down |= is_significant
            && match self.policy.auto_shutdown {
                AutoShutdown::AnySignificant => true,
                AutoShutdown::AllSignificant => !self.members.iter().any(is_left),
                AutoShutdown::AllEnded | AutoShutdown::Never => false,
            };
    }

    /// Asks children to stop, all at once or the last one first, and reports those that are slow.
    pub(super) fn ask_to_stop(&mut self) {
        for member in self.members.iter_mut().rev() {
            let grace = member.spec.grace().unwrap_or(self.policy.grace);
            let Some(Running { thread, leave: Some(leave), .. }) = member.running_mut() else {
                continue;
            };
            match leave.slow_at {
                None => {
                    leave.slow_at = Some(Deadline::after(grace));
                    reported("stop callback", || _ = thread.request_stop());
                }
                Some(slow_at) if slow_at.has_passed() => {
                    leave.slow_at = Some(Deadline::NEVER);
                    events::slow_to_stop(thread);
                }
                Some(_) => (),
            }
            if self.policy.stops_in_order {
                break;
            }
        }
    }
}
