//! What a dump tells about threads.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use serde_json::Value;
use threadwork_core::{Thread, ThreadGroup, current_thread};
use threadwork_diagnostics::{Dump, GroupDump, StateDump, ThreadDump, dump};
use threadwork_sync::{Condition, Event, Lock, Queue, RLock, RwLock, Semaphore, get_ident};

use crate::program::Program;

/// All threads of a group and its descendants.
pub(crate) fn all(group: &GroupDump) -> Vec<&ThreadDump> {
    group.threads.iter().chain(group.groups.iter().flat_map(all)).collect()
}

/// Waits until a dump satisfies the condition, and returns it.
pub(crate) fn dump_when(is_so: impl Fn(&Dump) -> bool) -> Dump {
    loop {
        let dump = dump();
        if is_so(&dump) {
            return dump;
        }
        std::thread::yield_now();
    }
}

#[track_caller]
pub(crate) fn find<'a>(dump: &'a Dump, name: &str) -> &'a ThreadDump {
    let mut all = all(&dump.root).into_iter().chain(&dump.own_threads);
    all.find(|it| it.name == name).unwrap_or_else(|| panic!("no {name} in {dump}"))
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn a_dump_as_json_has_these_names() {
    let program = Program::new(|| {
        static A: Lock<()> = Lock::named("a", ());

        let group = ThreadGroup::new("shop");
        let held = A.acquire();
        let waits = group.builder().name("waits").daemon(false).build(|| drop(A.acquire()));
        waits.start().unwrap();
        let again = Thread::builder().name("again").daemon(true).build(|| {
            let lock = Lock::named("mine", ());
            let _first = lock.acquire();
            drop(lock.acquire_timeout(Duration::from_secs(3600)));
        });
        again.start().unwrap();
        let alien = std::thread::Builder::new().name("alien".into());
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let (ready, is_ready) = std::sync::mpsc::channel::<()>();
        let run = move || {
            // Before this the operating system does not know the name of the thread.
            ready.send(()).unwrap();
            gone.recv()
        };
        let alien = alien.spawn(run).unwrap();
        is_ready.recv().unwrap();
        let dump =
            dump_when(|it| !it.deadlocks.is_empty() && find(it, "waits").waits_for.is_some());
        println!("{}", serde_json::to_string(&dump).unwrap());
        println!("{} {}", get_ident(), waits.handle().ident().unwrap());
        drop((held, go));
        waits.join().unwrap();
        alien.join().unwrap().unwrap_err();
    });
    let ended = program.run();
    let [json, idents] = ended.lines()[..] else { panic!("{ended:#?}") };
    let (holder, waiter) = idents.split_once(' ').unwrap();
    let dump: Value = serde_json::from_str(json).unwrap();
    assert_eq!(
        keys(&dump),
        ["count", "deadlocks", "faults", "others", "own_threads", "pid", "root", "tasks", "time"]
    );
    assert!(dump["pid"].is_u64() && dump["count"].as_u64() >= Some(3), "{dump:#}");
    crate::ctime::check_is_now(dump["time"].as_str().unwrap(), 0);

    let root = &dump["root"];
    assert_eq!(keys(root), ["groups", "name", "threads"]);
    assert_eq!(root["name"], Value::Null);
    let shop = &root["groups"][0];
    assert_eq!(shop["name"], "shop");
    let thread = &shop["threads"][0];
    assert_eq!(
        keys(thread),
        [
            "age",
            "cpu",
            "daemon",
            "ident",
            "name",
            "native_id",
            "or_for",
            "seconds_in_state",
            "state",
            "system_call",
            "waits_for"
        ]
    );
    assert_eq!((&thread["name"], &thread["state"]), (&"waits".into(), &"Waiting".into()));
    assert_eq!(thread["ident"].to_string(), waiter);
    assert_eq!(thread["daemon"], false);
    assert!(thread["native_id"].is_u64() && thread["age"].is_f64(), "{thread:#}");
    let waits_for = &thread["waits_for"];
    assert_eq!(
        keys(waits_for),
        [
            "address",
            "executor",
            "fill",
            "holder",
            "holder_ident",
            "kind",
            "location",
            "name",
            "readers",
            "seconds"
        ]
    );
    assert_eq!((&waits_for["kind"], &waits_for["name"]), (&"Lock".into(), &"a".into()));
    assert_eq!(waits_for["holder_ident"].to_string(), holder);
    assert_eq!(waits_for["seconds"], thread["seconds_in_state"]);
    assert!(waits_for["location"].as_str().unwrap().starts_with(file!()));

    let edge = &dump["deadlocks"][0]["edges"][0];
    assert_eq!(
        keys(edge),
        [
            "address",
            "any_of",
            "holder",
            "holder_ident",
            "holder_location",
            "kind",
            "location",
            "object",
            "waiter",
            "waiter_ident"
        ]
    );
    assert_eq!((&edge["waiter"], &edge["object"]), (&"again".into(), &"mine".into()));
    let others = dump["others"].as_array().unwrap();
    if cfg!(all(target_os = "linux", not(threadwork_portable))) {
        let alien = others.iter().find(|it| it["name"] == "alien").expect("it is listed");
        assert_eq!(keys(alien), ["name", "native_id", "state", "system_call"]);
    }
}

#[test]
fn a_dump_tells_what_each_thread_waits_for() {
    let program = Program::new(|| {
        static A: Lock<()> = Lock::named("a", ());
        static R: RLock<()> = RLock::named("r", ());
        static W: RwLock<()> = RwLock::named("w", ());
        static C: Condition = Condition::new().named("c");
        static S: Semaphore = Semaphore::new(0).named("s");
        static E: Event = Event::new().named("e");
        static M: Lock<()> = Lock::new(());
        static G: Queue<u8> = Queue::new().named("g");
        static P: Queue<u8> = Queue::bounded(2).named("p");
        (1..3).for_each(|item| P.put(item).unwrap());

        // From here on this thread is listed and has a name.
        let me = current_thread().name();
        let start = |name: &str, run: fn()| {
            let thread = Thread::builder().name(name).build(run);
            thread.start().unwrap();
            thread
        };
        let held = (A.acquire(), R.acquire(), W.write());
        static V: RwLock<()> = RwLock::named("v", ());
        let reads = start("reads", || {
            let _v = V.read();
            E.wait();
        });
        while V.n_readers() == 0 {
            std::thread::yield_now();
        }
        let target = start("target", || E.wait());
        let joined = target.handle().clone();
        let joiner = Thread::builder().name("joiner").build(move || joined.join().unwrap());
        joiner.start().unwrap();
        let threads = [
            start("lock", || drop(A.acquire())),
            start("rlock", || drop(R.acquire())),
            start("rwlock", || drop(W.read())),
            start("writes", || drop(V.write())),
            start("condition", || _ = C.wait_timeout(&mut M.acquire(), Duration::from_secs(3600))),
            start("semaphore", || S.acquire().forget()),
            start("getter", || _ = G.get()),
            start("putter", || _ = P.put(3)),
            start("sleep", || _ = threadwork_core::sleep(Duration::from_secs(3600))),
        ];
        let kinds = [
            ("lock", "Lock"),
            ("rlock", "RLock"),
            ("rwlock", "RwLock"),
            ("writes", "RwLock"),
            ("condition", "Condition"),
            ("semaphore", "Semaphore"),
            ("getter", "QueueGet"),
            ("putter", "QueuePut"),
            ("sleep", "Sleep"),
            ("joiner", "Join"),
            ("target", "Event"),
            ("reads", "Event"),
        ];
        let waits_for = |dump: &Dump, name, kind: &str| {
            let wait = find(dump, name).waits_for.as_ref();
            wait.is_some_and(|it| it.kind == kind && it.location.starts_with(file!()))
        };
        let dump = dump_when(|it| kinds.iter().all(|(name, kind)| waits_for(it, name, kind)));
        let text = dump.to_string();
        let check = |name: &str, expected: &str| {
            let lines: Vec<_> = text.lines().collect();
            let head = format!("  '{name}' #");
            let place = lines.iter().position(|it| it.starts_with(&head)).expect("it is listed");
            let line = lines[place + 1];
            assert!(line.starts_with(&format!("    waits for {expected}")), "{name}: {text}");
            assert!(line.contains(&format!(" at {}:", file!())), "{text}");
            line
        };
        let by = format!(", held by '{me}' #{}", get_ident());
        assert!(check("lock", "lock 'a'").ends_with(&by), "{text}");
        assert!(check("rlock", "re-entrant lock 'r'").ends_with(&by), "{text}");
        assert!(check("rwlock", "read-write lock 'w'").ends_with(&by), "{text}");
        let by = format!(", read by 'reads' #{}", reads.ident().unwrap());
        assert!(check("writes", "read-write lock 'v'").ends_with(&by), "{text}");
        check("condition", "condition 'c'");
        check("semaphore", "semaphore 's'");
        check("getter", "item of queue 'g' (0 without a limit)");
        check("putter", "room in queue 'p' (2 of 2)");
        check("target", "event 'e'");
        check("sleep", "the end of its sleep");
        let line = check("joiner", "the end of 'target'");
        assert!(line.ends_with(&format!(", #{}", target.ident().unwrap())), "{line}");
        let join = find(&dump, "joiner").waits_for.as_ref().unwrap();
        assert_eq!((join.holder.as_deref(), &*join.kind), (Some("target"), "Join"));

        drop(held);
        E.set();
        S.release(1).unwrap();
        G.shutdown();
        P.shutdown();
        C.notify_all(&M.acquire());
        threads.iter().for_each(|it| _ = it.request_stop());
        threads.iter().for_each(|it| it.join().unwrap());
        joiner.join().unwrap();
    });
    assert!(program.run().lines().is_empty());
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn a_dump_tells_states_ages_and_cpu_times() {
    let program = Program::new(|| {
        static GO: Event = Event::new();
        static ENOUGH: AtomicBool = AtomicBool::new(false);
        static WOKEN: Event = Event::new();
        static SPINS: Event = Event::new();

        let waited = Thread::builder().name("waited").build(|| {
            WOKEN.wait();
            while !ENOUGH.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        });
        waited.start().unwrap();
        let before_wait = dump_when(|it| find(it, "waited").waits_for.is_some());
        WOKEN.set();
        let spins = Thread::builder().name("spins").daemon(true).build(|| {
            SPINS.set();
            while !ENOUGH.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        });
        spins.start().unwrap();
        // Before this the thread may have to wait for a dump that is being taken.
        SPINS.wait();
        let waits = Thread::builder().name("waits").daemon(false).build(|| GO.wait());
        let before = Instant::now();
        waits.start().unwrap();
        let dump = dump_when(|it| {
            let used = find(it, "spins").cpu;
            used.is_none_or(|it| it > 0.02)
                && find(it, "waits").waits_for.is_some()
                && find(it, "waited").waits_for.is_none()
        });
        let most = before.elapsed().as_secs_f64() + 0.1;
        let [spins, waits] = ["spins", "waits"].map(|it| find(&dump, it));
        assert_eq!((spins.state, spins.daemon), (StateDump::Running, true));
        assert_eq!((waits.state, waits.daemon), (StateDump::Waiting, false));
        assert_eq!(spins.seconds_in_state, spins.age, "it never waited");
        let waited = find(&dump, "waited");
        let did_not_run = waited.age.unwrap() - waited.seconds_in_state.unwrap();
        assert!(did_not_run >= find(&before_wait, "waited").age.unwrap(), "{dump}");
        assert_eq!(waits.seconds_in_state, waits.waits_for.as_ref().map(|it| it.seconds));
        assert!(waits.age >= waits.seconds_in_state && waits.age < Some(most), "{dump}");
        assert!(
            waits.cpu < spins.cpu || cfg!(not(all(target_os = "linux", not(threadwork_portable)))),
            "{dump}"
        );
        let text = spins.to_string();
        assert!(text.starts_with(&format!("'spins' #{} tid ", spins.ident)), "{text}");
        let for_so_long = format!(" daemon: running for {:.3} s, cpu ", spins.age.unwrap());
        assert!(text.contains(&for_so_long), "{text}");
        ENOUGH.store(true, Ordering::Relaxed);
        GO.set();
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn threads_stand_in_a_tree_of_their_groups() {
    let program = Program::new(|| {
        static GO: Event = Event::new();

        let shop = ThreadGroup::new("shop");
        let clerks = shop.child("clerks");
        let rooms: Vec<_> = (0..3).map(|it| shop.child(it.to_string()).child("deep")).collect();
        // A group without a parent that is named like a child, and two groups of one name.
        let odd = ThreadGroup::new("shop/clerks");
        let twin = ThreadGroup::new("shop");
        let start = |group: &ThreadGroup, name: &str| {
            let thread = group.builder().name(name).build(|| GO.wait());
            thread.start().unwrap();
            thread
        };
        let mut threads = vec![
            start(&clerks, "ann"),
            start(&odd, "odd"),
            start(&shop, "bob"),
            start(&twin, "twin"),
            start(&clerks, "cid"),
        ];
        threads.extend(rooms.iter().map(|it| start(it, "dee")));
        let alone = Thread::builder().name("alone").build(|| GO.wait());
        alone.start().unwrap();

        let dump = dump();
        let names =
            |it: &GroupDump| it.threads.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
        assert!(names(&dump.root).contains(&"alone".to_owned()), "{dump}");
        let tops: Vec<_> =
            dump.root.groups.iter().map(|it| (it.name.as_deref().unwrap(), names(it))).collect();
        let expected = [("shop", "bob"), ("shop/clerks", "odd"), ("shop", "twin")];
        assert_eq!(tops, expected.map(|(name, thread)| (name, vec![thread.to_owned()])), "{dump}");
        let below: Vec<_> = dump.root.groups[0].groups.iter().collect();
        assert_eq!(below.len(), 4, "{dump}");
        assert_eq!(below[0].name.as_deref(), Some("shop/clerks"));
        assert_eq!(names(below[0]), ["ann", "cid"]);
        for (number, room) in below[1..].iter().enumerate() {
            assert_eq!(room.name, Some(format!("shop/{number}")));
            assert!(room.threads.is_empty());
            assert_eq!(room.groups[0].name, Some(format!("shop/{number}/deep")));
            assert_eq!(names(&room.groups[0]), ["dee"]);
        }
        assert_eq!(dump.count, all(&dump.root).len());
        let text = dump.to_string();
        assert!(text.contains("\n\n  group 'shop'\n    'bob' #"), "{text}");
        assert!(text.contains("\n\n    group 'shop/clerks'\n      'ann' #"), "{text}");

        GO.set();
        threads.iter().for_each(|it| it.join().unwrap());
        alone.join().unwrap();
    });
    assert!(program.run().lines().is_empty());
}
