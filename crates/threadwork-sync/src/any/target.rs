//! What a thread waits for beside others: an object, and when it counts as ready.

use std::{panic::Location, time::Instant};

use crate::{
    barrier::Barrier,
    door::{Key, Parking, Subject, WaitKind},
    event::Event,
    latch::Latch,
    queue::Ready,
    semaphore::Semaphore,
    wait::StopToken,
};

/// An object that is waited for beside others, as it was when the wait began.
#[derive(Debug)]
pub struct Target<'a> {
    aim: Aim<'a>,
    subject: Subject,
    /// Whether it is ready, where that does not depend on the object.
    answer: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
enum Aim<'a> {
    /// With the count at the beginning.
    Event(&'a Event, usize),
    Latch(&'a Latch),
    Semaphore(&'a Semaphore),
    /// With the round at the beginning.
    Barrier(&'a Barrier, usize),
    Stop(&'a StopToken),
    Queue(&'a dyn Ready),
}

impl<'a> Target<'a> {
    fn new(aim: Aim<'a>, subject: Subject) -> Target<'a> {
        Target { aim, subject, answer: None }
    }

    pub(super) fn of_event(it: &'a Event, location: &'static Location<'static>) -> Target<'a> {
        Target::event(it, Subject::of(WaitKind::Event, it.name(), location))
    }

    pub(super) fn of_latch(it: &'a Latch, location: &'static Location<'static>) -> Target<'a> {
        Target::new(Aim::Latch(it), Subject::of(WaitKind::Latch, it.name(), location))
    }

    pub(super) fn of_semaphore(
        it: &'a Semaphore,
        location: &'static Location<'static>,
    ) -> Target<'a> {
        Target::new(Aim::Semaphore(it), Subject::of(WaitKind::Semaphore, it.name(), location))
    }

    pub(super) fn of_barrier(it: &'a Barrier, location: &'static Location<'static>) -> Target<'a> {
        let subject = Subject::of(WaitKind::Barrier, it.name(), location);
        Target::new(Aim::Barrier(it, it.round()), subject)
    }

    pub(super) fn of_stop(it: &'a StopToken, location: &'static Location<'static>) -> Target<'a> {
        Target::new(Aim::Stop(it), Subject::of(WaitKind::Stop, None, location))
    }

    pub(super) fn of_queue(
        it: &'a dyn Ready,
        name: Option<&'static str>,
        location: &'static Location<'static>,
    ) -> Target<'a> {
        Target::new(Aim::Queue(it), Subject::of(WaitKind::QueueGet, name, location))
    }

    /// Creates the target of an object that is ready once `event` is set.
    #[must_use]
    pub fn event(event: &'a Event, subject: Subject) -> Target<'a> {
        Target::new(Aim::Event(event, event.count()), subject)
    }

    /// Returns the same target, which always or never counts as ready.
    #[must_use]
    pub fn answering(self, is_ready: bool) -> Target<'a> {
        Target { answer: Some(is_ready), ..self }
    }

    /// Returns `true` if the object is ready. Nothing is locked.
    pub(super) fn is_ready(&self) -> bool {
        self.answer.unwrap_or_else(|| match self.aim {
            Aim::Event(it, count) => it.has_happened(count),
            Aim::Latch(it) => it.try_wait(),
            Aim::Semaphore(it) => it.has_permit(),
            Aim::Barrier(it, round) => it.has_ended(round),
            Aim::Stop(it) => it.stop_requested(),
            Aim::Queue(it) => it.is_ready(),
        })
    }

    /// Makes the thread that makes the object ready visit the queue.
    pub(super) fn announce(&self) {
        match self.aim {
            _ if self.answer.is_some() => (),
            Aim::Event(it, _) => it.announce(),
            Aim::Latch(it) => it.announce(),
            Aim::Semaphore(it) => it.announce(),
            Aim::Queue(it) => it.announce(),
            // Such a thread always visits the queue, or is told in `is_awaited` to do so.
            Aim::Barrier(..) | Aim::Stop(_) => (),
        }
    }

    /// Returns `true` if the object is not ready, and the thread that makes it ready will visit the queue, which is locked.
    pub(super) fn is_awaited(&self) -> bool {
        self.answer.map_or_else(
            || match self.aim {
                Aim::Event(it, count) => it.is_awaited(count),
                Aim::Latch(it) => !it.try_wait(),
                Aim::Semaphore(it) => it.is_awaited(),
                Aim::Barrier(it, round) => !it.is_past(round),
                Aim::Stop(it) => !it.signal().be_watched(),
                Aim::Queue(it) => it.is_awaited(),
            },
            |is_ready| !is_ready,
        )
    }

    /// Returns when the object is ready by itself, if it will be: nobody wakes those who watch it then.
    pub(super) fn next_due(&self) -> Option<Instant> {
        match self.aim {
            Aim::Queue(it) => it.next_due(),
            _ => None,
        }
    }

    /// Returns the place in which a thread waits for the object.
    pub(super) fn parking(&self) -> Parking<'_> {
        Parking { key: self.key(), amount: 0, subject: &self.subject, overtaken: false }
    }

    fn key(&self) -> Key {
        match self.aim {
            Aim::Event(it, _) => it.key(),
            Aim::Latch(it) => it.key(),
            Aim::Semaphore(it) => it.key(),
            Aim::Barrier(it, _) => it.key(),
            Aim::Stop(it) => it.signal().key(),
            Aim::Queue(it) => it.key(),
        }
    }
}
