//! Which threads wait for each other for ever, in one reading of the records.
//!
//! A thread waits for the holder of an object, or for all its readers: it is stuck if one of them is. A thread that waits for any of several
//! objects is stuck only if it is stuck at each of them. An object that nobody holds is a way out: any thread may set an event or
//! release a permit. (E. Knapp, "Deadlock detection in distributed databases", 1987: the AND model and the OR model.)

use std::{collections::BTreeMap, mem, num::NonZeroU64, ops::Range};

use threadwork_sync::Waiting;

use super::circles::{circles_along, components};

#[cfg(test)]
mod tests;

/// One thread of a deadlock: what it waits for, and the wait of a thread that holds that.
pub(super) type Edge<'a> = (&'a Waiting, &'a Waiting);

/// The deadlocks among blocked threads, whose waits come in order of the threads' numbers.
///
/// Each circle is one deadlock. In a knot, where a thread waits for any of several objects, there is an edge for each of them; so all threads
/// that depend on each other are one deadlock.
pub(super) fn deadlocks<'a>(waits: impl IntoIterator<Item = &'a Waiting>) -> Vec<Vec<Edge<'a>>> {
    let graph = Graph::new(waits.into_iter().collect());
    let stuck = graph.stuck();
    if !stuck.contains(&true) {
        return Vec::new();
    }
    let size = graph.threads.len();
    let next = |thread: usize| graph.holders(thread, &stuck);
    let mut is_in_knot = vec![false; size];
    let mut knots = Vec::new();
    if (0..size).any(|it| stuck[it] && graph.is_any(it)) {
        for component in components(size, next) {
            let is_closed = component.len() > 1 || next(component[0]).contains(&component[0]);
            if is_closed && component.iter().any(|it| graph.is_any(*it)) {
                component.iter().for_each(|it| is_in_knot[*it] = true);
                knots.push(component);
            }
        }
    }
    knots.sort_unstable();
    let plain = |thread: &usize| stuck[*thread] && !is_in_knot[*thread];
    let circles = circles_along((0..size).filter(plain), size, |thread| {
        let next = if graph.is_any(thread) { Vec::new() } else { next(thread) };
        next.into_iter().filter(plain).collect::<Vec<_>>()
    });
    let circles = circles.iter().map(|it| graph.circle(it));
    circles.chain(knots.iter().map(|it| graph.knot(it, &stuck))).collect()
}

/// Who waits for whom. Threads are numbered in order of their own numbers.
struct Graph<'a> {
    waits: Vec<&'a Waiting>,
    /// The waits of each thread.
    threads: Vec<Range<usize>>,
    /// The threads that hold what each wait is for, as far as they are blocked.
    held_by: Vec<Vec<usize>>,
}

impl<'a> Graph<'a> {
    fn new(waits: Vec<&'a Waiting>) -> Graph<'a> {
        let mut threads: Vec<Range<usize>> = Vec::new();
        let mut numbers = BTreeMap::<NonZeroU64, usize>::new();
        for (place, it) in waits.iter().enumerate() {
            let number = *numbers.entry(it.thread.ident).or_insert(threads.len());
            if number == threads.len() {
                threads.push(place..place);
            }
            threads[number].end = place + 1;
        }
        let held_by = |it: &&Waiting| {
            let threads = it.holder.iter().chain(&it.readers);
            threads.filter_map(|ident| numbers.get(ident).copied()).collect()
        };
        let held_by = waits.iter().map(held_by).collect();
        Graph { waits, threads, held_by }
    }

    /// Whether the thread waits for any of several objects.
    fn is_any(&self, thread: usize) -> bool {
        self.threads[thread].len() > 1
    }

    /// For each thread, whether it waits for ever if no wait is given up. What is not stuck is found step by step: a thread that can
    /// go on frees those that wait for it alone.
    fn stuck(&self) -> Vec<bool> {
        let mut stuck = vec![true; self.threads.len()];
        let mut waits_for: Vec<Vec<usize>> = vec![Vec::new(); self.threads.len()];
        let mut thread_of = vec![0; self.waits.len()];
        let mut free = Vec::new();
        for (thread, waits) in self.threads.iter().enumerate() {
            for wait in waits.clone() {
                thread_of[wait] = thread;
                self.held_by[wait].iter().for_each(|it| waits_for[*it].push(wait));
                if self.held_by[wait].is_empty() && mem::replace(&mut stuck[thread], false) {
                    free.push(thread);
                }
            }
        }
        let mut n_stuck: Vec<_> = self.held_by.iter().map(Vec::len).collect();
        while let Some(thread) = free.pop() {
            for wait in mem::take(&mut waits_for[thread]) {
                n_stuck[wait] -= 1;
                if n_stuck[wait] == 0 && mem::replace(&mut stuck[thread_of[wait]], false) {
                    free.push(thread_of[wait]);
                }
            }
        }
        stuck
    }

    /// The stuck threads for which a stuck thread waits; none for one that is not stuck.
    fn holders(&self, thread: usize, stuck: &[bool]) -> Vec<usize> {
        if !stuck[thread] {
            return Vec::new();
        }
        let held_by = self.threads[thread].clone().flat_map(|wait| &self.held_by[wait]);
        held_by.copied().filter(|it| stuck[*it]).collect()
    }

    /// The first wait of a thread.
    fn first(&self, thread: usize) -> &'a Waiting {
        self.waits[self.threads[thread].start]
    }

    fn circle(&self, circle: &[usize]) -> Vec<Edge<'a>> {
        let next = circle.iter().cycle().skip(1);
        circle.iter().zip(next).map(|(it, next)| (self.first(*it), self.first(*next))).collect()
    }

    /// All that the threads of a knot wait for. Each object has a holder that is stuck; one in the knot is shown first.
    fn knot(&self, knot: &[usize], stuck: &[bool]) -> Vec<Edge<'a>> {
        let edge = |wait: usize| {
            let holders = || self.held_by[wait].iter().copied().filter(|it| stuck[*it]);
            let inside = holders().find(|it| knot.binary_search(it).is_ok());
            inside.or_else(|| holders().next()).map(|it| (self.waits[wait], self.first(it)))
        };
        knot.iter().flat_map(|it| self.threads[*it].clone()).filter_map(edge).collect()
    }
}
