//! The groups of a dump while it is filled.

use std::collections::HashMap;

use threadwork_core::ThreadGroup;

use super::data::GroupDump;

/// The groups of a dump while it is filled.
pub(super) struct Tree {
    /// Each group with the index of its parent. The root comes first, and each group comes after its parent.
    groups: Vec<(usize, GroupDump)>,
    /// The index of each group. The key is the group itself, since several groups may have the same name.
    places: HashMap<Option<ThreadGroup>, usize>,
}

impl Tree {
    pub(super) fn new() -> Tree {
        Tree { groups: vec![(0, GroupDump::default())], places: HashMap::from([(None, 0)]) }
    }

    /// The group as filled so far; for `None`, the root.
    pub(super) fn group(&mut self, group: Option<ThreadGroup>) -> &mut GroupDump {
        let known = self.places.get(&group).copied();
        let place = known.unwrap_or_else(|| self.add(group.as_ref()));
        &mut self.groups[place].1
    }

    /// Adds the group and those of its ancestors that are missing; returns its index.
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
            // The children were added in reverse order.
            group.groups.reverse();
            match self.groups.get_mut(above) {
                Some((_, above)) => above.groups.push(group),
                None => return group,
            }
        }
    }
}
