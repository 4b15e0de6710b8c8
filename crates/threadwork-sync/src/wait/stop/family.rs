//! Which states are stopped with which.
//!
//! A state has links to its parents and to its children, and both sides of a link are made and cut with all families locked.
//! So a stop finds everybody who is below at one moment, and these hold:
//!
//! * Who is stopped has no links any more: those below are stopped too.
//! * Who has links has a share somewhere ([`Share`](super::share::Share)). One without is passed over: its children become those of its parents.
//!
//! So what is left of a long line is what somebody has a source or a token of, and nothing is dropped or stopped by recursion.

use crate::{
    floor::{self, Arc, Mutex, static_mutex},
    wait::stop::state::{Links, StopState},
};

static_mutex! {
    /// Held while links change, by whoever is inside the gate of a fork; the number of the youngest who has any. No user code runs meanwhile.
    static FAMILIES: Mutex<u64> = Mutex::new(0);
}

/// Makes a state, which nobody else knows yet, a child of others.
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

/// The last share in a state is gone: nobody asks for its stop, or is told of it.
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

/// Requests the stop of a state and of all below it, and returns these, the nearest first; none if it was requested before.
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

/// Makes one the child of the other, if it is not.
fn link(parent: (u64, &Arc<StopState>), child: (u64, &Arc<StopState>)) {
    let parents = &mut child.1.member.links.lock().parents;
    if let Err(place) = parents.binary_search_by_key(&parent.0, |(number, _)| *number) {
        parents.insert(place, (parent.0, Arc::clone(parent.1)));
        let children = &mut parent.1.member.links.lock().children;
        children.insert(child.0, Arc::clone(child.1));
    }
}

/// How many parents and children a state has, for tests.
#[cfg(test)]
pub(super) fn n_links(state: &StopState) -> (usize, usize) {
    let _families = FAMILIES.lock();
    let links = state.member.links.lock();
    (links.parents.len(), links.children.len())
}
