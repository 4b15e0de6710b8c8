//! What a watchdog reports.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use threadwork_core::{Thread, Timer, current_thread};
use threadwork_diagnostics::{
    DumpServer, Sighting, ThreadDump, Watchdog, WatchdogGuard, find_deadlocks,
};
use threadwork_sync::{Barrier, Event, Lock, StopSource, Wait, WaitKind, waits};

use crate::program::Program;

const TICK: Duration = Duration::from_millis(1);

/// The reports, in order.
#[derive(Clone, Default)]
struct Seen(Arc<Lock<Vec<Sighting>>>);

impl Seen {
    fn start(&self, watchdog: Watchdog) -> WatchdogGuard {
        let seen = self.clone();
        let note = move |it: &Sighting| seen.0.acquire().push(it.clone());
        watchdog.interval(TICK).on_sighting(note).start().unwrap()
    }

    fn deadlocks(&self) -> usize {
        self.0.acquire().iter().filter(|it| matches!(it, Sighting::Deadlock(_))).count()
    }

    /// The threads of that name that were reported as waiting, or running, for a long time.
    fn long(&self, waits: bool, name: &str) -> Vec<ThreadDump> {
        let threads = |it: &Sighting| match it {
            Sighting::WaitsLong(it) if waits => Some(it.clone()),
            Sighting::RunsLong(it) if !waits => Some(it.clone()),
            _ => None,
        };
        let threads: Vec<_> = self.0.acquire().iter().filter_map(threads).collect();
        threads.into_iter().filter(|it| it.name == name).collect()
    }
}

/// Sleeps between its looks by means of the library: the watchdog sees these waits.
fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        threadwork_core::sleep(TICK).unwrap();
    }
}

/// Waits for a few more looks of the watchdog: each look reports one of these threads, which wait for longer than the limit.
fn looks_more(seen: &Seen) {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    for _ in 0..3 {
        let name = format!("next {}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let go = Arc::new(Event::new());
        let inner = Arc::clone(&go);
        let thread = Thread::builder().name(&name).daemon(true).build(move || inner.wait());
        thread.start().unwrap();
        until(|| !seen.long(true, &name).is_empty());
        go.set();
    }
}

#[test]
fn a_deadlock_is_reported_once_and_again_when_it_recurs() {
    let program = Program::new(|| {
        static A: Lock<()> = Lock::named("a", ());
        static B: Lock<()> = Lock::named("b", ());
        static READY: Barrier = Barrier::new(2);

        let seen = Seen::default();
        let guard = seen.start(Watchdog::new().deadlocks().waits_longer_than(TICK));
        // The same threads and locks, three times; each time they give up once the deadlock was reported.
        let stops = [(); 3].map(|()| StopSource::new());
        let clerk = |first: &'static Lock<()>, second: &'static Lock<()>| {
            let tokens = stops.each_ref().map(StopSource::token);
            let thread = Thread::new(move || {
                for token in &tokens {
                    let _first = first.acquire();
                    READY.wait().unwrap();
                    let _ = second.acquire_with(&Wait::forever().or_stop(token)).is_ok();
                }
            });
            thread.start().unwrap();
            thread
        };
        let (ann, bob) = (clerk(&A, &B), clerk(&B, &A));
        for (round, stop) in (1..).zip(&stops) {
            until(|| seen.deadlocks() >= round);
            looks_more(&seen);
            assert_eq!(seen.deadlocks(), round);
            assert_eq!(find_deadlocks().len(), 1);
            stop.request_stop();
        }
        ann.join().unwrap();
        bob.join().unwrap();
        looks_more(&seen);
        assert_eq!(seen.deadlocks(), 3);
        guard.stop();
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_long_wait_is_reported_once_with_its_object() {
    let program = Program::new(|| {
        static GO: Event = Event::new().named("go");
        static AGAIN: Event = Event::new().named("again");

        let seen = Seen::default();
        let guard = seen.start(Watchdog::new().waits_longer_than(Duration::from_millis(20)));
        let thread = Thread::builder().name("patient").build(|| {
            GO.wait();
            AGAIN.wait();
        });
        thread.start().unwrap();
        until(|| !seen.long(true, "patient").is_empty());
        looks_more(&seen);
        let [first] = &seen.long(true, "patient")[..] else { panic!("{:#?}", seen.0.acquire()) };
        let wait = first.waits_for.as_ref().unwrap();
        assert_eq!(wait.name.as_deref(), Some("go"));
        assert!(wait.seconds > 0.02, "{first}");
        GO.set();
        until(|| seen.long(true, "patient").len() > 1);
        looks_more(&seen);
        let [_, second] = &seen.long(true, "patient")[..] else { panic!() };
        assert_eq!(second.waits_for.as_ref().unwrap().name.as_deref(), Some("again"));
        let text = Sighting::WaitsLong(second.clone()).to_string();
        assert!(
            text.starts_with("a thread has been waiting for a long time:\n  'patient' #"),
            "{text}"
        );
        assert!(text.contains("waits for event 'again' at "), "{text}");
        assert!(seen.long(false, "patient").is_empty());
        AGAIN.set();
        thread.join().unwrap();
        guard.stop();
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_long_run_is_reported_once_with_its_wait() {
    let program = Program::new(|| {
        static GO: Event = Event::new().named("go");
        static ENOUGH: AtomicBool = AtomicBool::new(false);

        let seen = Seen::default();
        let limit = Duration::from_millis(30);
        let busy = Thread::builder().name("busy").build(|| {
            while !ENOUGH.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        });
        busy.start().unwrap();
        let waits = Thread::builder().name("waits").build(|| GO.wait());
        waits.start().unwrap();
        // The watchdog starts only now, so the thread is already waiting, however slow the machine is.
        until(|| threadwork_sync::waits().iter().any(|it| it.name == Some("go")));
        let guard = seen.start(Watchdog::new().runs_longer_than(limit).waits_longer_than(TICK));
        until(|| !seen.long(false, "busy").is_empty() && !seen.long(false, "waits").is_empty());
        looks_more(&seen);
        let [busy_seen] = &seen.long(false, "busy")[..] else { panic!() };
        assert!(busy_seen.age > Some(0.03) && busy_seen.waits_for.is_none(), "{busy_seen}");
        let [waits_seen] = &seen.long(false, "waits")[..] else { panic!() };
        assert!(waits_seen.waits_for.is_some(), "{waits_seen}");
        assert!(seen.long(false, "MainThread").is_empty(), "the main thread is not reported");
        assert!(seen.long(false, "threadwork-watchdog").is_empty());
        assert!(seen.long(true, "threadwork-watchdog").is_empty());
        ENOUGH.store(true, Ordering::Relaxed);
        GO.set();
        busy.join().unwrap();
        waits.join().unwrap();
        guard.stop();
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_watchdog_is_a_quiet_daemon_that_ends_with_its_guard() {
    let program = Program::new(|| {
        threadwork_diagnostics::init().unwrap();
        let names =
            || threadwork_core::internal::everyone().iter().map(|it| it.name()).collect::<Vec<_>>();
        let dog = "threadwork-watchdog".to_owned();

        let guard = Watchdog::default().interval(Duration::MAX).start().unwrap();
        assert!(names().contains(&dog));
        let thread =
            threadwork_core::internal::everyone().into_iter().find(|it| it.name() == dog).unwrap();
        assert!(thread.is_daemon() && thread.group().is_none());
        guard.stop();
        assert!(!names().contains(&dog));

        // The drop of the guard does not wait.
        drop(Watchdog::new().interval(Duration::ZERO).start().unwrap());
        until(|| !names().contains(&dog));

        // It is not stopped with the thread that started it.
        let starter = Thread::builder().verbose(false).build(|| {
            current_thread().request_stop();
            std::mem::forget(Watchdog::new().start().unwrap());
        });
        starter.start().unwrap();
        starter.join().unwrap();
        let thread =
            threadwork_core::internal::everyone().into_iter().find(|it| it.name() == dog).unwrap();
        assert!(!thread.stop_requested());
    });
    assert!(program.run().lines().is_empty());
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn reports_are_printed_on_standard_error_by_default() {
    use std::io::{Read, stdin};

    use threadwork_sync::get_ident;

    let program = Program::new(|| {
        static A: Lock<()> = Lock::named("a", ());

        println!("{}", get_ident());
        let guard = Watchdog::new().interval(TICK).deadlocks().start().unwrap();
        let _a = A.acquire();
        // It waits until the report has been read.
        let read = StopSource::new();
        let wait = Wait::forever().or_stop(&read.token());
        std::thread::spawn(move || {
            stdin().read_to_end(&mut Vec::new()).unwrap();
            read.request_stop();
        });
        assert!(A.acquire_with(&wait).is_err());
        guard.stop();
    });
    let ended = program.talk(|stdin, lines| {
        let me = lines.next().unwrap();
        assert_eq!(lines.next().unwrap(), "deadlock of one thread with itself:");
        let edge = lines.next().unwrap();
        assert!(edge.ends_with("for the lock 'a', which it holds itself"), "{edge}");
        assert!(edge.contains(&format!("(#{me}) waits at {}:", file!())), "{edge}");
        drop(stdin);
    });
    assert!(ended.status.success() && ended.stdout.is_empty(), "it is reported once: {ended:#?}");
}

#[test]
fn a_handler_that_panics_ends_the_watchdog_and_nothing_else() {
    let program = Program::new(|| {
        let guard = Watchdog::new()
            .interval(TICK)
            .waits_longer_than(TICK)
            .on_sighting(|_| panic!("no bark"))
            .start()
            .unwrap();
        let is_there = || {
            threadwork_core::internal::everyone()
                .iter()
                .any(|it| it.name() == "threadwork-watchdog")
        };
        until(|| !is_there());
        guard.stop();
        println!("the program goes on");
    });
    let ended = program.run();
    assert_eq!(ended.lines(), ["the program goes on"]);
    assert!(ended.stderr.contains("thread 'threadwork-watchdog' ("), "{ended:#?}");
    assert_eq!(ended.stderr.matches("no bark").count(), 1, "{ended:#?}");
}

#[test]
fn a_handler_may_end_the_watchdog_itself() {
    let program = Program::new(|| {
        static GUARD: Lock<Option<WatchdogGuard>> = Lock::new(None);
        static GONE: Event = Event::new();

        let mut place = GUARD.acquire();
        *place = Some(
            Watchdog::new()
                .interval(TICK)
                .waits_longer_than(TICK)
                .on_sighting(|_| {
                    if let Some(guard) = GUARD.acquire().take() {
                        guard.stop();
                        GONE.set();
                    }
                })
                .start()
                .unwrap(),
        );
        drop(place);
        GONE.wait();
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn the_librarys_own_threads_are_not_reported() {
    let program = Program::new(|| {
        // This thread is listed from now on, and sleeps between its looks.
        let me = format!("\n  '{}' #", current_thread().name());
        let timer = Timer::new(Duration::from_secs(3600), || ());
        timer.set_daemon(true).unwrap();
        timer.start().unwrap();
        let _server = DumpServer::tcp(([127, 0, 0, 1], 0)).start().unwrap();
        let _other = Watchdog::new().interval(Duration::MAX).start().unwrap();
        // All of them exceed the limits before the watchdog looks.
        let waits_for = |kind, name| waits().iter().any(|it| it.kind == kind && it.name == name);
        until(|| waits_for(WaitKind::Event, Some("the first timer")));
        until(|| waits_for(WaitKind::Sleep, None));
        let watchdog = Watchdog::new().runs_longer_than(TICK).waits_longer_than(TICK);
        let (first, second) = (Seen::default(), Seen::default());
        let guards = [first.start(watchdog.clone()), second.start(watchdog)];
        looks_more(&first);
        looks_more(&second);
        for seen in [first, second] {
            let told = seen.0.acquire().iter().map(ToString::to_string).collect::<Vec<_>>();
            let of_user = |it: &String| it.contains("\n  'next ") || it.contains(&me);
            assert!(told.iter().all(of_user), "{told:#?}");
        }
        guards.into_iter().for_each(WatchdogGuard::stop);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn threads_that_are_left_out_are_not_reported() {
    let program = Program::new(|| {
        static GO: Event = Event::new().named("go");

        let threads = ["listener", "pool/worker-1", "plain"].map(|name| {
            let thread = Thread::builder().name(name).build(|| GO.wait());
            thread.start().unwrap();
            thread
        });
        until(|| waits().iter().filter(|it| it.name == Some("go")).count() == 3);
        let watchdog = Watchdog::new().waits_longer_than(TICK).runs_longer_than(TICK);
        let except = watchdog.clone().except_named("listener");
        let except = except.except(|it| it.name.starts_with("pool/"));
        let (every, some) = (Seen::default(), Seen::default());
        let guards = [every.start(watchdog), some.start(except)];
        let names = ["listener", "pool/worker-1", "plain"];
        // Each reports all of them in one look, once they have waited for long enough.
        until(|| names.iter().all(|it| !every.long(true, it).is_empty()));
        until(|| names.iter().all(|it| !every.long(false, it).is_empty()));
        until(|| !some.long(true, "plain").is_empty() && !some.long(false, "plain").is_empty());
        looks_more(&some);
        for (waits, name) in [(true, "listener"), (false, "listener"), (true, "pool/worker-1")] {
            assert!(some.long(waits, name).is_empty(), "{name}");
        }
        GO.set();
        threads.iter().for_each(|it| it.join().unwrap());
        guards.into_iter().for_each(WatchdogGuard::stop);
    });
    assert!(program.run().lines().is_empty());
}
