//! Which states are stopped with which.
//!
//! A state has links to its parents and to its children, and both sides of a link are made and cut with all families locked.
//! So a stop finds everybody who is below at one moment, and these hold:
//!
//! * Who is stopped has no links any more: those below are stopped too.
//! * Who has links has a share somewhere ([`Share`](super::state::Share)). One without is passed over: its children become those of its parents.
//!
//! So what is left of a long line is what somebody has a source or a token of, and nothing is dropped or stopped by recursion.

use std::{collections::BTreeMap, mem, sync::atomic::Ordering};

use super::state::StopState;
use crate::park::{self, Mutex, Shared, Word, static_mutex};

static_mutex! {
    /// Held while links change, by whoever is inside the gate of a fork; the number of the youngest who has any. No user code runs meanwhile.
    static FAMILIES: Mutex<u64> = Mutex::new(0);
}

/// What a state has of its family.
pub(super) struct Member {
    /// Whether there has ever been a link: zero for no.
    is_linked: Word,
    /// Locked only while the families are.
    links: Mutex<Links>,
}

#[derive(Default)]
struct Links {
    /// Given with the first link. Children are stopped in order of their numbers.
    number: u64,
    /// With their numbers, and in order of these.
    parents: Vec<(u64, Shared<StopState>)>,
    children: BTreeMap<u64, Shared<StopState>>,
}

/// Makes a state, which nobody else knows yet, a child of others.
pub(super) fn join(child: &Shared<StopState>, parents: &[&Shared<StopState>]) {
    if parents.is_empty() {
        return;
    }
    let mut youngest = FAMILIES.lock();
    if parents.iter().any(|it| it.stop_requested()) {
        child.note_request();
        return;
    }
    for parent in parents {
        let number = parent.member.number(&mut youngest);
        let own = child.member.number(&mut youngest);
        link((number, parent), (own, child));
    }
}

/// The last share in a state is gone: nobody asks for its stop, or is told of it.
pub(super) fn leave(state: &Shared<StopState>) {
    if state.member.is_linked.load(Ordering::Relaxed) == 0 {
        return;
    }
    let _inside = park::inside();
    let _families = FAMILIES.lock();
    let Links { number, parents, children } = state.member.cut();
    for (_, parent) in &parents {
        parent.member.links.lock().children.remove(&number);
    }
    for (own, child) in &children {
        child.member.links.lock().parents.retain(|(it, _)| *it != number);
        for (number, parent) in &parents {
            link((*number, parent), (*own, child));
        }
    }
}

/// Requests the stop of a state and of all below it, and returns these, the nearest first; none if it was requested before.
pub(super) fn stop(first: &Shared<StopState>) -> Vec<Shared<StopState>> {
    let _families = FAMILIES.lock();
    let mut stopped = Vec::new();
    if first.note_request() {
        stopped.push(Shared::clone(first));
    }
    let mut next = 0;
    while let Some(state) = stopped.get(next) {
        next += 1;
        let Links { number, parents, children } = state.member.cut();
        for (_, parent) in parents {
            parent.member.links.lock().children.remove(&number);
        }
        stopped.extend(children.into_values().filter(|it| it.note_request()));
    }
    stopped
}

/// Makes one the child of the other, if it is not.
fn link(parent: (u64, &Shared<StopState>), child: (u64, &Shared<StopState>)) {
    let parents = &mut child.1.member.links.lock().parents;
    if let Err(place) = parents.binary_search_by_key(&parent.0, |(number, _)| *number) {
        parents.insert(place, (parent.0, Shared::clone(parent.1)));
        let children = &mut parent.1.member.links.lock().children;
        children.insert(child.0, Shared::clone(child.1));
    }
}

impl Member {
    pub(super) fn new() -> Member {
        Member { is_linked: Word::new(0), links: Mutex::default() }
    }

    /// Its number, which it gets now if it has none.
    fn number(&self, youngest: &mut u64) -> u64 {
        let mut links = self.links.lock();
        if links.number == 0 {
            *youngest += 1;
            links.number = *youngest;
            self.is_linked.store(1, Ordering::Relaxed);
        }
        links.number
    }

    /// Takes its side of all its links.
    fn cut(&self) -> Links {
        let mut links = self.links.lock();
        let number = links.number;
        mem::replace(&mut links, Links { number, ..Links::default() })
    }

    /// How many parents and children it has, for tests.
    #[cfg(test)]
    pub(super) fn n_links(&self) -> (usize, usize) {
        let _families = FAMILIES.lock();
        let links = self.links.lock();
        (links.parents.len(), links.children.len())
    }
}
