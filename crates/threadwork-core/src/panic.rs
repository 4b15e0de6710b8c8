//! Panics: their place, their message, and how they are reported.

mod place;
mod reported;
#[expect(clippy::module_inception, reason = "the noun of the room has a file of its own")]
mod panic;
mod hook;

pub(crate) use self::{
    hook::watch_places,
    place::{forget_place, keeping_place, message_of, note_places_here},
    reported::{report, reported, unharmed},
};
pub use self::{panic::Panic, place::PanicPlace};
