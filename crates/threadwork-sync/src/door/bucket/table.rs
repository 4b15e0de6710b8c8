//! The buckets of all queues.
//!
//! The child of a fork forgets all queues, whatever state they are in, and begins with empty and unlocked ones: the other threads of the
//! parent may have stood in queues, or may have locked some. A node on the stack of a thread that does not exist is never looked at again.
//! The nodes of tasks, and of threads that wait for several things, are in memory of the child and may still be dropped there:
//! the number of the fork tells them that they are in no queue any more.
//!
//! Scenario "the waiters that are not there" in docs/architecture.md.
#![expect(unsafe_code, reason = "nodes are in the memory of those who wait")]

use std::fmt;

use crate::{
    door::{
        Key,
        bucket::{list::List, node::Node, paces::Paces},
    },
    floor::{BUCKETS, MutexGuard, Renewable, bucket_of, buckets, const_new, process_wide},
};
#[cfg(not(threadwork_loom))]
use crate::{
    door::{bucket::node, observer::sleeps_alone},
    floor::{Part, Place},
};

process_wide! {
    /// Each key has its queue in one of the buckets, which it shares with others.
    static TABLE: [Bucket; BUCKETS] = buckets!(Bucket::new());
}

#[cfg(not(threadwork_loom))]
static PART: Part = Part::of_child(Place::Queues, has_forked);

/// The queues of some keys.
#[repr(align(64))]
struct Bucket {
    list: Renewable<List>,
    paces: Paces,
}

impl Bucket {
    const_new! {
        const fn new() -> Bucket {
            Bucket { list: Renewable::new(List::new()), paces: Paces::new() }
        }
    }
}

/// A locked bucket.
pub(in crate::door) type Locked = MutexGuard<'static, List>;

fn bucket(key: Key) -> &'static Bucket {
    &TABLE[bucket_of(key.number())]
}

/// Returns the paces of the locks whose queues are in the bucket of the key.
pub(in crate::door) fn paces(key: Key) -> &'static Paces {
    &bucket(key).paces
}

/// Locks the bucket of a key.
#[inline]
pub(in crate::door) fn locked(key: Key) -> Locked {
    #[cfg(not(threadwork_loom))]
    PART.look_after();
    bucket(key).list.lock()
}

/// Returns `true` if two keys have the same bucket.
pub(in crate::door) fn share_bucket(one: Key, other: Key) -> bool {
    bucket_of(one.number()) == bucket_of(other.number())
}

/// Locks the bucket of the queue in which a node is, or was last.
pub(in crate::door) fn locked_of(node: &Node) -> Locked {
    loop {
        let key = node.key();
        let list = locked(key);
        // The node may have been moved before the bucket was locked.
        if node.key() == key {
            return list;
        }
    }
}

/// The locked buckets of two keys, which may be the same.
pub(in crate::door) struct Both {
    from: Locked,
    to: Option<Locked>,
}

impl Both {
    /// Locks the buckets of two keys, in an order that all threads keep.
    pub(in crate::door) fn locked(from: Key, to: Key) -> Both {
        let [first, second] = [from, to].map(|key| bucket_of(key.number()));
        if first == second {
            return Both { from: locked(from), to: None };
        }
        if first < second {
            let from = locked(from);
            return Both { from, to: Some(locked(to)) };
        }
        let to = locked(to);
        Both { from: locked(from), to: Some(to) }
    }

    pub(in crate::door) fn from(&mut self) -> &mut List {
        &mut self.from
    }

    pub(in crate::door) fn to(&mut self) -> &mut List {
        self.to.as_mut().unwrap_or(&mut self.from)
    }
}

/// Locks one bucket after the other, and calls `look` with its nodes.
#[cfg(not(threadwork_loom))]
pub(in crate::door) fn for_each(mut look: impl FnMut(&List)) {
    PART.look_after();
    TABLE.iter().for_each(|bucket| look(&bucket.list.lock()));
}

/// Returns the number of nodes in all buckets.
#[cfg(threadwork_loom)]
pub fn n_parked() -> usize {
    let mut count = 0;
    for bucket in TABLE.iter() {
        let list = bucket.list.lock();
        // SAFETY: the bucket is locked.
        unsafe { list.for_each(|_| count += 1) };
    }
    count
}

/// Empties and unlocks all buckets, in the child of a fork.
#[cfg(not(threadwork_loom))]
fn has_forked() {
    node::has_forked();
    for bucket in &TABLE {
        // SAFETY: the child has no other thread, and this one has locked no bucket (`AtWork::at_the_end`).
        unsafe { bucket.list.renew(List::new()) };
    }
    // A signal handler may fork while its thread waits. That wait goes on in the child.
    let mut waits = false;
    node::for_each_of_mine(|node| {
        let mut list = bucket(node.key()).list.lock();
        // SAFETY: the bucket is locked, and there is no other reference.
        if unsafe { node.waits_after_fork() } {
            waits = true;
            // SAFETY: the node is in no list, since all are new. Its owner takes it out, as before.
            unsafe { list.push_back(node) };
        }
    });
    sleeps_alone(waits);
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
