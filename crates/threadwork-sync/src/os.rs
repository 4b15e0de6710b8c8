//! What only the operating system knows or does: native thread ids and names, processor time, the end and forks of a process.

mod cpu_time;
mod native_id;
pub(crate) mod process;
mod exit_stack;

pub use self::{
    cpu_time::{cpu_time_of_thread, thread_cpu_time},
    exit_stack::{is_in_exit, leave_files, returns_to_exit},
    native_id::{
        get_native_id, is_main_thread, main_native_id, native_id_of_started, set_own_name,
        set_thread_name,
    },
    process::{at_exit, exit_now},
};
