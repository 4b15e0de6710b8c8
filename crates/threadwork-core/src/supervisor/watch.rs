//! One run of a supervisor.

mod member;
mod restarts;
#[expect(clippy::module_inception, reason = "the noun of the room has a file of its own")]
mod watch;
mod orders;
mod starts;
mod ends;
mod run;

pub(super) use self::watch::Watch;
