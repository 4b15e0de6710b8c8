//! Threads that wait outside the library.
#![cfg(all(target_os = "linux", not(threadwork_portable)))]

use std::{
    io::Read,
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use threadwork_core::{Thread, current_thread};
use threadwork_diagnostics::{
    Dump, OtherDump, Sighting, StateDump, Watchdog, dump, dump_on_signal,
};
use threadwork_sync::{Event, Lock};

use crate::{
    dump::{dump_when, find},
    program::Program,
};

/// Starts a daemon of that name.
fn start(name: &str, run: impl FnMut() + Send + 'static) {
    Thread::builder().name(name).daemon(true).build(run).start().unwrap();
}

/// Whether these threads wait outside the library.
fn wait_elsewhere(dump: &Dump, names: &[&str]) -> bool {
    names.iter().all(|it| find(dump, it).state == StateDump::WaitsElsewhere)
}

#[test]
fn a_thread_that_waits_for_something_of_others_is_not_running() {
    let program = Program::new(|| {
        static GO: Event = Event::new().named("go");

        let (sender, receiver) = mpsc::channel::<()>();
        let receiver = Mutex::new(receiver);
        start("channel", move || _ = receiver.lock().unwrap().recv());
        let mutex = Arc::new(Mutex::new(()));
        let held = mutex.lock().unwrap();
        let other = Arc::clone(&mutex);
        start("mutex", move || drop(other.lock()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let server = listener.accept().unwrap();
        start("socket", move || _ = stream.read(&mut [0]));
        start("sleep", || std::thread::sleep(Duration::from_secs(3600)));
        start("here", || GO.wait());
        start("spins", || {
            loop {
                std::hint::spin_loop();
            }
        });
        std::thread::Builder::new()
            .name("alien".to_owned())
            .spawn(|| std::thread::sleep(Duration::from_secs(3600)))
            .unwrap();

        let elsewhere = ["channel", "mutex", "socket", "sleep"];
        let is_alien =
            |it: &&OtherDump| it.name == "alien" && it.state == Some(StateDump::WaitsElsewhere);
        let dump = dump_when(|dump| {
            find(dump, "here").waits_for.is_some()
                && wait_elsewhere(dump, &elsewhere)
                && dump.others.iter().any(|it| is_alien(&it))
        });
        for name in elsewhere {
            let thread = find(&dump, name);
            assert!(thread.waits_for.is_none() && thread.seconds_in_state.is_none(), "{dump}");
        }
        let calls = elsewhere.map(|it| find(&dump, it).system_call.as_deref());
        let known = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
        let expected = ["futex", "futex", "recvfrom", "clock_nanosleep"];
        assert_eq!(calls, expected.map(|it| known.then_some(it)), "{dump}");
        let (here, spins) = (find(&dump, "here"), find(&dump, "spins"));
        assert_eq!((here.state, &here.system_call), (StateDump::Waiting, &None), "{dump}");
        assert_eq!((spins.state, &spins.system_call), (StateDump::Running, &None), "{dump}");
        let text = dump.to_string();
        let socket = format!("\n  'socket' #{} tid ", find(&dump, "socket").ident);
        let line = text[text.find(&socket).unwrap() + 1..].lines().next().unwrap();
        assert!(line.contains(" daemon: waits elsewhere in recvfrom, age "), "{text}");
        let alien = dump.others.iter().find(is_alien).unwrap();
        let line =
            format!("\n  'alien' tid {}: waits elsewhere in clock_nanosleep\n", alien.native_id);
        assert!(text.contains(&line) || !known, "{text}");
        drop((sender, held, server));
    });
    assert!(program.run().lines().is_empty());
}

/// A thread that is woken here has no record any more, and may still be asleep.
#[test]
fn threads_that_wake_each_other_here_never_wait_elsewhere() {
    let program = Program::new(|| {
        static PING: Event = Event::new();
        static PONG: Event = Event::new();
        static LOCK: Lock<u32> = Lock::new(0);
        static ENOUGH: AtomicBool = AtomicBool::new(false);

        let play = |mine: &'static Event, other: &'static Event| {
            move || {
                while !ENOUGH.load(Ordering::Relaxed) {
                    mine.wait();
                    mine.clear();
                    *LOCK.acquire() += 1;
                    other.set();
                }
            }
        };
        let players = [("ping", play(&PING, &PONG)), ("pong", play(&PONG, &PING))];
        for (name, run) in players {
            start(name, run);
        }
        // The first to release a lock often asks the system for `membarrier`, which takes a while.
        (0..1000).for_each(|_| *LOCK.acquire() += 1);
        PING.set();
        let mut waited = 0;
        while waited < 300 {
            let dump = dump();
            for name in ["ping", "pong"] {
                let state = find(&dump, name).state;
                assert_ne!(state, StateDump::WaitsElsewhere, "{dump}");
                waited += usize::from(state == StateDump::Waiting);
            }
        }
        ENOUGH.store(true, Ordering::Relaxed);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_watchdog_says_that_a_long_living_thread_waits_elsewhere() {
    let program = Program::new(|| {
        let (sender, receiver) = mpsc::channel::<()>();
        let receiver = Mutex::new(receiver);
        start("channel", move || _ = receiver.lock().unwrap().recv());
        dump_when(|it| wait_elsewhere(it, &["channel"]));
        let (tell, told) = mpsc::channel();
        let tell = Mutex::new(tell);
        let guard = Watchdog::new()
            .interval(Duration::from_millis(1))
            .runs_longer_than(Duration::from_millis(1))
            .on_sighting(move |it| _ = tell.lock().unwrap().send(it.clone()))
            .start()
            .unwrap();
        let seen = told.iter().find_map(|it| match it {
            Sighting::RunsLong(thread) if thread.name == "channel" => Some(thread),
            _ => None,
        });
        let seen = seen.unwrap();
        assert_eq!((seen.state, seen.waits_for.is_none()), (StateDump::WaitsElsewhere, true));
        let text = Sighting::RunsLong(seen).to_string();
        let first = "a thread has been alive for a long time:\n  'channel' #";
        assert!(text.starts_with(first) && text.contains(" waits elsewhere"), "{text}");
        guard.stop();
        drop(sender);
    });
    assert!(program.run().lines().is_empty());
}

/// The thread that listens for a signal waits in the operating system; no record tells of it, and no builder made it.
#[test]
fn the_thread_that_listens_for_signals_is_among_the_librarys_own() {
    const SIGUSR2: i32 = 12;
    let program = Program::new(|| {
        // From here on this thread is listed.
        let _ = current_thread();
        let mut before = dump();
        before.own_threads.retain(|it| it.name != "threadwork-zone");
        assert!(before.own_threads.is_empty(), "{before}");
        dump_on_signal(SIGUSR2).unwrap();
        let is_listener = |dump: &Dump| {
            let mut own = dump.own_threads.iter().filter(|it| it.name != "threadwork-zone");
            own.find(|it| it.state == StateDump::WaitsElsewhere).cloned()
        };
        let dump = dump_when(|it| is_listener(it).is_some());
        let listener = is_listener(&dump).unwrap();
        assert!(listener.name.starts_with("threadwork-") && listener.daemon, "{dump}");
        assert!(dump.others.iter().all(|it| Some(it.native_id) != listener.native_id), "{dump}");
        assert_eq!(dump.count, before.count);
        let text = dump.to_string();
        // The thread that loads the time zone may stand before it.
        let (_, own) = text.split_once("\nthe library's own threads\n").unwrap();
        let line = format!("  '{}' #{} tid ", listener.name, listener.ident);
        assert!(own.lines().any(|it| it.starts_with(&line)), "{text}");
    });
    assert!(program.run().lines().is_empty());
}
