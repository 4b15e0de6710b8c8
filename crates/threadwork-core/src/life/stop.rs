//! The stop requests of a thread.

use once_cell::race::OnceBox;
use threadwork_sync::{StopSource, StopToken, internal::fork::inside};

use crate::group::ThreadGroup;

/// The sources of stop requests for a thread: its own, the token that it was given, and its group.
///
/// Scenario "the stop that spreads" in docs/architecture.md.
pub(super) struct Stop {
    /// Created on first use.
    pub(super) own: OnceBox<StopSource>,
    pub(super) given: Option<StopToken>,
}

impl Stop {
    pub(super) fn new(given: Option<StopToken>) -> Stop {
        Stop { own: OnceBox::new(), given }
    }

    pub(super) fn source(&self, group: Option<&ThreadGroup>) -> &StopSource {
        if let Some(own) = self.own.get() {
            return own;
        }
        let _inside = inside();
        self.own.get_or_init(|| {
            let group = group.map(ThreadGroup::stop_token);
            Box::new(StopSource::child_of_all(self.given.iter().chain(&group)))
        })
    }

    pub(super) fn is_requested(&self, group: Option<&ThreadGroup>) -> bool {
        // The given token and the group are asked, too: the thread's own source is created only on first use.
        self.own.get().is_some_and(StopSource::stop_requested)
            || self.given.as_ref().is_some_and(StopToken::stop_requested)
            || group.is_some_and(ThreadGroup::stop_requested)
    }
}
