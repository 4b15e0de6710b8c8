//! What is known of a thread: written by whoever learns it, read by everyone at any time.

use std::{
    num::NonZeroU64,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use threadwork_sync::{
    Lock, LockGuard, StopSource, StopToken, get_native_id,
    internal::{
        door::{Subject, blocked_elsewhere, without_end},
        fork::inside,
        lock::own_lock,
        os::set_thread_name,
    },
};

use super::{
    ending::Ending,
    name::{Name, StartedAs},
    os_thread::OsThread,
    settings::{Given, Origin, Settings},
    state::{StateCell, ThreadState},
    stop::Stop,
};
use crate::{
    group::ThreadGroup,
    panic::{Outcome, Panic},
};

#[cfg(test)]
mod tests;

/// What a thread is, whatever it runs.
pub(crate) struct Life {
    pub(crate) given: Given,
    name: Lock<Name>,
    /// The thread's number; zero until it is started.
    ident: AtomicUsize,
    /// The operating system's number plus one; zero until the thread runs, and where there is none.
    native_id: AtomicUsize,
    state: StateCell,
    stop: Stop,
    pub(crate) ending: Ending,
    /// What joins the operating system's thread. Held while that is started and while somebody joins it.
    pub(crate) os_thread: Lock<Option<OsThread>>,
}

impl Life {
    /// The life of a thread that this library is to start.
    pub(crate) fn new(name: String, settings: Settings) -> Life {
        Life::of(Origin::Here, name, settings)
    }

    /// The life of a thread that was started by others and runs already.
    pub(crate) fn of_running(origin: Origin, name: String, ident: NonZeroU64) -> Life {
        let daemon = origin == Origin::Foreign;
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
            native_id: AtomicUsize::new(0),
            state: StateCell::new(origin == Origin::Main),
            stop: Stop::new(stop_parent),
            ending: Ending::default(),
            os_thread: own_lock("the joining of a thread", None),
        }
    }

    pub(crate) fn state(&self) -> ThreadState {
        self.state.state()
    }

    pub(crate) fn set_state(&self, state: ThreadState) {
        self.state.set_state(state);
    }

    /// The thread is started, if it does not run already.
    pub(crate) fn set_started(&self) {
        self.state.set_started();
    }

    /// The thread is about to be started, in this process and now: from here on its age counts.
    ///
    /// The clock is read by the one who starts it, where that takes a third of the time: there it has been read before.
    pub(crate) fn begins(&self) {
        self.state.begins();
    }

    /// There is no thread after all.
    pub(crate) fn was_refused(&self) {
        self.state.was_refused();
    }

    /// When it was started, if there is or was a thread: a timer that is pending has none.
    pub(crate) fn started_at(&self) -> Option<Instant> {
        self.state.started_at()
    }

    /// It belongs to a process: this one, or where a timer was started, that one.
    pub(crate) fn set_process(&self, process: u32) {
        self.state.set_process(process);
    }

    /// Whether it was started in a process that this one was forked from, and has ended.
    pub(crate) fn is_left_behind(&self) -> bool {
        self.state.is_left_behind()
    }

    /// Whether it is the main thread of this process.
    pub(crate) fn is_main(&self) -> bool {
        self.state.is_main()
    }

    /// In the child of a fork, of the thread that has forked: it goes on as the main one, unless it had ended before; returns whether it does.
    ///
    /// Nobody else has its name locked: the gate is closed.
    pub(crate) fn goes_on(&self) -> bool {
        let goes_on = self.state.goes_on();
        if goes_on {
            self.set_native_id(get_native_id());
            self.group().into_iter().for_each(ThreadGroup::keep_one);
            if self.given.origin == Origin::Foreign {
                self.set_daemon(false);
                let main = || "MainThread".to_owned();
                self.name.try_acquire().iter_mut().for_each(|it| _ = it.set(main()));
            }
        }
        goes_on
    }

    /// The thread has ended: whoever joins it goes on.
    pub(crate) fn end(&self, outcome: Outcome) {
        self.set_state(match outcome {
            Outcome::Finished => ThreadState::Finished,
            Outcome::Stopped => ThreadState::Stopped,
            Outcome::Panicked(panic) => {
                // A thread ends once.
                let _ = self.ending.panic.set(Box::new(panic));
                ThreadState::Panicked
            }
        });
        self.ending.ended.set();
    }

    /// The panic that has ended it.
    pub(crate) fn panic(&self) -> Option<&Panic> {
        self.ending.panic.get()
    }

    /// How it has ended, if it has.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        match self.state() {
            ThreadState::Finished => Some(Outcome::Finished),
            ThreadState::Stopped => Some(Outcome::Stopped),
            ThreadState::Panicked => self.panic().cloned().map(Outcome::Panicked),
            _ => None,
        }
    }

    pub(crate) fn ident(&self) -> Option<NonZeroU64> {
        NonZeroU64::new(self.ident.load(Ordering::Acquire) as u64)
    }

    pub(crate) fn set_ident(&self, ident: Option<NonZeroU64>) {
        let ident = ident.map_or(0, |ident| {
            usize::try_from(ident.get()).expect("numbers of threads fit into a word")
        });
        self.ident.store(ident, Ordering::Release);
    }

    pub(crate) fn native_id(&self) -> Option<u64> {
        self.native_id.load(Ordering::Acquire).checked_sub(1).map(|id| id as u64)
    }

    pub(crate) fn set_native_id(&self, id: Option<u64>) {
        let id = id.and_then(|id| usize::try_from(id).ok()?.checked_add(1)).unwrap_or(0);
        self.native_id.store(id, Ordering::Release);
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

    /// The name, locked. In the child of a fork there may be none of a thread that was about to run or to leave, and has it locked for ever.
    fn own_name(&self) -> Option<LockGuard<'_, Name>> {
        match self.name.try_acquire() {
            None if !self.is_left_behind() => Some(self.name.acquire()),
            name => name,
        }
    }

    /// The name that `std` is to give to the operating system's thread, and whether that will be the right one: for [`arrived`](Self::arrived).
    pub(crate) fn name_to_start_with(&self) -> (String, StartedAs) {
        let name = self.name.acquire();
        // It cuts a long name inside a character.
        (name.text.clone(), StartedAs(name.text.is_ascii().then_some(name.version)))
    }

    /// The operating system's thread runs: from now on it has the name that this one has.
    pub(crate) fn arrived(&self, started_as: StartedAs) {
        let mut name = self.name.acquire();
        name.is_there = true;
        if started_as.0 != Some(name.version) {
            self.show_name(&name);
        }
    }

    /// The operating system's thread is about to go.
    pub(crate) fn leaves(&self) {
        self.name.acquire().is_there = false;
    }

    fn show_name(&self, name: &Name) {
        if let Some(native_id) = self.native_id() {
            set_thread_name(native_id, &name.text);
        }
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

    /// The token whose stop is also its own, if it was given one.
    pub(crate) fn given_stop_token(&self) -> Option<&StopToken> {
        self.stop.given.as_ref()
    }

    pub(crate) fn stop(&self) -> &StopSource {
        self.stop.source(self.group())
    }

    /// Whether a stop was requested, of this thread or of those above.
    pub(crate) fn stop_requested(&self) -> bool {
        self.stop.is_requested(self.group())
    }

    /// Waits until the operating system's thread is gone; returns at the end of the thread where there is none to join.
    pub(crate) fn join_os_thread(&self, subject: &Subject) {
        // The first who comes joins it: that takes one sleep, where `ended` and then the join would take two.
        if let Some(mut os_thread) = self.os_thread.try_acquire()
            && let Some(os_thread) = os_thread.take()
        {
            if self.ending.leaving.is_over() {
                // That takes no longer than to say that somebody waits for it.
                os_thread.join();
            } else {
                let address = std::ptr::from_ref(self).addr();
                blocked_elsewhere(address, subject, || os_thread.join());
            }
            return;
        }
        without_end(|wait| self.ending.ended.wait_as(subject, wait));
        // Somebody else is joining it, or has just finished starting it.
        if let Some(os_thread) = self.os_thread.acquire().take() {
            os_thread.join();
        }
    }
}
