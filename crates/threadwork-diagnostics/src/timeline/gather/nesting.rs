//! Nests the slices of a thread.

use std::cmp::Reverse;

use crate::timeline::{event::What, recording::Slice};

#[cfg(test)]
mod tests;

/// Sorts slices by their beginnings, makes each lie within those around it, and sets its depth.
///
/// A thread does one thing after another, so its slices nest. The exception is spans that are not left in the reverse order of entering:
/// of two slices that overlap, the later one is cut at the end of the earlier one.
pub(crate) fn nest(slices: &mut [Slice]) {
    let is_span = |it: &Slice| matches!(it.what, What::Span(_));
    slices.sort_by_key(|it| (it.since, Reverse(it.until), !is_span(it)));
    // The ends of the slices around the current one, and whether they are spans.
    let mut around: Vec<(u64, bool)> = Vec::new();
    for slice in slices {
        while around.last().is_some_and(|&(until, _)| until <= slice.since) {
            around.pop();
        }
        if let Some(&(until, _)) = around.last() {
            slice.until = slice.until.min(until);
        }
        slice.depth = around.iter().filter(|&&(_, is_span)| is_span).count();
        around.push((slice.until, is_span(slice)));
    }
}
