//! What waiters and waking threads tell each other.

use std::time::Instant;

use crate::door::{Key, Signal, Subject};

/// A node of a queue, as threads that search the queue see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// The word that names the thread.
    pub(crate) thread: usize,
    /// What the thread wants; the meaning is defined by the object.
    pub(crate) amount: usize,
    pub(crate) sort: Sort,
    /// A waiter has not fallen asleep yet.
    pub(crate) is_awake: bool,
}

/// How a node takes part in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A thread that waits for its turn. A wake-up takes the node out of the queue.
    Waiter,
    /// A task that waits for its turn. A wake-up tells the task, which then tries: it is handed nothing, and keeps its place until it
    /// succeeds or gives up.
    Task,
    /// A thread that watches the object beside others. A wake-up tells it, and it takes nothing.
    Watcher,
}

/// The queue in which a thread waits, and what it waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parking<'a> {
    pub(crate) key: Key,
    pub(crate) amount: usize,
    pub(crate) subject: &'a Subject,
    /// The thread was woken from this queue, and others were faster. It keeps its turn: it enters at the front.
    pub(crate) overtaken: bool,
}

/// What ends a wait if no wake-up does.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Until<'a> {
    pub(crate) deadline: Option<Instant>,
    pub(crate) stop: Option<&'a Signal>,
}

/// What a woken thread is told.
///
/// Each meaning has its own number, so a wake-up meant for an older object at the same address is never mistaken for another meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token(usize);

impl Token {
    /// Look again; no other thread is left in the queue.
    pub(crate) const RETRY: Token = Token(0);
    /// Look again; others are left in the queue, and the woken thread owes them a wake-up.
    ///
    /// Scenario "the woken thread that owes a wake-up" in docs/architecture.md.
    pub(crate) const RETRY_MORE: Token = Token(1);
    /// The woken thread already holds the lock.
    pub(crate) const HANDED_OVER: Token = Token(2);
    /// A stop was requested.
    pub(in crate::door) const STOPPED: Token = Token(3);
    /// The offset that is added to a [value](Self::value).
    const VALUE: usize = 4;

    /// Creates the token that says to look again.
    pub(crate) fn retry(found: Found) -> Token {
        if found.more { Token::RETRY_MORE } else { Token::RETRY }
    }

    /// Creates a token for a number whose meaning is defined by the object.
    pub(crate) fn value(value: usize) -> Token {
        Token(Token::VALUE + value)
    }

    /// Returns the token for a [`number`](Self::number).
    pub(crate) const fn from_number(number: usize) -> Token {
        Token(number)
    }

    pub(in crate::door) fn number(self) -> usize {
        self.0
    }

    /// Returns the number from which [`value`](Self::value) created the token.
    pub(crate) fn to_value(self) -> usize {
        self.0 - Token::VALUE
    }
}

/// How a call of [`park`](crate::door::park) ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parked {
    /// A wake-up took the thread out of the queue.
    Woken(Token),
    /// `validate` returned `false`: the thread did not wait.
    Invalid,
    /// The deadline passed before a wake-up took the thread out of the queue.
    TimedOut,
    /// A stop took the thread out of the queue before a wake-up did, or was requested before the wait began: then `validate` has not run.
    Stopped,
}

/// What a waking thread learns about the queue, while it is locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The number of threads taken out of the queue.
    pub(crate) woken: usize,
    /// The number of threads moved to the other queue.
    pub(crate) requeued: usize,
    /// Whether others are left in the queue.
    pub(crate) more: bool,
}

/// What to do with one node of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Wake it.
    Wake,
    /// Leave it.
    Skip,
    /// Leave it and all behind it.
    Stop,
}

/// What to do with the threads of a queue that may be moved to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requeue {
    /// Leave them.
    Nothing,
    /// Move all.
    MoveAll,
    /// Move the first and leave the others.
    MoveOne,
}
