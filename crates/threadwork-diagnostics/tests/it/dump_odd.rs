//! Dumps of unusual threads.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use threadwork_core::{Thread, ThreadGroup, Timer, current_thread};
use threadwork_diagnostics::{StateDump, WaitDump, dump};
use threadwork_sync::{Event, get_ident, get_native_id, waits};

use crate::{
    dump::{all, dump_when, find},
    program::Program,
};

#[test]
fn odd_names_are_complete_in_the_data_and_escaped_in_the_text() {
    let program = Program::new(|| {
        static GO: Event = Event::new().named("go\n'now'");

        let names = ["", "größer 猫", "two\nlines", "\u{1b}[31mred", "quote'\"\\", "tab\t"];
        let group = ThreadGroup::new("a\ngroup");
        let threads: Vec<_> = names
            .iter()
            .map(|it| {
                let thread = group.builder().name(*it).build(|| GO.wait());
                thread.start().unwrap();
                thread
            })
            .collect();
        let dump = dump_when(|it| {
            it.root.groups.iter().flat_map(all).filter(|it| it.waits_for.is_some()).count() == 6
        });
        let json: Value = serde_json::from_str(&serde_json::to_string(&dump).unwrap()).unwrap();
        let group = &json["root"]["groups"][0];
        assert_eq!(group["name"], "a\ngroup");
        let read: Vec<_> = (0..6).map(|it| group["threads"][it]["name"].clone()).collect();
        assert_eq!(read[1..], names[1..]);
        let text = dump.to_string();
        assert!(text.contains(r"group 'a\ngroup'"), "{text}");
        assert!(text.contains(r"'two\nlines' #") && text.contains(r"'\u{1b}[31mred' #"), "{text}");
        assert!(text.contains("'größer 猫' #") && text.contains("'tab\t' #"), "{text}");
        assert!(text.contains(r"waits for event 'go\n'now'' at "), "{text}");
        assert!(text.lines().all(|it| !it.contains(|it: char| it.is_control() && it != '\t')));
        GO.set();
        threads.iter().for_each(|it| it.join().unwrap());
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn foreign_threads_are_listed_with_what_is_known_of_them() {
    let program = Program::new(|| {
        static GO: Event = Event::new().named("go");

        let ready = Arc::new(Barrier::new(3));
        let known = std::thread::spawn({
            let ready = Arc::clone(&ready);
            move || {
                let me = current_thread();
                ready.wait();
                GO.wait();
                me.name()
            }
        });
        let wait = {
            let ready = Arc::clone(&ready);
            move || {
                let me = (get_ident(), get_native_id());
                ready.wait();
                GO.wait();
                me
            }
        };
        let blocked = std::thread::Builder::new().name("of others".to_owned()).spawn(wait).unwrap();
        ready.wait();
        while waits().iter().filter(|it| it.name == Some("go")).count() < 2 {
            std::thread::yield_now();
        }
        let dump = dump();
        GO.set();
        let name = known.join().unwrap();
        let it = find(&dump, &name);
        assert!(
            name.starts_with("Dummy-") && it.daemon && it.state == StateDump::Waiting,
            "{dump}"
        );
        let (ident, native_id) = blocked.join().unwrap();
        let number = format!("thread {ident}");
        let it = find(
            &dump,
            if cfg!(all(target_os = "linux", not(threadwork_portable))) {
                "of others"
            } else {
                &number
            },
        );
        assert_eq!((it.ident, it.native_id), (ident.get(), native_id));
        assert_eq!((it.state, it.age), (StateDump::Waiting, None));
        assert_eq!(it.cpu.is_some(), cfg!(all(target_os = "linux", not(threadwork_portable))));
        assert_eq!(it.waits_for.as_ref().map(|it| &*it.kind), Some("Event"));
        assert!(dump.others.iter().all(|it| Some(it.native_id) != native_id), "{dump}");
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn dumps_are_complete_while_threads_start_and_end_all_the_time() {
    let program = Program::new(|| {
        static ENOUGH: AtomicBool = AtomicBool::new(false);

        let groups: Vec<_> = (0..4).map(|it| ThreadGroup::new(it.to_string())).collect();
        let makers: Vec<_> = groups
            .iter()
            .map(|group| {
                let group = group.clone();
                let make = move || {
                    while !ENOUGH.load(Ordering::Relaxed) {
                        let run = || _ = threadwork_core::sleep(Duration::from_micros(100));
                        let thread = group.builder().daemon(true).build(run);
                        thread.start().unwrap();
                        thread.join().unwrap();
                    }
                };
                let maker = Thread::builder().name("maker").build(make);
                maker.start().unwrap();
                maker
            })
            .collect();
        let mut seen = BTreeSet::new();
        let mut count = 0;
        while count < 100 || seen.len() < 100 {
            count += 1;
            let dump = dump();
            let threads = all(&dump.root);
            let idents: BTreeSet<_> = threads.iter().map(|it| it.ident).collect();
            assert_eq!(idents.len(), threads.len(), "no thread is listed twice: {dump}");
            for maker in &makers {
                assert!(idents.contains(&maker.ident().unwrap().get()), "{dump}");
            }
            assert!(dump.deadlocks.is_empty(), "{dump}");
            assert!(!dump.to_string().is_empty());
            seen.extend(idents);
        }
        ENOUGH.store(true, Ordering::Relaxed);
        makers.iter().for_each(|it| it.join().unwrap());
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn the_thread_that_serves_timers_is_listed_once_under_its_name() {
    let program = Program::new(|| {
        let timer = Timer::new(Duration::from_secs(3600), || ());
        timer.start().unwrap();
        let dump = dump_when(|it| {
            let on = |it: &WaitDump| it.name.as_deref() == Some("the first timer");
            it.own_threads.iter().any(|it| it.waits_for.as_ref().is_some_and(on))
        });
        assert!(all(&dump.root).iter().all(|it| it.name != "threadwork-timers"), "{dump}");
        let it = find(&dump, "threadwork-timers");
        assert_eq!(
            it.native_id.is_some(),
            cfg!(all(target_os = "linux", not(threadwork_portable)))
        );
        assert!(dump.others.iter().all(|other| Some(other.native_id) != it.native_id), "{dump}");
        assert_eq!(dump.to_string().matches("'threadwork-time").count(), 1, "{dump}");
        timer.cancel();
    });
    assert!(program.run().lines().is_empty());
}
