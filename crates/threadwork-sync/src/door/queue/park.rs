//! Blocking the current thread in a queue.
#![expect(unsafe_code, reason = "nodes on the stack of the thread are put into queues")]

use std::time::{Duration, Instant};

use crate::{
    door::{
        Key, Subject,
        bucket::{
            lengths::Where,
            node::{Node, Standing},
            sleeper::{self, Sleeper},
            table,
            terms::{Parked, Parking, Token, Until},
        },
        observer::{Asleep, How, tell, to_be_told},
        queue::place::{enter_signal, leave},
    },
    floor::{AtWork, Moment, Spin, changes_soon, happens_at_once, happens_soon, now},
};

#[cfg(all(test, not(threadwork_loom)))]
mod tests;

/// Blocks the current thread in a queue until it is woken, the deadline passes or the stop is requested.
///
/// `validate` runs with the queue locked; if it returns `false`, the thread does not wait. `before_sleep` runs after that,
/// with the queue unlocked and the thread in it; it may wake threads, but must not block. `gave_up` runs with the queue locked, only if
/// the deadline or the stop ended the wait. Its arguments are the queue in which the thread stood, and whether it was the last there.
///
/// Scenario "the notified waiter whose time is up" in docs/architecture.md.
pub(crate) fn park(
    parking: &Parking<'_>,
    until: Until<'_>,
    validate: impl FnOnce() -> bool,
    before_sleep: impl FnOnce(),
    gave_up: impl FnOnce(Key, bool),
) -> Parked {
    #[cfg(test)]
    crate::door::testing::note_visit();
    let at_work = AtWork::begin();
    let sleeper = sleeper::mine();
    let sleeper: &'static Sleeper = &sleeper;
    let node = Node::waiter(parking, sleeper);
    let ending = until.stop.map(|signal| (signal, Node::ending(signal.key(), &node)));
    node.chained.of_same.set(ending.as_ref().map(|(_, ending)| ending.pointer()));
    let last = ending.as_ref().map_or(&node, |(_, ending)| ending);
    let standing = Standing::begin(node.pointer(), last);
    // SAFETY: it leaves before this function returns.
    if ending.as_ref().is_some_and(|(signal, ending)| !unsafe { enter_signal(signal, ending) }) {
        // A borrowed sleeper is given back after this.
        drop(at_work);
        return Parked::Stopped;
    }
    let mut list = table::locked(parking.key);
    // A stop that was requested before the thread is in the queue finds no waiter to take out.
    let kept_out = match until.stop {
        Some(signal) if signal.is_raised() => Some(Parked::Stopped),
        _ => (!validate()).then_some(Parked::Invalid),
    };
    if kept_out.is_none() {
        // SAFETY: the bucket is locked, and the node is new. A waking thread takes it out, or `Sleeping` does.
        unsafe { list.push(&node, parking.overtaken) };
    }
    drop((list, at_work));
    let (parked, slept) = kept_out.map_or_else(
        || {
            before_sleep();
            Sleeping::new(&node, sleeper, parking).until(until.deadline, gave_up)
        },
        |kept_out| (kept_out, None),
    );
    ending.iter().for_each(|(_, ending)| leave_at_work(ending));
    drop(standing);
    if let Some(slept) = slept {
        let how = How { woken: matches!(parked, Parked::Woken(_)), any_of: false };
        slept.end(sleeper, parking.key, parking.subject, how);
    }
    parked
}

/// Returns the spin of a thread that may have to wait in a queue: a short one if its last wait there was long.
///
/// Scenario "the wait that is long each time" in docs/architecture.md.
pub(crate) fn spin_before(subject: &Subject) -> Spin {
    if was_long(subject) { Spin::short() } else { Spin::new() }
}

/// Looks for a while until `has_changed` returns `true`; not if the last wait there was long.
///
/// Scenario "the wait that is long each time" in docs/architecture.md.
pub(crate) fn look_before(subject: &Subject, has_changed: impl Fn() -> bool) {
    if !was_long(subject) {
        changes_soon(has_changed);
    }
}

fn was_long(subject: &Subject) -> bool {
    let at_work = AtWork::begin();
    let sleeper = sleeper::mine();
    let was_long = sleeper.lengths.was_long(Where::of(subject));
    // A borrowed sleeper is given back after this.
    drop(at_work);
    was_long
}

fn leave_at_work(node: &Node) {
    let _at_work = AtWork::begin();
    leave(node);
}

/// A thread that stands in a queue, until it is woken or gives up.
struct Sleeping<'a> {
    node: &'a Node,
    sleeper: &'static Sleeper,
    at: Where,
    /// Whether those who wait for this are woken together.
    wakes_all: bool,
}

impl<'a> Sleeping<'a> {
    fn new(node: &'a Node, sleeper: &'static Sleeper, parking: &Parking<'_>) -> Sleeping<'a> {
        // A thread that is the next in any case looks, however long its turn took to come.
        let at = if parking.overtaken { Where::NOWHERE } else { Where::of(parking.subject) };
        Sleeping { node, sleeper, at, wakes_all: parking.subject.kind.wakes_all() }
    }

    /// Suspends the current thread, whose last wait there was long.
    fn suspend_for_long(&self, deadline: Option<Instant>) -> bool {
        if self.wakes_all && deadline.is_none() {
            self.sleeper.sleep.suspend_shared()
        } else {
            self.sleeper.sleep.suspend(deadline)
        }
    }

    /// Waits. Also returns how the thread slept, if it did.
    fn until(
        &self,
        mut deadline: Option<Instant>,
        gave_up: impl FnOnce(Key, bool),
    ) -> (Parked, Option<Slept>) {
        let Sleeping { node, sleeper, at, .. } = *self;
        let slept = Slept::begin(node.since(), sleeper, at, || node.is_woken());
        let (parked, _at_work, list) = loop {
            match self.node.token() {
                Some(Token::STOPPED) => {
                    let at_work = AtWork::begin();
                    break (Parked::Stopped, at_work, table::locked_of(self.node));
                }
                Some(token) => return (Parked::Woken(token), slept),
                None => (),
            }
            let was_woken = if slept.as_ref().is_some_and(|it| it.was_long) {
                self.suspend_for_long(deadline)
            } else {
                sleeper.sleep.suspend(deadline)
            };
            if !was_woken {
                let at_work = AtWork::begin();
                if let Some(list) = leave(self.node) {
                    break (Parked::TimedOut, at_work, list);
                }
                // A waking thread has taken the node out, and is about to store the token.
                deadline = None;
            }
        };
        let key = self.node.key();
        // SAFETY: the bucket is locked, and the reference is not used.
        gave_up(key, unsafe { list.first(key) }.is_none());
        (parked, slept)
    }
}

/// A sleep that others see.
pub(super) struct Slept {
    asleep: Option<Asleep>,
    since: Instant,
    at: Where,
    /// Whether the last wait there was long.
    was_long: bool,
}

impl Slept {
    /// Begins a sleep, which is shown from now on, unless `is_over` returns `true` before that.
    ///
    /// The thread looks for a while before it sleeps, unless its last wait there was long.
    ///
    /// Scenarios "the flag on the waiter's own stack" and "the wait that is long each time" in docs/architecture.md.
    pub(super) fn begin(
        since: &Moment,
        sleeper: &Sleeper,
        at: Where,
        is_over: impl Fn() -> bool,
    ) -> Option<Slept> {
        let was_long = sleeper.lengths.was_long(at);
        let is_over = if was_long { happens_at_once(is_over) } else { happens_soon(is_over) };
        if is_over {
            sleeper.lengths.note(at, Duration::ZERO, true);
            return None;
        }
        let asleep = Asleep::begin();
        sleeper.ended.set_to_come();
        let begin = now();
        since.set(begin);
        Some(Slept { asleep, since: begin, at, was_long })
    }

    /// Notes the end of the sleep, and tells the observer.
    pub(super) fn end(self, sleeper: &Sleeper, key: Key, subject: &Subject, how: How) {
        let end = now();
        sleeper.ended.set(end);
        let slept = end.saturating_duration_since(self.since);
        sleeper.lengths.note(self.at, slept, how.woken);
        if let Some(asleep) = self.asleep {
            tell(asleep.end(), key, subject, how);
        }
    }
}

/// Runs `block`, which blocks the current thread by other means than a queue, and leaves a record meanwhile.
pub fn blocked_elsewhere<R>(address: usize, subject: &Subject, block: impl FnOnce() -> R) -> R {
    struct Leave<'a>(&'a Node, &'static Sleeper);
    impl Drop for Leave<'_> {
        fn drop(&mut self) {
            leave_at_work(self.0);
            self.1.ended.set(now());
        }
    }

    let told = to_be_told();
    let key = Key::elsewhere(address);
    let at_work = AtWork::begin();
    let sleeper = sleeper::mine();
    let sleeper: &'static Sleeper = &sleeper;
    let node = Node::waiter(&Parking { key, amount: 0, subject, overtaken: false }, sleeper);
    sleeper.ended.set_to_come();
    node.since().set(now());
    let standing = Standing::begin(node.pointer(), &node);
    // SAFETY: the node is new, and leaves at the end of this function.
    unsafe { table::locked(key).push_back(&node) };
    drop(at_work);
    let there = Leave(&node, sleeper);
    let result = block();
    drop(there);
    drop(standing);
    if let Some(told) = told {
        tell(told, key, subject, How { woken: true, any_of: false });
    }
    result
}
