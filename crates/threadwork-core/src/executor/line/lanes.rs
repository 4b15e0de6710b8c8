//! Pending jobs, in order of their priorities.

use std::collections::{BTreeMap, VecDeque};

/// Pending jobs: those with the lowest priority first, and among equals the one that came first.
///
/// Nearly all jobs have the priority zero, so these have a lane of their own, in which a job takes the space of a pointer.
pub(in crate::executor) struct Lanes<J> {
    plain: VecDeque<J>,
    /// The lanes of other priorities. None is empty.
    others: BTreeMap<i32, VecDeque<J>>,
    len: usize,
}

impl<J> Lanes<J> {
    pub(in crate::executor) fn new() -> Lanes<J> {
        Lanes { plain: VecDeque::new(), others: BTreeMap::new(), len: 0 }
    }

    pub(in crate::executor) fn len(&self) -> usize {
        self.len
    }

    pub(in crate::executor) fn push(&mut self, priority: i32, job: J) {
        self.len += 1;
        match priority {
            0 => self.plain.push_back(job),
            _ => self.others.entry(priority).or_default().push_back(job),
        }
    }

    pub(in crate::executor) fn pop(&mut self) -> Option<J> {
        let is_before_plain = |priority: &i32| *priority < 0 || self.plain.is_empty();
        let job = match self.others.first_entry().filter(|it| is_before_plain(it.key())) {
            None => self.plain.pop_front(),
            Some(mut lane) => {
                let job = lane.get_mut().pop_front();
                if lane.get().is_empty() {
                    lane.remove();
                }
                job
            }
        };
        self.len -= usize::from(job.is_some());
        job
    }

    pub(in crate::executor) fn take_all(&mut self) -> Vec<J> {
        std::iter::from_fn(|| self.pop()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_priority_comes_first_and_the_first_among_equals() {
        let mut lanes = Lanes::new();
        for (number, priority) in [0, 5, -5, 0, 5, -5, -6, 0].into_iter().enumerate() {
            lanes.push(priority, (priority, number));
        }
        assert_eq!(lanes.len(), 8);
        assert_eq!(lanes.pop(), Some((-6, 6)));
        lanes.push(-7, (-7, 8));
        let rest = [(-7, 8), (-5, 2), (-5, 5), (0, 0), (0, 3), (0, 7), (5, 1), (5, 4)];
        assert_eq!(lanes.take_all(), rest);
        assert_eq!((lanes.len(), lanes.pop()), (0, None));
        assert!(lanes.others.is_empty());
    }
}
