//! The children of one run of a supervisor.

use std::sync::Arc;

use super::{
    member::{Member, Phase, Start},
    restarts::Restarts,
};
use crate::{
    group::ThreadGroup,
    life::ThreadHandle,
    registry::current_thread,
    supervisor::{
        board::{Board, Control},
        policy::{AutoShutdown, Policy},
        spec::ChildSpec,
        work::notify_ready,
    },
};

/// The children of one run of a supervisor. Only the thread of the supervisor knows and changes them; the board shows them to others.
pub(crate) struct Watch<'a> {
    pub(super) policy: &'a Policy,
    pub(super) thread: ThreadHandle,
    pub(super) board: Arc<Board>,
    /// The group of the children.
    pub(super) group: ThreadGroup,
    /// In the order in which they are started.
    pub(super) members: Vec<Member>,
    pub(super) restarts: Restarts,
    /// Whether the end of significant children is the end of the supervisor.
    pub(super) shuts_down: bool,
    told_ready: bool,
}

impl<'a> Watch<'a> {
    /// Begins a run in the current thread.
    pub(crate) fn begin(
        children: &[ChildSpec],
        policy: &'a Policy,
        control: &Control,
    ) -> Watch<'a> {
        let thread = current_thread();
        let member = |spec: &ChildSpec| Member::new(spec.clone(), false, Start::at_once(true));
        let members: Vec<_> = children.iter().map(member).collect();
        let infos: Vec<_> = members.iter().map(Member::info).collect();
        Watch {
            policy,
            board: control.begin(&thread, &infos),
            group: group_of(&thread),
            thread,
            members,
            restarts: Restarts::default(),
            shuts_down: false,
            told_ready: false,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        let all_ended = || self.members.iter().all(|it| matches!(it.phase, Phase::Ended));
        self.shuts_down || self.policy.auto_shutdown == AutoShutdown::AllEnded && all_ended()
    }

    /// Shows the children on the board. The first time that all are ready, tells the supervisor of this one.
    pub(super) fn show(&mut self) {
        if !self.told_ready && self.members.iter().all(Member::is_up) {
            self.told_ready = true;
            notify_ready();
        }
        self.board.show(self.members.iter().map(Member::info).collect());
    }
}

/// Returns a new group for the children of a supervisor: below the group of its thread, with the name of the thread.
fn group_of(thread: &ThreadHandle) -> ThreadGroup {
    let name = thread.name();
    match thread.group() {
        Some(above) => {
            // A thread without a name of its own is called after its group.
            let in_it = name.strip_prefix(above.name()).and_then(|it| it.strip_prefix('/'));
            above.child(in_it.unwrap_or(&name))
        }
        None => ThreadGroup::new(name),
    }
}
