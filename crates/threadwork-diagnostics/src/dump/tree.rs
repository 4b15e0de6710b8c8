//! The groups of a dump while they are filled.

use std::collections::HashMap;

use threadwork_core::ThreadGroup;

use super::data::GroupDump;

/// The groups while they are filled.
pub(super) struct Tree {
    /// Each behind the place of the one above it; the root is the first, and a group stands behind the one above it.
    groups: Vec<(usize, GroupDump)>,
    /// Where they are. By the groups themselves: there may be several of one name.
    places: HashMap<Option<ThreadGroup>, usize>,
}

impl Tree {
    pub(super) fn new() -> Tree {
        Tree { groups: vec![(0, GroupDump::default())], places: HashMap::from([(None, 0)]) }
    }

    /// What there is of the group so far; of the root, if it is none.
    pub(super) fn group(&mut self, group: Option<ThreadGroup>) -> &mut GroupDump {
        let known = self.places.get(&group).copied();
        let place = known.unwrap_or_else(|| self.add(group.as_ref()));
        &mut self.groups[place].1
    }

    /// Adds the group, and those above it that are missing; returns its place.
    fn add(&mut self, group: Option<&ThreadGroup>) -> usize {
        let ancestors: Vec<_> = std::iter::successors(group, |it| it.parent()).collect();
        ancestors.into_iter().rev().fold(0, |above, group| {
            let next = self.groups.len();
            let place = *self.places.entry(Some(group.clone())).or_insert(next);
            if place == next {
                let name = Some(group.name().to_owned());
                self.groups.push((above, GroupDump { name, ..GroupDump::default() }));
            }
            place
        })
    }

    pub(super) fn into_root(mut self) -> GroupDump {
        loop {
            let Some((above, mut group)) = self.groups.pop() else { return GroupDump::default() };
            // The last was put there first.
            group.groups.reverse();
            match self.groups.get_mut(above) {
                Some((_, above)) => above.groups.push(group),
                None => return group,
            }
        }
    }
}
