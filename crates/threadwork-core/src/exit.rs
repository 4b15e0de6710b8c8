//! The end of the program.

mod limited;
mod callbacks;
mod pending;
mod stops;
mod wait;
mod end;
#[cfg(target_os = "linux")]
mod suspended;

/// On other systems no thread is suspended, or it cannot be detected.
#[cfg(not(target_os = "linux"))]
mod suspended {
    pub(super) fn is_anybody() -> bool {
        false
    }
}
mod fallback;
mod at_exit;

pub use self::{at_exit::at_exit, end::exit};
pub(crate) use self::{
    callbacks::call_back,
    end::end,
    fallback::watch,
    limited::{A_SECOND, at_most, flush},
    pending::{Census, Pending, pending_threads, wait_for},
    stops::{forget_stops, stop_all},
    wait::{join_threads, main_has_ended},
};
