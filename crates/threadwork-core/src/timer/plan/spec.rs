//! The settings for the thread of a timer.

use threadwork_sync::StopToken;

use crate::{
    error::{NameError, StackSizeError, StartError},
    group::ThreadGroup,
    life::{Life, Settings, ThreadHandle, next_number},
    registry::current,
    work::type_name,
};

/// The settings for the thread of a timer. It is small, since each pending timer has one.
pub(in crate::timer) struct Spec {
    /// The full name of the function's type.
    function: fn() -> &'static str,
    number: u32,
    daemon: bool,
    stop_parent: Option<StopToken>,
    /// All other settings, if any was given or inherited.
    settings: Option<Box<Settings>>,
}

impl Spec {
    /// Returns the settings of a timer that is made without a builder, if the current thread hands down the daemon flag and nothing else,
    /// like most threads.
    #[inline]
    pub(in crate::timer) fn plain(function: fn() -> &'static str) -> Option<Spec> {
        let daemon = current::with(|maker| {
            let life = maker.life();
            let is_all = life.given_stop_token().is_none() && life.group().is_none();
            is_all.then(|| life.is_daemon())
        });
        let daemon = daemon.flatten()?;
        Some(Spec { function, number: next_number(), daemon, stop_parent: None, settings: None })
    }

    pub(in crate::timer) fn new(mut settings: Settings, function: fn() -> &'static str) -> Spec {
        Spec {
            function,
            number: if settings.name.is_none() { next_number() } else { 0 },
            daemon: settings.daemon,
            stop_parent: settings.stop_parent.take(),
            settings: (!settings.is_plain()).then(|| Box::new(settings)),
        }
    }

    /// Checks that a thread can have this name and this stack size.
    pub(super) fn check(&self) -> Result<(), StartError> {
        if let Some(settings) = &self.settings {
            settings.name.as_deref().map_or(Ok(()), NameError::check)?;
            StackSizeError::check(settings.at_start.stack_size)?;
        }
        Ok(())
    }

    pub(super) fn is_daemon(&self) -> bool {
        self.daemon
    }

    /// Returns `true` if the group was asked to stop, or the token that the timer was given or has inherited.
    pub(super) fn stop_requested(&self) -> bool {
        let group = || self.settings.as_ref().and_then(|it| it.group.as_ref());
        self.stop_parent.as_ref().is_some_and(StopToken::stop_requested)
            || group().is_some_and(ThreadGroup::stop_requested)
    }

    fn settings(&self) -> Settings {
        self.settings.as_deref().cloned().unwrap_or_default()
    }

    /// Creates the life of the timer as a thread.
    pub(super) fn life(&self) -> Life {
        let settings = self.settings();
        let name = settings.name.clone().unwrap_or_else(|| {
            format!("Thread-{} ({})", self.number, type_name::short((self.function)()))
        });
        let (daemon, stop_parent) = (self.daemon, self.stop_parent.clone());
        Life::new(name, Settings { daemon, stop_parent, ..settings })
    }

    /// Creates the life of one run of a repeating timer, below the timer's own life.
    pub(super) fn life_of_run(&self, timer: &ThreadHandle) -> Life {
        let (daemon, stop_parent) = (timer.is_daemon(), Some(timer.stop_token()));
        Life::new(timer.name(), Settings { daemon, stop_parent, ..self.settings() })
    }
}
