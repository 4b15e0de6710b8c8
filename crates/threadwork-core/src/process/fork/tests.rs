//! The registration of the parts that are locked while the process forks.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use threadwork_sync::internal::fork::objects_locked;

use super::{COUNT, LockPart, PARTS, Part, look_after};
use crate::{
    executor::executors,
    exit::at_exit,
    local::Local,
    process::helpers,
    tell::{
        excepthook::excepthook, failure_handler::failure_handler, faults::faults, hooks::set_trace,
    },
    thread::Thread,
    timer::Timer,
};

#[test]
fn every_part_is_registered_once_it_is_used() {
    // Parts that nothing in this test uses.
    const OTHERS: [Part; 4] = [Part::Program, Part::Listeners, Part::LockWatch, Part::Recorder];
    let thread = Thread::new(|| ());
    thread.start().unwrap();
    thread.join().unwrap();
    set_trace(None);
    drop(excepthook());
    drop(failure_handler());
    drop(faults());
    at_exit(|| ()).unwrap();
    // More locals than a table keeps near, so that spare tables are used.
    let locals: Vec<_> = (0..20).map(|_| Local::new(|| 1)).collect();
    assert_eq!(locals.iter().map(|it| it.with(|it| *it)).sum::<u32>(), 20);
    let timer = Timer::new(Duration::MAX, || ());
    timer.start().unwrap();
    assert!(timer.cancel());
    drop(helpers());
    drop(executors());

    let others = OTHERS.map(|it| it as usize);
    let missing = (0..COUNT).filter(|it| PARTS[*it].get().is_none() && !others.contains(it));
    assert_eq!(missing.collect::<Vec<usize>>(), [0_usize; 0]);
}

#[test]
fn a_part_is_not_registered_while_the_process_forks() {
    static NOTHING: LockPart = || Box::new(|| ());
    static IS_OPEN: AtomicBool = AtomicBool::new(false);
    // No code in this process uses this part.
    let part = &PARTS[Part::Recorder as usize];
    let closed = objects_locked();
    let uses = thread::spawn(|| {
        look_after(Part::Recorder, &NOTHING);
        assert!(
            IS_OPEN.load(Ordering::Relaxed),
            "the part is registered, and the fork does not know it"
        );
    });
    (0..1000).for_each(|_| thread::yield_now());
    assert!(part.get().is_none());
    IS_OPEN.store(true, Ordering::Relaxed);
    drop(closed);
    uses.join().unwrap();
    assert!(part.get().is_some());
}
