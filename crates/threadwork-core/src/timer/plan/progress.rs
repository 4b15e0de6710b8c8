//! The phase of a timer, and what its next thread takes.

use std::{sync::Arc, time::Duration};

use super::work::Work;
use crate::{context::TraceContext, tell::hooks::SpawnCalls, timer::due::Due};

/// The phase of a timer, and what its next thread takes.
pub(in crate::timer) struct Progress {
    pub(in crate::timer) phase: Phase,
    /// The function, until the thread takes it. If the timer ends before that, the thread that ends it drops the function, with nothing
    /// locked.
    pub(in crate::timer) work: Option<Box<dyn Work>>,
    /// What the next thread takes over, if anything.
    pub(in crate::timer) inheritance: Option<Box<TimerInheritance>>,
}

/// The phase of a timer. The thread that moves it out of a phase does what follows from that, so it is done once.
#[derive(Clone, Copy)]
pub(in crate::timer) enum Phase {
    /// Not started.
    New(Duration),
    /// Cancelled before it was started.
    Cancelled,
    /// In the queue, or just taken from it by the service.
    Pending { due: Due, is_waited_for: bool },
    /// It was due. A thread is about to run its function, runs it, or has run it. Only a periodic timer leaves this phase.
    Fired(Due),
    /// Like `Fired`, but no further run follows.
    LastRun,
    /// No run follows.
    Ended,
}

impl Phase {
    /// Returns `true` if the timer is not started, whether or not it was cancelled.
    pub(in crate::timer) fn is_new(self) -> bool {
        matches!(self, Phase::New(_) | Phase::Cancelled)
    }
}

/// What the thread of a timer takes over.
#[derive(Default)]
pub(in crate::timer) struct TimerInheritance {
    /// The tracing context in which the timer was started. All runs use it: if each were below the one before it, none of their spans would
    /// ever be closed.
    pub(in crate::timer) context: Option<Arc<TraceContext>>,
    /// What the spawn hooks of the thread that armed the timer returned.
    pub(in crate::timer) calls: SpawnCalls,
}
