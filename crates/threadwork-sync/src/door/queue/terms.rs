//! What those who stand in a queue and those who wake them tell each other.

use crate::door::{Key, Subject};

/// A thread in a queue, as those see it who go through the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// The word of the thread.
    pub(crate) thread: usize,
    /// What it wants; the meaning is the object's.
    pub(crate) amount: usize,
}

/// Where and for what a thread waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parking<'a> {
    pub(crate) key: Key,
    pub(crate) amount: usize,
    pub(crate) subject: &'a Subject,
}

/// What a thread that is woken is told.
///
/// Each meaning has a number of its own, so that a wake-up that was meant for an older object
/// at the same address is never taken for something that it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token(usize);

impl Token {
    /// Look again; nobody else is left in the queue.
    pub(crate) const RETRY: Token = Token(0);
    /// Look again; others are left in the queue, and whoever gets this owes them a wake-up.
    pub(crate) const RETRY_MORE: Token = Token(1);
    /// The lock is yours already.
    pub(crate) const HANDED_OVER: Token = Token(2);
    /// A stop was requested.
    pub(crate) const STOPPED: Token = Token(3);
    /// What a [value](Self::value) is added to.
    const VALUE: usize = 4;

    /// Look again.
    pub(crate) fn retry(found: Found) -> Token {
        if found.more { Token::RETRY_MORE } else { Token::RETRY }
    }

    /// A number with a meaning of the object's own.
    pub(crate) fn value(value: usize) -> Token {
        Token(Token::VALUE + value)
    }

    /// The token that [`number`](Self::number) stands for.
    pub(crate) const fn from_number(number: usize) -> Token {
        Token(number)
    }

    pub(super) fn number(self) -> usize {
        self.0
    }

    /// The number of a token that was made from one.
    pub(crate) fn to_value(self) -> usize {
        self.0 - Token::VALUE
    }
}

/// How a call of [`park`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parked {
    /// Somebody took the thread out of the queue.
    Woken(Token),
    /// `validate` said no: the thread has not waited.
    Invalid,
    /// The deadline passed; nobody had taken the thread out of the queue before.
    TimedOut,
}

/// What a waking thread learns of the queue, while it is locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Threads taken out of the queue.
    pub(crate) woken: usize,
    /// Threads moved to the other queue.
    pub(crate) requeued: usize,
    /// Whether others are left.
    pub(crate) more: bool,
}

/// What to do with one thread of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Wake it.
    Wake,
    /// Leave it.
    Skip,
    /// Leave it and all that stand behind it.
    Stop,
}

/// What to do with the threads of one queue when another may take them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requeue {
    /// Leave them.
    Nothing,
    /// Move all.
    MoveAll,
    /// Move the first and leave the others.
    MoveOne,
}
