//! The read-write locks that a thread holds to read.
//!
//! A lock only counts its readers. A thread notes for itself what it reads, which costs next to nothing, and says so in its record when it blocks:
//! whoever does not block holds up nobody for ever.

use std::cell::Cell;

#[cfg(test)]
mod tests;

/// How many are noted. Who reads under more locks at once is not found as the reader of the last ones.
pub(super) const ROOM: usize = 8;

/// In the order in which the thread began to read.
struct Reads {
    /// How many are noted.
    count: Cell<usize>,
    places: [Cell<usize>; ROOM],
    /// How many there was no room for.
    others: Cell<usize>,
}

thread_local! {
    static MINE: Reads = const {
        Reads { count: Cell::new(0), places: [const { Cell::new(0) }; ROOM], others: Cell::new(0) }
    };
}

/// The current thread has begun to read at this place.
#[inline]
pub(crate) fn begin(place: usize) {
    MINE.with(|mine| {
        let count = mine.count.get();
        if let Some(room) = mine.places.get(count) {
            room.set(place);
            mine.count.set(count + 1);
        } else {
            mine.others.set(mine.others.get() + 1);
        }
    });
}

/// The current thread is about to read no longer at this place, where it had begun.
#[inline]
pub(crate) fn end(place: usize) {
    MINE.with(|mine| {
        let last = mine.count.get().wrapping_sub(1);
        if mine.places.get(last).is_some_and(|it| it.get() == place) {
            mine.count.set(last);
        } else {
            mine.end_out_of_order(place);
        }
    });
}

/// Where the current thread reads; zero in the rest.
pub(super) fn places() -> [usize; ROOM] {
    MINE.with(|mine| {
        let mut places = [0; ROOM];
        places.iter_mut().zip(mine.noted()).for_each(|(to, from)| *to = from.get());
        places
    })
}

impl Reads {
    fn noted(&self) -> &[Cell<usize>] {
        &self.places[..self.count.get()]
    }

    #[cold]
    fn end_out_of_order(&self, place: usize) {
        let noted = self.noted();
        if let Some(found) = noted.iter().rposition(|it| it.get() == place) {
            noted[found..].windows(2).for_each(|pair| pair[0].swap(&pair[1]));
            self.count.set(noted.len() - 1);
        } else {
            self.others.set(self.others.get().saturating_sub(1));
        }
    }
}
