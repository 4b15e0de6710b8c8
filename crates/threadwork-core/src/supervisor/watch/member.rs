//! A child in one run of a supervisor, as the supervisor knows it.

use std::time::Instant;

use threadwork_sync::{Deadline, internal::clock};

use crate::{
    life::ThreadHandle,
    outcome::Outcome,
    supervisor::{
        info::{ChildInfo, ChildState},
        spec::{ChildSpec, Restart},
    },
};

pub(super) struct Member {
    pub(super) spec: ChildSpec,
    /// Whether it was added by a handle.
    pub(super) is_added: bool,
    pub(super) phase: Phase,
    pub(super) restarts: u64,
    pub(super) last_fault: Option<Outcome>,
}

pub(super) enum Phase {
    Waits(Start),
    Runs(Running),
    /// It is not restarted.
    Ended,
}

/// When a child is started.
#[derive(Clone, Copy)]
pub(super) struct Start {
    pub(super) until: Deadline,
    /// How often it has ended before, in a row.
    pub(super) failures: u32,
    /// Whether those before it must be ready, and those that are stopped must have ended.
    pub(super) is_in_order: bool,
}

/// A child that runs.
pub(super) struct Running {
    pub(super) thread: ThreadHandle,
    pub(super) since: Instant,
    pub(super) failures: u32,
    pub(super) is_ready: bool,
    /// Whether its work is done, and its thread is about to end.
    pub(super) returns: bool,
    /// Why its end is expected; `None` if it is not.
    pub(super) leave: Option<Leave>,
}

/// A stop of a child.
#[derive(Clone, Copy)]
pub(super) struct Leave {
    pub(super) then: Then,
    /// When it is reported as slow; `None` if it was not asked to stop yet.
    pub(super) slow_at: Option<Deadline>,
}

/// What becomes of a child that was stopped.
#[derive(Clone, Copy)]
pub(super) enum Then {
    Start(Start),
    End,
    Remove,
}

impl Start {
    pub(super) fn at_once(is_in_order: bool) -> Start {
        Start { until: Deadline::at(clock::now()), failures: 0, is_in_order }
    }
}

impl Member {
    pub(super) fn new(spec: ChildSpec, is_added: bool, start: Start) -> Member {
        let phase = Phase::Waits(start);
        Member { spec, is_added, phase, restarts: 0, last_fault: None }
    }

    pub(super) fn running(&self) -> Option<&Running> {
        match &self.phase {
            Phase::Runs(running) => Some(running),
            _ => None,
        }
    }

    pub(super) fn running_mut(&mut self) -> Option<&mut Running> {
        match &mut self.phase {
            Phase::Runs(running) => Some(running),
            _ => None,
        }
    }

    pub(super) fn then(&self) -> Option<Then> {
        self.running()?.leave.map(|it| it.then)
    }

    pub(super) fn is_removed(&self) -> bool {
        matches!(self.then(), Some(Then::Remove))
    }

    /// Whether the children after it need not wait for it.
    pub(super) fn is_up(&self) -> bool {
        match &self.phase {
            Phase::Waits(_) => false,
            Phase::Runs(running) => running.is_ready,
            Phase::Ended => true,
        }
    }

    /// Stops the child, if it runs, and then does this with it. What is removed stays so.
    pub(super) fn leave(&mut self, then: Then) {
        match (&mut self.phase, then) {
            (Phase::Runs(running), _) => {
                let before = running.leave.map(|it| it.then);
                let then = if let Some(Then::Remove) = before { Then::Remove } else { then };
                let slow_at = running.leave.and_then(|it| it.slow_at);
                running.leave = Some(Leave { then, slow_at });
            }
            (phase, Then::Start(start)) => *phase = Phase::Waits(start),
            (phase, Then::End | Then::Remove) => *phase = Phase::Ended,
        }
    }

    /// Restarts the child with another one. One that is stopped anyway, or has ended, or is never restarted is not.
    pub(super) fn start_again_with(&mut self, other: Start) {
        let failures = match &self.phase {
            Phase::Waits(start) => start.failures,
            Phase::Runs(Running { leave: None, failures, .. }) => *failures,
            _ => return,
        };
        let is_once = self.spec.restarts_when() == Restart::Never;
        self.leave(if is_once { Then::End } else { Then::Start(Start { failures, ..other }) });
    }

    pub(super) fn info(&self) -> ChildInfo {
        let state = match &self.phase {
            Phase::Waits(_) => ChildState::Waiting,
            Phase::Runs(Running { leave: Some(_), .. }) => ChildState::Stopping,
            Phase::Runs(Running { is_ready: false, .. }) => ChildState::Starting,
            Phase::Runs(_) => ChildState::Running,
            Phase::Ended => ChildState::Ended,
        };
        ChildInfo {
            spec: self.spec.clone(),
            state,
            thread: self.running().map(|it| it.thread.clone()),
            restarts: self.restarts,
            last_fault: self.last_fault.clone(),
            is_removed: self.is_removed(),
        }
    }
}
