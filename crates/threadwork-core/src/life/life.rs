//! The data about a thread: written by the threads that learn it, read by any thread at any time.

use std::{
    num::NonZeroU64,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use threadwork_sync::{
    Event, Lock, LockGuard, StopSource, StopToken,
    internal::{
        door::{Subject, blocked_elsewhere, without_end},
        fork::inside,
        lock::own_lock,
        os::{set_own_name, set_thread_name},
    },
};

use super::{
    end::End,
    name::{Name, StartedAs},
    os_thread::{Native, OsThread},
    settings::{Given, Origin, Role, Settings},
    state::{StateCell, ThreadState},
    stop::Stop,
};
use crate::{group::ThreadGroup, outcome::Outcome};

#[cfg(test)]
mod tests;

/// The data about a thread, whatever it runs.
pub(crate) struct Life {
    pub(crate) given: Given,
    name: Lock<Name>,
    /// The number of the thread; zero until it is started.
    ident: AtomicUsize,
    pub(crate) native: Native,
    state: StateCell,
    stop: Stop,
    pub(crate) end: End,
    /// The join handle. Locked while the thread is being started and while it is being joined.
    pub(crate) os_thread: Lock<Option<OsThread>>,
}

impl Life {
    /// Creates the life of a thread that this library will start.
    pub(crate) fn new(name: String, settings: Settings) -> Life {
        Life::of(Origin::Here, name, settings)
    }

    /// Creates the life of a thread that already runs and was not started by this library.
    pub(crate) fn of_running(origin: Origin, name: String, ident: NonZeroU64) -> Life {
        let daemon = origin.is_foreign();
        let life = Life::of(origin, name, Settings { daemon, ..Settings::default() });
        life.set_ident(Some(ident));
        life.begins();
        life.set_state(ThreadState::Running);
        life
    }

    fn of(origin: Origin, name: String, settings: Settings) -> Life {
        let (given, stop_parent) = Given::new(origin, settings);
        Life {
            given,
            name: own_lock("the name of a thread", Name::new(name)),
            ident: AtomicUsize::new(0),
            native: Native::default(),
            state: StateCell::new(origin == Origin::Main),
            stop: Stop::new(stop_parent),
            end: End::default(),
            os_thread: own_lock("the joining of a thread", None),
        }
    }

    pub(crate) fn state(&self) -> ThreadState {
        self.state.state()
    }

    pub(crate) fn set_state(&self, state: ThreadState) {
        self.state.set_state(state);
    }

    /// Sets the state to `Started`, unless the thread already runs.
    pub(crate) fn set_started(&self) {
        self.state.set_started();
    }

    /// Sets the process and the start time, just before the thread is started. Its age is counted from here.
    ///
    /// The starter reads the clock, not the new thread: it has read it before, so it takes a third of the time.
    pub(crate) fn begins(&self) {
        self.state.begins();
    }

    /// Clears the start time, because the thread was not started after all.
    pub(crate) fn was_refused(&self) {
        self.state.was_refused();
    }

    /// Returns when the thread was started, or `None` if there is none: it was not started, or it belongs to a pending timer.
    pub(crate) fn started_at(&self) -> Option<Instant> {
        self.state.started_at()
    }

    /// Sets the process that the thread belongs to: this one, or the one in which its timer was started.
    pub(crate) fn set_process(&self, process: u32) {
        self.state.set_process(process);
    }

    /// Returns `true` if the thread was started in a process that this one was forked from. It has ended here.
    pub(crate) fn is_left_behind(&self) -> bool {
        self.state.is_left_behind()
    }

    /// Returns `true` if the thread is one of the library's own.
    pub(crate) fn is_helper(&self) -> bool {
        // One that has forked is the main thread of the child.
        self.given.marks.role == Role::Helper && !self.is_main()
    }

    /// Returns `true` if the thread is the main thread of this process.
    pub(crate) fn is_main(&self) -> bool {
        self.state.is_main()
    }

    /// Makes the forking thread the main thread of the child, unless it has already ended. Returns `true` if it survives.
    ///
    /// No other thread has its name locked, because the gate was closed for the fork.
    pub(crate) fn survive_fork(&self) -> bool {
        let survives = self.state.survive_fork();
        if survives {
            self.native.survive_fork();
            self.group().into_iter().for_each(ThreadGroup::keep_one);
            if self.given.origin.is_foreign() {
                self.set_daemon(false);
                let main = || "MainThread".to_owned();
                self.name.try_acquire().iter_mut().for_each(|it| _ = it.set(main()));
            }
        }
        survives
    }

    /// Stores the outcome of the thread and wakes its joiners.
    pub(crate) fn ends(&self, outcome: Outcome) {
        let state = match outcome {
            Outcome::Finished => ThreadState::Finished,
            Outcome::Stopped => ThreadState::Stopped,
            Outcome::Panicked(_) => ThreadState::Panicked,
            Outcome::Failed(_) => ThreadState::Failed,
        };
        if matches!(state, ThreadState::Panicked | ThreadState::Failed) {
            // A thread ends once, so nothing was set before.
            let _ = self.end.fault.set(Box::new(outcome));
        }
        self.set_state(state);
        self.end.announce();
    }

    /// Returns the outcome, or `None` if the thread has not ended.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        match self.state() {
            ThreadState::Finished => Some(Outcome::Finished),
            ThreadState::Stopped => Some(Outcome::Stopped),
            ThreadState::Panicked | ThreadState::Failed => self.end.fault.get().cloned(),
            _ => None,
        }
    }

    pub(crate) fn ident(&self) -> Option<NonZeroU64> {
        NonZeroU64::new(self.ident.load(Ordering::Acquire) as u64)
    }

    pub(crate) fn set_ident(&self, ident: Option<NonZeroU64>) {
        let ident = ident.map_or(0, |ident| {
            usize::try_from(ident.get()).expect("thread numbers fit into a word")
        });
        self.ident.store(ident, Ordering::Release);
    }

    pub(crate) fn native_id(&self) -> Option<u64> {
        self.native.id()
    }

    pub(crate) fn set_native_id(&self, id: Option<u64>) {
        self.native.set_id(id);
    }

    pub(crate) fn name(&self) -> String {
        let _inside = inside();
        self.own_name().map(|it| it.text.clone()).unwrap_or_default()
    }

    pub(crate) fn set_name(&self, text: String) {
        let _inside = inside();
        let Some(mut name) = self.own_name() else { return };
        let old = name.set(text);
        if name.is_there && !self.is_left_behind() {
            self.show_name(&name);
        }
        drop(name);
        drop(old);
    }

    /// Locks the name. Returns `None` in the child of a fork if the name stays locked for ever: the thread was just starting or leaving
    /// at the fork.
    fn own_name(&self) -> Option<LockGuard<'_, Name>> {
        match self.name.try_acquire() {
            None if !self.is_left_behind() => Some(self.name.acquire()),
            name => name,
        }
    }

    /// Returns the name to start the operating system's thread with, and what to give to [`arrived`](Self::arrived).
    pub(crate) fn name_to_start_with(&self) -> (String, StartedAs) {
        let name = self.name.acquire();
        // With room for the zero that `std` adds.
        let mut text = String::with_capacity(name.text.len() + 1);
        text.push_str(&name.text);
        // `std` cuts a long name inside a character, so a name that is not ASCII is set again on arrival.
        (text, StartedAs(name.text.is_ascii().then_some(name.version)))
    }

    /// Records that the operating system's thread runs. From now on it is given every new name.
    ///
    /// The state is already `Running`. Scenario "the thread that is awaited while it begins" in docs/architecture.md.
    pub(crate) fn arrived(&self, started_as: StartedAs) {
        let mut name = self.name.acquire();
        name.is_there = true;
        if started_as.0 != Some(name.version) {
            set_own_name(&name.text);
        }
        drop(name);
        self.state.tell_running();
    }

    /// Does for those who wait until the thread runs what [`arrived`](Self::arrived) does, if there is no operating system's thread that
    /// arrives: the thread is a timer whose first run begins, or that has ended without one.
    pub(crate) fn will_not_arrive(&self) {
        {
            let _inside = inside();
            drop(self.own_name());
        }
        self.state.tell_running();
    }

    /// Returns the event that is set once the thread runs, or `None` if it already runs or has ended.
    ///
    /// Scenario "the thread that is awaited while it begins" in docs/architecture.md.
    pub(crate) fn to_arrive(&self) -> Option<&Event> {
        let is_ahead = self.state() < ThreadState::Running;
        if is_ahead { self.still_to_arrive(self.state.running()) } else { None }
    }

    /// Looks again, once there is the event.
    fn still_to_arrive<'a>(&self, running: &'a Event) -> Option<&'a Event> {
        let _inside = inside();
        let _name = self.own_name();
        (self.state() < ThreadState::Running).then_some(running)
    }

    /// Records that the operating system's thread is about to end.
    pub(crate) fn leaves(&self) {
        self.name.acquire().is_there = false;
    }

    fn show_name(&self, name: &Name) {
        if let Some(native_id) = self.native_id() {
            set_thread_name(native_id, &name.text);
        }
    }

    /// Returns `true` if the thread is to run in an operating system thread that is used again.
    pub(crate) fn is_recycled(&self) -> bool {
        let of_group = || self.group().is_some_and(ThreadGroup::is_recycled);
        self.given.marks.recycled.unwrap_or_else(of_group)
    }

    pub(crate) fn is_daemon(&self) -> bool {
        self.given.daemon.load(Ordering::Relaxed)
    }

    pub(crate) fn set_daemon(&self, daemon: bool) {
        self.given.daemon.store(daemon, Ordering::Relaxed);
    }

    pub(crate) fn group(&self) -> Option<&ThreadGroup> {
        self.given.group.as_ref()
    }

    /// Returns the token that the thread was given: a stop of the token is also a stop of the thread.
    pub(crate) fn given_stop_token(&self) -> Option<&StopToken> {
        self.stop.given.as_ref()
    }

    pub(crate) fn stop(&self) -> &StopSource {
        self.stop.source(self.group())
    }

    /// Returns `true` if a stop was requested of this thread, its token or its group.
    pub(crate) fn stop_requested(&self) -> bool {
        self.stop.is_requested(self.group())
    }

    /// Blocks until the operating system's thread is gone. If there is no join handle, blocks until the thread has ended.
    pub(crate) fn join_os_thread(&self, subject: &Subject) {
        // The first joiner joins the operating system's thread: that is one sleep, where `ended` and then the join would be two.
        if let Some(mut os_thread) = self.os_thread.try_acquire()
            && let Some(os_thread) = os_thread.take()
        {
            if self.end.leaving.is_over() {
                // The join takes no longer than writing a record of the wait would.
                os_thread.join();
            } else {
                let address = std::ptr::from_ref(self).addr();
                blocked_elsewhere(address, subject, || os_thread.join());
            }
            return;
        }
        without_end(|wait| self.end.ended.wait_as(subject, wait));
        // Another thread is joining it, or has just finished starting it.
        if let Some(os_thread) = self.os_thread.acquire().take() {
            os_thread.join();
        }
    }
}
