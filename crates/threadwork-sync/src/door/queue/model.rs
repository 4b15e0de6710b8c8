//! The queues of models, which loom explores.
//!
//! One loom mutex stands for the locks of all queues. A thread that parks with a deadline may time out at any moment:
//! a model that wants to explore this spawns a thread that calls [`let_time_pass`].

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex as Plain, PoisonError},
    time::Instant,
};

use loom::sync::{Condvar, MutexGuard};

use crate::{
    door::{
        Key,
        queue::terms::{Filter, Found, Parked, Parking, Requeue, Ticket, Token},
    },
    number,
};

loom::lazy_static! {
    static ref QUEUES: loom::sync::Mutex<Queues> = loom::sync::Mutex::new(Queues::default());
}

/// All queues in one list: the threads in order of arrival, each with the key of its queue.
#[derive(Default)]
struct Queues {
    waiters: VecDeque<Arc<Waiter>>,
}

/// A parked thread. Its mutexes are used only while the queues are locked.
struct Waiter {
    ticket: Ticket,
    timed: bool,
    key: Plain<Key>,
    end: Plain<Option<Parked>>,
    ended: Condvar,
}

impl Waiter {
    fn stands_at(&self, key: Key) -> bool {
        *self.key.lock().expect("used by one thread at a time") == key
    }

    fn end(&self, end: Parked) {
        *self.end.lock().expect("used by one thread at a time") = Some(end);
        self.ended.notify_one();
    }
}

impl Queues {
    fn locked() -> MutexGuard<'static, Queues> {
        QUEUES.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, key: Key) -> bool {
        self.waiters.iter().any(|it| it.stands_at(key))
    }

    /// Takes the waiters that `choose` selects out of the queue of `key`. Also returns whether others are left there.
    fn take(
        &mut self,
        key: Key,
        mut choose: impl FnMut(Ticket) -> Filter,
    ) -> (Vec<Arc<Waiter>>, bool) {
        let mut taken = Vec::new();
        let mut stopped = false;
        self.waiters.retain(|it| {
            if stopped || !it.stands_at(key) {
                return true;
            }
            match choose(it.ticket) {
                Filter::Wake => {
                    taken.push(Arc::clone(it));
                    return false;
                }
                Filter::Skip => (),
                Filter::Stop => stopped = true,
            }
            true
        });
        let more = self.has(key);
        (taken, more)
    }
}

pub(crate) fn park(
    parking: &Parking<'_>,
    deadline: Option<Instant>,
    validate: impl FnOnce() -> bool,
    before_sleep: impl FnOnce(),
    timed_out: impl FnOnce(Key, bool),
) -> Parked {
    let ticket = Ticket { thread: number::current_word(), amount: parking.amount };
    let mut queues = Queues::locked();
    if !validate() {
        return Parked::Invalid;
    }
    let waiter = Arc::new(Waiter {
        ticket,
        timed: deadline.is_some(),
        key: Plain::new(parking.key),
        end: Plain::new(None),
        ended: Condvar::new(),
    });
    queues.waiters.push_back(Arc::clone(&waiter));
    drop(queues);
    before_sleep();
    let mut queues = Queues::locked();
    loop {
        let end = waiter.end.lock().expect("used by one thread at a time").take();
        if let Some(end) = end {
            if end == Parked::TimedOut {
                let key = *waiter.key.lock().expect("used by one thread at a time");
                timed_out(key, !queues.has(key));
            }
            return end;
        }
        queues = waiter.ended.wait(queues).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Lets the deadlines of all parked threads pass.
pub fn let_time_pass() {
    let mut queues = Queues::locked();
    queues.waiters.retain(|it| {
        if it.timed {
            it.end(Parked::TimedOut);
        }
        !it.timed
    });
}

/// Returns the number of threads that stand in queues at this moment.
#[must_use]
pub fn n_parked() -> usize {
    Queues::locked().waiters.len()
}

pub(crate) fn unpark_filter(
    key: Key,
    filter: impl FnMut(Ticket) -> Filter,
    token: impl FnOnce(Found) -> Token,
) -> Found {
    let mut queues = Queues::locked();
    let (taken, more) = queues.take(key, filter);
    let found = Found { woken: taken.len(), requeued: 0, more };
    let token = token(found);
    taken.iter().for_each(|it| it.end(Parked::Woken(token)));
    found
}

pub(crate) fn unpark_requeue(
    from: Key,
    to: Key,
    validate: impl FnOnce() -> Requeue,
    token: impl FnOnce(Found) -> Token,
) -> Found {
    let mut queues = Queues::locked();
    let mut left = match validate() {
        Requeue::Nothing => return Found::default(),
        Requeue::MoveAll => usize::MAX,
        Requeue::MoveOne => 1,
    };
    let (moved, more) = queues.take(from, |_| {
        if left == 0 {
            return Filter::Stop;
        }
        left -= 1;
        Filter::Wake
    });
    let found = Found { woken: 0, requeued: moved.len(), more };
    for it in moved {
        *it.key.lock().expect("used by one thread at a time") = to;
        queues.waiters.push_back(it);
    }
    token(found);
    found
}
