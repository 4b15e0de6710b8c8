//! The end of the program.

mod limited;
mod callbacks;
mod pending;
mod stops;
mod wait;
mod end;
mod fallback;
mod request;
mod at_exit;

pub use self::{at_exit::at_exit, end::exit, request::request_exit};
pub(crate) use self::{
    callbacks::call_back,
    end::end,
    fallback::watch,
    limited::{A_SECOND, at_most, flush},
    pending::{Census, Idle, Pending, is_ending, let_go_at_the_end, pending_threads, wait_for},
    request::ESSENTIAL_CODE,
    stops::{begin, has_ended, requested_code, stop_all, stop_all_elsewhere, stop_program},
    wait::{join_threads, main_has_ended},
};
