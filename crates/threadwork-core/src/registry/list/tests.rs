//! The list of threads.

use threadwork_sync::internal::number::reserve_ident;

use crate::{life::ThreadState, registry, thread::Thread};

#[test]
fn a_thread_is_about_to_run_from_its_start_until_it_runs() {
    // The other tests of this process start threads too, but never this many at once.
    const MANY: usize = 1_000;
    let threads: Vec<_> = (0..MANY).map(|_| (Thread::new(|| ()), reserve_ident().get())).collect();
    for (thread, ident) in &threads {
        thread.life().set_started();
        registry::insert(*ident, thread.handle().clone());
    }
    assert!(registry::about_to_run() >= MANY);
    for (thread, _) in &threads {
        thread.life().set_state(ThreadState::Running);
    }
    assert!(registry::about_to_run() < MANY);
    threads.iter().for_each(|(_, ident)| registry::remove(*ident));
}
