//! What is looked after.

use std::time::Duration;

use super::{COUNT, PARTS, Part};
use crate::{
    exit::at_exit,
    local::Local,
    tell::{excepthook::excepthook, hooks::set_trace},
    thread::Thread,
    timer::Timer,
};

#[test]
fn every_part_is_looked_after_once_it_is_used() {
    // Those that nothing in here uses.
    const OTHERS: [Part; 4] = [Part::Program, Part::Listeners, Part::LockWatch, Part::Recorder];
    let thread = Thread::new(|| ());
    thread.start().unwrap();
    thread.join().unwrap();
    set_trace(None);
    drop(excepthook());
    at_exit(|| ()).unwrap();
    // More than are within easy reach.
    let locals: Vec<_> = (0..20).map(|_| Local::new(|| 1)).collect();
    assert_eq!(locals.iter().map(|it| it.with(|it| *it)).sum::<u32>(), 20);
    let timer = Timer::new(Duration::MAX, || ());
    timer.start().unwrap();
    assert!(timer.cancel());

    let others = OTHERS.map(|it| it as usize);
    let missing = (0..COUNT).filter(|it| PARTS[*it].get().is_none() && !others.contains(it));
    assert_eq!(missing.collect::<Vec<usize>>(), [0_usize; 0]);
}
