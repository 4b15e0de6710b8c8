//! The signals that stop the program.

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    low_level::emulate_default_handler,
};

use super::listen::listen;
use crate::{exit::stop_program, panic::report};

/// Makes the next signal stop the running program. Without one, it has its default effect.
pub(super) fn watch() {
    let heard = |signal| {
        if !stop_program(true) {
            let _ = emulate_default_handler(signal);
        }
    };
    if let Err(error) = listen("threadwork-signals", &[SIGINT, SIGTERM], heard) {
        report(&format!("threadwork: signals do not stop the threads ({error})"));
    }
}
