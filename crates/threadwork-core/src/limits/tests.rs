//! How much room there is for threads.

use threadwork_sync::internal::reserve_ident;

use crate::{limits::room, registry, thread::Thread};

#[test]
fn a_thread_has_four_maps_and_the_program_a_thousand() {
    assert_eq!(room(65_530, 1_506, 0), 15_750);
    assert_eq!(room(65_530, 64_502, 0), 1);
    assert_eq!(room(65_530, 64_503, 0), 0);
    assert_eq!(room(1, usize::MAX / 2, 0), 0);
}

#[test]
fn a_thread_that_is_about_to_run_will_map_its_signal_stack() {
    assert_eq!(room(65_530, 1_506, 2), 15_749);
    assert_eq!(room(65_530, 64_502, 1), 0);
}

#[test]
fn a_thread_is_about_to_run_from_when_the_system_has_taken_it_until_it_runs() {
    // The other tests start threads too, and at one time or another all of theirs run.
    const MANY: usize = 1_000;
    let threads: Vec<_> = (0..MANY).map(|_| (Thread::new(|| ()), reserve_ident())).collect();
    for (thread, ident) in &threads {
        thread.life().set_started();
        registry::insert(*ident, thread.handle());
    }
    assert!(registry::about_to_run() >= MANY);
    for (thread, _) in &threads {
        thread.life().runs();
    }
    assert!(registry::about_to_run() < MANY);
    threads.iter().for_each(|(_, ident)| registry::remove(*ident));
}
