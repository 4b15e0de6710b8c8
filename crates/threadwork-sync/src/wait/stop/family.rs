//! Families of stop states: which states are stopped together.
//!
//! A state has links to its parents and to its children. Both sides of a link are created and cut with all families locked.
//! So a stop finds all states below it at one moment, and two invariants hold:
//!
//! * A stopped state has no links, because the states below it are stopped too.
//! * A state with links has at least one share ([`Share`](super::share::Share)). A state that loses its last share is bypassed:
//!   its children become children of its parents.
//!
//! So of a long chain only those states remain that a source or a token refers to, and no state is dropped or stopped by recursion.
//!
//! Scenario "the stop that spreads" in docs/architecture.md.

use crate::{
    floor::{self, Arc, Mutex, process_wide},
    wait::stop::state::{Links, StopState},
};

process_wide! {
    /// Held while links change, by a thread inside the fork gate. The value is the highest number given to a state so far. No user code
    /// runs meanwhile.
    static FAMILIES: Mutex<u64> = Mutex::new(0);
}

/// Makes `child`, a state that no other thread knows yet, a child of `parents`.
pub(super) fn join(child: &Arc<StopState>, parents: &[&Arc<StopState>]) {
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

/// Unlinks a state whose last share is gone: nothing can request its stop or learn of it any more.
pub(super) fn leave(state: &Arc<StopState>) {
    if !state.member.is_linked() {
        return;
    }
    let _inside = floor::inside();
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

/// Requests the stop of a state and of all states below it. Returns all of them, the nearest first; none if the stop was requested before.
pub(super) fn stop(first: &Arc<StopState>) -> Vec<Arc<StopState>> {
    let _families = FAMILIES.lock();
    let mut stopped = Vec::new();
    if first.note_request() {
        stopped.push(Arc::clone(first));
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

/// Makes `child` a child of `parent`, if it is not one already.
fn link(parent: (u64, &Arc<StopState>), child: (u64, &Arc<StopState>)) {
    let parents = &mut child.1.member.links.lock().parents;
    if let Err(place) = parents.binary_search_by_key(&parent.0, |(number, _)| *number) {
        parents.insert(place, (parent.0, Arc::clone(parent.1)));
        let children = &mut parent.1.member.links.lock().children;
        children.insert(child.0, Arc::clone(child.1));
    }
}

/// Returns the numbers of parents and children of a state, for tests.
#[cfg(test)]
pub(super) fn n_links(state: &StopState) -> (usize, usize) {
    let _families = FAMILIES.lock();
    let links = state.member.links.lock();
    (links.parents.len(), links.children.len())
}
