//! Names of threads, here and in the operating system. Default names are tested in `tests/default_names.rs`.

use threadwork_core::{Thread, ThreadGroup, current_thread, main_thread};

use crate::support::{Gated, blocked, join, run};

/// After `ThreadTests.test_name`.
#[test]
fn a_thread_has_the_given_name() {
    assert_eq!(Thread::builder().name("loop").build(|| ()).name(), "loop");
    assert_eq!(Thread::builder().name(String::from("loop")).build(|| ()).name(), "loop");
    assert_eq!(Thread::builder().name(5.to_string()).build(|| ()).name(), "5");
    assert_eq!(Thread::builder().name("first").name("last").build(|| ()).name(), "last");
}

#[test]
fn names_need_not_be_unique() {
    let twins = [(); 2].map(|()| Thread::builder().name("twin").build(|| ()));
    twins.iter().for_each(|it| run(it).unwrap());
    assert!(twins.iter().all(|it| it.name() == "twin"));
}

#[test]
fn a_thread_can_be_renamed_at_any_time_by_any_thread() {
    let gated = Gated::new();
    gated.set_name("before the start").unwrap();
    assert_eq!(gated.name(), "before the start");
    gated.start().unwrap();
    blocked(&gated);
    let handle = gated.handle().clone();
    run(&Thread::new(move || handle.set_name("while it runs").unwrap())).unwrap();
    assert_eq!(gated.name(), "while it runs");
    gated.open();
    join(&gated).unwrap();
    gated.set_name("after the end").unwrap();
    assert_eq!(gated.name(), "after the end");
    assert_eq!(gated.handle().clone().name(), "after the end");
}

#[test]
fn a_thread_can_rename_itself() {
    let thread = Thread::builder().name("before").build(|| {
        current_thread().set_name("after").unwrap();
        assert_eq!(current_thread().name(), "after");
    });
    run(&thread).unwrap();
    assert_eq!(thread.name(), "after");
}

#[test]
fn an_empty_name_means_the_default_name_for_the_builder() {
    let thread = Thread::builder().name("").build(|| ());
    assert!(thread.name().starts_with("Thread-"), "{}", thread.name());
    assert!(thread.name().ends_with(" (<closure>)"), "{}", thread.name());
    let taken_back = Thread::builder().name("loop").name("").build(|| ());
    assert!(taken_back.name().starts_with("Thread-"));
}

#[test]
fn an_empty_name_can_be_set_afterwards() {
    let thread = Thread::builder().name("loop").build(|| ());
    thread.set_name("").unwrap();
    assert_eq!(thread.name(), "");
    run(&thread).unwrap();
    assert_eq!(thread.name(), "");
}

#[test]
fn a_name_may_be_long_and_in_any_script() {
    for name in ["x".repeat(10_000), "Fädchen №7 — 糸".to_owned(), "a\nb".to_owned()] {
        let thread = Thread::builder().name(name.as_str()).build(|| ());
        run(&thread).unwrap();
        assert_eq!(thread.name(), name);
    }
}

#[test]
fn the_main_thread_is_called_main_thread() {
    assert_eq!(main_thread().name(), "MainThread");
}

#[test]
fn std_knows_the_name_that_the_thread_was_started_with() {
    let thread = Thread::builder().name("loop").my_thread(
        || {
            current_thread().set_name("renamed").unwrap();
            std::thread::current().name().map(str::to_owned)
        },
        (),
    );
    run(&thread).unwrap();
    assert_eq!(thread.get_result().unwrap().as_deref(), Some("loop"));
}

/// Returns the operating system's name of a living thread.
#[cfg(all(target_os = "linux", not(threadwork_portable)))]
#[track_caller]
fn os_name(thread: &threadwork_core::ThreadHandle) -> Vec<u8> {
    let native_id = thread.native_id().expect("it runs");
    let mut name = std::fs::read(format!("/proc/self/task/{native_id}/comm")).unwrap();
    assert_eq!(name.pop(), Some(b'\n'));
    name
}

/// After `MiscTestCase.test_set_name`.
///
/// DIFFERENCE: a name with a NUL character is an error; Python truncates it there.
#[test]
#[cfg(all(target_os = "linux", not(threadwork_portable)))]
fn the_operating_system_gets_the_first_fifteen_bytes_in_whole_characters() {
    let names = [
        ("loop", "loop"),
        ("exactly fifteen", "exactly fifteen"),
        ("a name of many more than fifteen bytes", "a name of many "),
        ("ä b", "ä b"),
        ("fourteen bytesä", "fourteen bytes"),
        ("", ""),
    ];
    for (name, cut) in names {
        let gated = Gated::new();
        gated.set_name(name).unwrap();
        gated.start().unwrap();
        blocked(&gated);
        assert_eq!(os_name(&gated), cut.as_bytes());
        assert_eq!(gated.name(), name, "the library keeps the whole name");
        gated.end().unwrap();
    }
}

/// After `MiscTestCase.test_change_name`.
///
/// DIFFERENCE: in Python 3.14 the operating system gets the name only if a thread renames itself.
#[test]
#[cfg(all(target_os = "linux", not(threadwork_portable)))]
fn the_operating_system_gets_a_new_name_from_any_thread() {
    let gated = Gated::new();
    gated.set_name("first").unwrap();
    gated.start().unwrap();
    blocked(&gated);
    assert_eq!(os_name(&gated), b"first");
    for (name, cut) in [("second", "second"), ("fourteen bytesä", "fourteen bytes")] {
        gated.set_name(name).unwrap();
        assert_eq!(os_name(&gated), cut.as_bytes());
    }
    gated.end().unwrap();

    let by_itself = threadwork_core::MyThread::new(|| {
        current_thread().set_name("by itself").unwrap();
        os_name(&current_thread())
    });
    run(&by_itself).unwrap();
    assert_eq!(by_itself.get_result().unwrap(), b"by itself");
}

#[test]
fn threads_groups_states_and_outcomes_are_displayed() {
    let group = ThreadGroup::new("server").child("readers");
    assert_eq!(group.to_string(), "group 'server/readers'");
    let thread = group.builder().name("loop").build(|| panic!("no number in line {}", 7));
    assert_eq!(thread.handle().to_string(), "thread 'loop'", "it has no number yet");
    assert_eq!(format!("[{:>8}]", thread.state()), "[     new]");
    thread.start().unwrap();
    thread.join().unwrap_err();
    let number = thread.ident().unwrap();
    assert_eq!(thread.handle().to_string(), format!("thread 'loop' #{number}"));
    assert_eq!(thread.state().to_string(), "panicked");
    assert_eq!(thread.outcome().unwrap().to_string(), "panicked: no number in line 7");

    let stopped = Thread::new(|| ());
    stopped.request_stop();
    stopped.start().unwrap();
    stopped.join().unwrap();
    assert_eq!(stopped.state().to_string(), "stopped");
    assert_eq!(stopped.outcome().unwrap().to_string(), "stopped");
}
