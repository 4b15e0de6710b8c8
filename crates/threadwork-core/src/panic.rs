//! Panics: their place, their message, and how they are reported.

mod place;
mod reported;
mod outcome;
mod hook;

pub(crate) use self::{
    hook::watch_places,
    outcome::OnPanic,
    place::{keeping_place, message_of, note_places_here},
    reported::{report, reported, unharmed},
};
pub use self::{
    outcome::{Outcome, Panic},
    place::PanicPlace,
};
