//! What spawn hooks pass on to the threads of a timer. This has its own process, because hooks cannot be removed.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use threadwork_core::{MyThread, Timer, add_spawn_hook};
use threadwork_sync::{Latch, Lock};

thread_local! {
    static USER: Cell<u32> = const { Cell::new(0) };
}

#[test]
fn the_threads_of_a_timer_inherit_from_the_one_that_starts_it_and_a_hook_that_panics_harms_no_other_timer()
 {
    static PANICS: AtomicBool = AtomicBool::new(false);
    add_spawn_hook(|_| {
        assert!(!PANICS.load(Ordering::SeqCst), "on purpose");
        let user = USER.get();
        move || USER.set(user)
    });
    USER.set(7);
    let seen = Arc::new(Lock::new(Vec::new()));
    let see = |runs: &Arc<Latch>| {
        let (seen, runs) = (Arc::clone(&seen), Arc::clone(runs));
        move || {
            seen.acquire().push(USER.get());
            let _ = runs.count_down(1);
        }
    };
    let runs = Arc::new(Latch::new(4));
    let every = Timer::every(Duration::from_millis(1), see(&runs));
    let once = Timer::new(Duration::ZERO, see(&runs));
    once.start().unwrap();
    every.start().unwrap();
    // The threads inherit the values at the time of the start.
    USER.set(8);
    runs.wait();
    once.join().unwrap();
    assert!(seen.acquire().len() >= 4);
    assert!(seen.acquire().iter().all(|it| *it == 7), "{seen:?}");

    // In the thread of a run the panic is reported, and the timer continues.
    PANICS.store(true, Ordering::SeqCst);
    seen.acquire().clear();
    while seen.acquire().len() < 3 {
        std::thread::yield_now();
    }
    assert!(every.cancel());
    every.join().unwrap();

    // In the thread that starts a timer the panic is resumed, and the timer is not started.
    let refused = Timer::new(Duration::ZERO, || unreachable!());
    let started = MyThread::new(|| 1);
    std::panic::catch_unwind(|| refused.start()).unwrap_err();
    assert!(!refused.is_alive());
    PANICS.store(false, Ordering::SeqCst);
    started.start().unwrap();
    refused.cancel();
    refused.start().unwrap();
    refused.join().unwrap();
}
