//! How children are started.

use std::sync::Arc;

use threadwork_sync::{
    Deadline, StopSource,
    internal::{clock, panic::catch},
};

use super::{
    member::{Phase, Running, Start},
    watch::Watch,
};
use crate::{
    outcome::{Failure, Outcome},
    panic::{Panic, reported},
    supervisor::{policy::Strategy, work::Supervised},
    tell::events,
    thread::Thread,
};

impl Watch<'_> {
    /// Returns the child that is started next, unless others have to be ready or to end before it.
    pub(super) fn next_start(&self) -> Option<(usize, Start)> {
        let mut may_start_in_order = self.members.iter().all(|it| it.then().is_none());
        let mut next: Option<(usize, Start)> = None;
        for (place, member) in self.members.iter().enumerate() {
            if let Phase::Waits(start) = member.phase
                && (may_start_in_order || !start.is_in_order)
                && let Some(time) = start.until.instant()
                && next.is_none_or(|(_, it)| it.until.instant().is_some_and(|it| time < it))
            {
                next = Some((place, start));
            }
            may_start_in_order &= member.is_up();
        }
        next
    }

    pub(super) fn start(&mut self, place: usize, start: Start) -> Result<(), Failure> {
        let spec = self.members[place].spec.clone();
        let since = clock::now();
        let started = catch(|| {
            let work = Supervised { work: Some(spec.make()), board: Arc::clone(&self.board) };
            // Each child has a token of its own, so that one can be stopped alone.
            let alone = StopSource::new().token();
            let builder = Thread::builder().group(&self.group).name(spec.name());
            let thread = builder.stop_token(&alone).build(work);
            let started = thread.start().map(|()| thread.handle().clone());
            reported("drop of a supervised runnable", || drop(thread));
            started
        });
        let outcome = match started {
            Ok(Ok(thread)) => {
                self.members[place].phase = Phase::Runs(Running {
                    thread,
                    since,
                    failures: start.failures,
                    is_ready: !spec.tells_ready(),
                    returns: false,
                    leave: None,
                });
                return Ok(());
            }
            Ok(Err(error)) => {
                Outcome::Failed(Failure::from(error).of_thread(spec.name().to_owned()))
            }
            Err(payload) => Outcome::Panicked(Panic::caught(spec.name().to_owned(), payload)),
        };
        self.members[place].last_fault = Some(outcome.clone());
        self.start_again(place, start.failures, outcome)
    }

    /// Schedules the restart of a child that has ended like this, and of the others if the strategy says so.
    /// An error says why the supervisor gives up.
    pub(super) fn start_again(
        &mut self,
        place: usize,
        failures: u32,
        outcome: Outcome,
    ) -> Result<(), Failure> {
        let policy = self.policy;
        let member = &mut self.members[place];
        member.phase = Phase::Ended;
        let n_restarts = self.restarts.count(member.spec.name(), &outcome, policy)?;
        let delay = policy.delay(failures);
        let reason = match &outcome {
            Outcome::Panicked(panic) => panic.message(),
            Outcome::Failed(failure) => failure.message(),
            Outcome::Finished | Outcome::Stopped => "it has returned",
        };
        events::restarted(member.spec.name(), reason, n_restarts, delay);
        member.restarts += 1;
        let start = Start {
            until: Deadline::after(delay),
            failures: failures.saturating_add(1),
            is_in_order: policy.strategy != Strategy::OneForOne,
        };
        member.phase = Phase::Waits(start);
        let others = match policy.strategy {
            Strategy::OneForOne => 0..0,
            Strategy::OneForAll => 0..self.members.len(),
            Strategy::RestForOne => place + 1..self.members.len(),
        };
        for other in others.filter(|it| *it != place) {
            self.members[other].start_again_with(start);
        }
        Ok(())
    }
}
