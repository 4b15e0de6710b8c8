//! The one way in which threads wait at a queue.

use std::{panic::Location, time::Instant};

use crate::{
    door::{self, Holder, Key, Parking, Subject, Token, WaitKind},
    error::WaitError,
    floor,
    queue::{
        engine::{
            held::Held,
            parts::{End, Engine, State},
            take::Take,
        },
        error::{GetError, PutError},
        store::Store,
    },
    wait::{Deadline, Wait},
};

impl<S> Engine<S> {
    /// What a wait at this end is for.
    pub(in crate::queue) fn subject(
        &self,
        end: End,
        location: &'static Location<'static>,
    ) -> Subject {
        let (kind, limit) = match end {
            End::Items => (WaitKind::QueueGet, self.limit),
            End::Room => (WaitKind::QueuePut, self.limit),
        };
        Subject { kind, name: self.name(), holder: Holder::QueueOf(limit), location }
    }

    /// What a wait for the end of all tasks is for.
    pub(in crate::queue) fn subject_of_tasks(
        &self,
        location: &'static Location<'static>,
    ) -> Subject {
        Subject::of(WaitKind::QueueJoin, self.name(), location)
    }

    pub(in crate::queue) fn key(&self, end: End) -> Key {
        self.line(end).key()
    }

    /// Says that somebody has left the line. The bucket is locked.
    pub(in crate::queue) fn has_left(&self, end: End, was_last: bool) {
        self.line(end).has_left(was_last);
    }
}

impl<S: Store> Engine<S> {
    /// Says that somebody is about to wait at this end. Returns `false` if there is something to take, or a reason not to wait.
    pub(in crate::queue) fn announce(&self, end: End) -> bool {
        let state = self.state.acquire();
        let waits = !self.has_something(end, &state);
        if waits {
            self.line(end).announce();
        }
        waits
    }

    /// Returns `true` if there is something to take at this end, or a reason not to wait.
    pub(in crate::queue) fn is_ready(&self, end: End) -> bool {
        self.has_something(end, &self.state.acquire())
    }

    fn has_something(&self, end: End, state: &State<S>) -> bool {
        let is_due = || state.store.next_due().is_some_and(floor::is_past);
        let line = self.line(end);
        line.is_closed() || line.there() > 0 && (!S::IS_TIMED || end == End::Room || is_due())
    }

    /// Returns when the next item is ready. Only for a timed store.
    pub(in crate::queue) fn next_due(&self) -> Option<Instant> {
        if S::IS_TIMED { self.state.acquire().store.next_due() } else { None }
    }

    /// Wakes whoever can go on.
    pub(in crate::queue) fn pass_on(&self) {
        drop(Held::new(self));
    }

    /// Returns `true` if whoever has announced itself has to wait. The bucket is locked.
    pub(in crate::queue) fn must_wait(&self, end: End) -> bool {
        let line = self.line(end);
        line.is_announced() && (S::IS_TIMED || line.there() == 0)
    }

    #[cold]
    pub(super) fn put_slow(
        &self,
        item: S::Item,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<(), PutError<S::Item>> {
        let mut item = Some(item);
        let ended = self.wait_at(End::Room, wait, location, &mut |held| {
            let is_shut = held.put(&mut item);
            (is_shut || item.is_none()).then_some(())
        });
        match (item, ended) {
            (None, _) => Ok(()),
            (Some(item), Ok(())) => Err(PutError::ShutDown(item)),
            (Some(item), Err(error)) => Err(PutError::ended(error, item)),
        }
    }

    #[cold]
    pub(super) fn get_slow<T: Take<S>>(
        &self,
        take: T,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<T::Taken, GetError> {
        self.wait_at(End::Items, wait, location, &mut |held| held.get(take))?
    }

    pub(in crate::queue) fn join(
        &self,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<(), WaitError> {
        match self.times_unless_done() {
            None => Ok(()),
            Some(times) => self.tasks.wait(times, &self.subject_of_tasks(location), wait),
        }
    }

    /// Waits at this end until `attempt` succeeds.
    fn wait_at<R>(
        &self,
        end: End,
        wait: &Wait,
        location: &'static Location<'static>,
        attempt: &mut dyn FnMut(&mut Held<'_, S>) -> Option<R>,
    ) -> Result<R, WaitError> {
        let (line, subject) = (self.line(end), self.subject(end, location));
        let mut parking =
            Parking { key: line.key(), amount: 0, subject: &subject, overtaken: false };
        let (mut told, mut lookout) = (None, None);
        loop {
            // Scenario "the ends that work in bursts" in docs/architecture.md. What is kept back for the thread is there already.
            if told != Some(Token::HANDED_OVER) && wait.check_time().is_ok() {
                door::look_before(&subject, || !line.has_nothing());
            }
            let mut held = Held::at(self, end);
            held.end_lookout(lookout.take());
            if told.is_some() {
                line.land();
            }
            if told == Some(Token::HANDED_OVER) {
                held.give_free(end);
            }
            if let Some(got) = attempt(&mut held) {
                return Ok(got);
            }
            // Scenario "the wait whose time is up before it begins" in docs/architecture.md.
            wait.check_time()?;
            line.announce();
            lookout = held.begin_lookout(end);
            drop(held);
            let ended = match lookout {
                None => self.park(end, wait, &parking),
                Some(due) => self.park_until(due, end, wait, &parking),
            };
            told = match ended {
                Ok(told) => told,
                Err(error) => {
                    if lookout.is_some() {
                        // Somebody else has to look for the next item now.
                        Held::new(self).end_lookout(lookout);
                    }
                    return Err(error);
                }
            };
            parking.overtaken |= told.is_some();
        }
    }

    /// Stands in the line once.
    fn park(
        &self,
        end: End,
        wait: &Wait,
        parking: &Parking<'_>,
    ) -> Result<Option<Token>, WaitError> {
        let left = |_, was_last| self.has_left(end, was_last);
        wait.park_and(parking, || self.must_wait(end), || (), left)
    }

    /// Stands in the line once, until `due` at most, when the next item is ready.
    fn park_until(
        &self,
        due: Instant,
        end: End,
        wait: &Wait,
        parking: &Parking<'_>,
    ) -> Result<Option<Token>, WaitError> {
        let is_first = wait.deadline().instant().is_none_or(|deadline| due < deadline);
        if !is_first {
            return self.park(end, wait, parking);
        }
        let until = Wait::until(Deadline::at(due));
        let until = wait.stop_token().into_iter().fold(until, Wait::or_stop);
        match self.park(end, &until, parking) {
            Err(WaitError::TimedOut) => Ok(None),
            ended => ended,
        }
    }
}
