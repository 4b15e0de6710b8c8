//! What only the operating system knows or does: native thread ids and names, processor time, which threads sleep, the end and forks of a
//! process.
//!
//! Every such call of Threadwork is here, except for the sleep of a thread, the barrier and the slack of its timers (in the floor), and what
//! a library does for us: signals (in core) and sockets (in diagnostics). Each function says what is lost on a system that it does not know.
//!
//! Under `--cfg threadwork_portable` every system counts as one of which only `std` is known. So the code for the others can be tested here.

mod proc;
mod cpu_time;
mod native_id;
mod thread_name;
mod asleep;
mod memory_maps;
pub(crate) mod process;
mod exit_stack;
mod suspended;

pub use self::{
    asleep::{TELLS_WHO_SLEEPS, is_asleep, system_call},
    cpu_time::{cpu_time_of_thread, thread_cpu_time},
    exit_stack::{is_in_exit, leave_files},
    memory_maps::{max_memory_maps, memory_maps},
    native_id::{get_native_id, is_main_thread, main_native_id, native_id_of_started},
    proc::native_ids,
    process::{at_exit, exit_now},
    suspended::{TELLS_WHO_IS_SUSPENDED, has_suspended_thread},
    thread_name::{set_own_name, set_thread_name, thread_name},
};
