//! How far a timer has come.

use std::{sync::Arc, time::Duration};

use super::work::Work;
use crate::{
    tell::{events::Context, hooks::SpawnCalls},
    timer::due::Due,
};

/// How far a timer has come, and what its thread will take.
pub(in crate::timer) struct Progress {
    pub(in crate::timer) phase: Phase,
    /// With the timer until its thread takes it, so that whoever ends the timer drops it, with nothing locked.
    pub(in crate::timer) work: Option<Box<dyn Work>>,
    /// What the next thread takes over, if there is anything.
    pub(in crate::timer) legacy: Option<Box<TimerLegacy>>,
}

/// How far a timer has come. Whoever moves it on from one of these does what follows from it: so it is done once.
#[derive(Clone, Copy)]
pub(in crate::timer) enum Phase {
    /// Not started.
    New(Duration),
    /// Cancelled before it was started.
    Cancelled,
    /// In the queue, or taken from it by the service a moment ago.
    Pending { due: Due, is_waited_for: bool },
    /// It was due. A thread runs its function, is about to, or has; only a periodic timer goes on from here.
    Fired(Due),
    /// As before, and no run shall follow.
    LastRun,
    /// There is nothing to come.
    Ended,
}

impl Phase {
    /// Whether it is not started, be it cancelled or not.
    pub(in crate::timer) fn is_new(self) -> bool {
        matches!(self, Phase::New(_) | Phase::Cancelled)
    }
}

/// What the thread of a timer takes over.
#[derive(Default)]
pub(in crate::timer) struct TimerLegacy {
    /// What there was where the timer was started, for all its runs: if each was below the one before it, none of their spans would ever be closed.
    pub(in crate::timer) context: Option<Arc<Context>>,
    /// What the spawn hooks of the thread that has armed it have returned.
    pub(in crate::timer) calls: SpawnCalls,
}
