//! One run of a supervisor.

use std::{
    borrow::Cow,
    collections::VecDeque,
    num::NonZeroU64,
    sync::Arc,
    time::{Duration, Instant},
};

use threadwork_sync::{
    Deadline, Lock, Semaphore, StopSource, Wait, WaitError, get_ident,
    internal::{clock, fork::inside, lock::own_lock},
};

use super::{
    child::{Child, Restart},
    policy::{Policy, Strategy},
};
use crate::{
    error::JoinError,
    outcome::{Failure, Outcome},
    panic::reported,
    stop::{current_stop_token, stop_requested},
    tell::events,
    thread::Thread,
    work::{Prototype, Runnable},
};

/// The children of one run of a supervisor.
pub(super) struct Watch<'a> {
    children: &'a [Child],
    policy: &'a Policy,
    news: Arc<News>,
    /// The states of the children, in the same order.
    states: Vec<ChildState>,
    /// When children were restarted, the latest last.
    restarts: VecDeque<Instant>,
}

/// The state of a child.
enum ChildState {
    Runs {
        thread: Thread<Supervised>,
        since: Instant,
        failures: u32,
    },
    /// It is started at this time.
    Waits {
        until: Instant,
        failures: u32,
    },
    /// It is not restarted.
    Done,
}

/// The children that have ended, by their positions and the numbers of their threads.
struct News {
    ended: Lock<VecDeque<(usize, NonZeroU64)>>,
    count: Semaphore,
}

impl News {
    fn push(&self, place: usize, ident: NonZeroU64) {
        let _inside = inside();
        self.ended.acquire().push_back((place, ident));
    }

    fn pop(&self) -> Option<(usize, NonZeroU64)> {
        let _inside = inside();
        self.ended.acquire().pop_front()
    }
}

/// The runnable of a child's thread.
struct Supervised {
    prototype: Box<dyn Prototype>,
    place: usize,
    news: Arc<News>,
}

impl Runnable for Supervised {
    fn try_run(&mut self) -> Result<(), Failure> {
        let _ended = Ended { place: self.place, news: &self.news };
        self.prototype.try_run()
    }

    fn name(&self) -> Cow<'_, str> {
        self.prototype.name()
    }
}

/// Tells the supervisor on drop that the child has ended, even if it panics.
struct Ended<'a> {
    place: usize,
    news: &'a News,
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.news.push(self.place, get_ident());
        let released = self.news.count.release(1);
        debug_assert!(released.is_ok(), "the count of ended children does not overflow");
    }
}

impl<'a> Watch<'a> {
    pub(super) fn new(children: &'a [Child], policy: &'a Policy) -> Watch<'a> {
        let now = clock::now();
        let news = News {
            ended: own_lock("the news of a supervisor", VecDeque::new()),
            count: Semaphore::new(0).named("the news of a supervisor"),
        };
        Watch {
            children,
            policy,
            news: Arc::new(news),
            states: children
                .iter()
                .map(|_| ChildState::Waits { until: now, failures: 0 })
                .collect(),
            restarts: VecDeque::new(),
        }
    }

    /// Runs until the supervisor is stopped or all children are done. An error says why it gives up.
    pub(super) fn run(&mut self) -> Result<(), String> {
        let stop = current_stop_token();
        while !stop_requested() {
            self.start_those_that_are_due()?;
            if self.states.iter().all(|it| matches!(it, ChildState::Done)) {
                break;
            }
            let wait = Wait::until(self.next_start()).or_stop(&stop);
            match self.news.count.acquire_with(&wait) {
                Ok(news) => news.forget(),
                Err(WaitError::Stopped) => break,
                Err(_) => continue,
            }
            let ended = self.news.pop();
            // When all are asked to stop, a child may notice that before the supervisor does. Such an end is not a reason to restart.
            if let Some((place, ident)) = ended
                && !stop_requested()
            {
                self.has_ended(place, ident)?;
            }
        }
        Ok(())
    }

    fn next_start(&self) -> Deadline {
        let starts = self.states.iter().filter_map(|it| match it {
            ChildState::Waits { until, .. } => Some(*until),
            _ => None,
        });
        starts.min().map_or(Deadline::NEVER, Deadline::at)
    }

    fn start_those_that_are_due(&mut self) -> Result<(), String> {
        for place in 0..self.states.len() {
            let now = clock::now();
            if let ChildState::Waits { until, failures } = self.states[place]
                && until <= now
            {
                self.start(place, now, failures)?;
            }
        }
        Ok(())
    }

    fn start(&mut self, place: usize, since: Instant, failures: u32) -> Result<(), String> {
        let Child { name, prototype, .. } = &self.children[place];
        // Each child has a token of its own, so that the children are stopped one after the other.
        let thread =
            Thread::builder().name(name).stop_token(&StopSource::new().token()).build(Supervised {
                prototype: prototype.clone(),
                place,
                news: Arc::clone(&self.news),
            });
        match thread.start() {
            Ok(()) => self.states[place] = ChildState::Runs { thread, since, failures },
            Err(error) => self.start_again(place, failures, &error.to_string())?,
        }
        Ok(())
    }

    fn has_ended(&mut self, place: usize, ident: NonZeroU64) -> Result<(), String> {
        let ChildState::Runs { thread, since, failures } = &self.states[place] else {
            return Ok(());
        };
        // This may be an earlier thread of the child, which was stopped because another child had ended.
        if thread.ident() != Some(ident) {
            return Ok(());
        }
        let failures = if clock::elapsed(*since) > self.policy.period { 0 } else { *failures };
        // The thread is about to end, and its outcome is known after that.
        let _ = thread.join();
        let fault = match thread.outcome() {
            Some(Outcome::Panicked(panic)) => Some(panic.message().to_owned()),
            Some(Outcome::Failed(failure)) => Some(failure.message().to_owned()),
            _ => None,
        };
        match (self.children[place].restart, fault) {
            (Restart::OnPanic | Restart::Always, Some(fault)) => {
                self.start_again(place, failures, &fault)
            }
            (Restart::Always, None) => self.start_again(place, failures, "it has returned"),
            _ => {
                self.states[place] = ChildState::Done;
                Ok(())
            }
        }
    }

    /// Schedules the restart of a child, and of the others if the strategy says so.
    fn start_again(&mut self, place: usize, failures: u32, reason: &str) -> Result<(), String> {
        let policy = self.policy;
        let name = &self.children[place].name;
        let now = clock::now();
        self.states[place] = ChildState::Done;
        while self.restarts.front().is_some_and(|it| now.duration_since(*it) > policy.period) {
            self.restarts.pop_front();
        }
        if self.restarts.len() >= policy.max_restarts {
            return Err(format!(
                "supervisor gives up after {} restarts within {:?}; the last to end was '{name}': {reason}",
                policy.max_restarts, policy.period,
            ));
        }
        self.restarts.push_back(now);
        let delay = policy.delay(failures);
        events::restarted(name, reason, self.restarts.len(), delay);
        let until = now.checked_add(delay).unwrap_or(now + Duration::from_secs(1 << 32));
        let again = || ChildState::Waits { until, failures: failures.saturating_add(1) };
        if policy.strategy == Strategy::OneForAll {
            for other in (0..self.states.len()).rev().filter(|it| *it != place) {
                if !matches!(self.states[other], ChildState::Done) {
                    self.stop(other);
                    let is_once = self.children[other].restart == Restart::Never;
                    self.states[other] = if is_once { ChildState::Done } else { again() };
                }
            }
        }
        self.states[place] = again();
        Ok(())
    }

    /// Stops one child and waits until it has ended.
    fn stop(&self, place: usize) {
        let ChildState::Runs { thread, .. } = &self.states[place] else { return };
        reported("stop callback", || _ = thread.request_stop());
        // How it ends no longer matters.
        if let Err(JoinError::TimedOut) = thread.join_timeout(self.policy.grace) {
            events::slow_to_stop(thread);
            let _ = thread.join();
        }
    }

    /// Stops all children, the last one first.
    pub(super) fn stop_all(&mut self) {
        for place in (0..self.states.len()).rev() {
            self.stop(place);
        }
    }
}
