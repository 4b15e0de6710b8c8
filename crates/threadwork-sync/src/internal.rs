//! The interface for the other crates of Threadwork; no stability is promised to anyone else.

/// The parts of the floor that models explore, for state machines of the crate above.
pub mod floor {
    pub use crate::floor::{Arc, Word};
}

/// The clock: no crate but `threadwork-sync` reads it by itself where threads wait or end.
pub mod clock {
    #[cfg(not(threadwork_loom))]
    pub use crate::floor::on_time;
    pub use crate::floor::{elapsed, now};
}

/// Numbers of threads.
pub mod number {
    pub use crate::number::{MAIN_IDENT, ReservedIdent, adopt_ident, reserve_ident};
}

/// Calls into the operating system.
pub mod os {
    pub use crate::os::{
        at_exit, cpu_time_of_thread, exit_now, is_in_exit, is_main_thread, leave_files,
        main_native_id, native_id_of_started, returns_to_exit, set_thread_name, thread_cpu_time,
    };
}

/// Caught panics and their payloads.
pub mod panic {
    pub use crate::payload::{Payload, catch};
}

/// The library's own locks, which are not reported to users, and what only tests ask of a lock.
pub mod lock {
    pub use crate::{
        lock::{is_freed_by_store, own_lock},
        rlock::own_rlock,
    };
}

/// Recorded waits.
pub mod door {
    #[cfg(not(threadwork_loom))]
    pub use crate::door::{ends_of_waits, native_ids_in_waits};
    pub use crate::{
        door::{Subject, be_helper, blocked_elsewhere, is_helper},
        forms::without_end,
    };
}

/// What one can wait for, beside others.
pub mod any {
    pub use crate::any::{Several, Target};
}

/// What runs before and after a fork.
pub mod fork {
    pub use crate::floor::{Inside, inside};
    #[cfg(not(threadwork_loom))]
    pub use crate::floor::{Part, is_closed, objects_locked};
}

/// Observers of waits and of locks.
pub mod observe {
    pub use crate::door::{Observer, Waited, observe, stop_observing};
    #[cfg(feature = "lock_probe")]
    pub use crate::lock::probe::{LockEnded, LockObserver, LockReleased, LockTaken, observe_locks};
}

/// Hooks of the model checker's queues.
#[cfg(threadwork_loom)]
pub mod model {
    pub use crate::{
        door::n_parked,
        floor::{leave_out_hand_overs, leave_out_heavy_fences, let_time_pass},
    };
}
