//! Groups of threads.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_core::{
    JoinAllError, MyThread, StartError, Thread, ThreadGroup, ThreadState, current_thread,
    enumerate, main_thread, sleep,
};
use threadwork_sync::{Event, StopSource, Wait, WaitError, WaitKind};

use crate::support::{PATIENCE, blocked, eventually, foreign, in_time, join, record_of, run};

/// Starts a thread of the group that is alive until the gate is open.
fn gated(group: &ThreadGroup, gate: &Arc<Event>) -> Thread {
    let gate = Arc::clone(gate);
    let thread = group.builder().build(move || gate.wait());
    thread.start().unwrap();
    thread.into()
}

#[test]
fn groups_form_a_tree() {
    let server = ThreadGroup::new("server");
    let readers = server.child("readers");
    let fast = readers.child("fast");
    assert_eq!(server.name(), "server");
    assert_eq!(fast.name(), "server/readers/fast");
    assert_eq!((server.parent(), fast.parent()), (None, Some(&readers)));
    assert_ne!(server, ThreadGroup::new("server"), "groups of one name are different groups");
    assert_eq!(server.clone(), server);
    assert_eq!(
        format!("{readers:?}"),
        r#"ThreadGroup { name: "server/readers", count: 0, stop_requested: false, .. }"#
    );

    let gate = Arc::new(Event::new());
    let threads = [&server, &readers, &fast].map(|group| gated(group, &gate));
    let handles = threads.each_ref().map(|it| it.handle().clone());
    assert_eq!(server.list(), handles);
    assert_eq!(readers.list(), handles[1..]);
    assert_eq!(fast.list(), handles[2..]);
    assert_eq!([&server, &readers, &fast].map(ThreadGroup::count), [3, 2, 1]);
    assert!(server.contains(&threads[2]) && !fast.contains(&threads[0]));
    assert!(!server.contains(&main_thread()));
    assert!(!server.contains(&foreign(current_thread)));
    assert_eq!(threads[2].group(), Some(fast.clone()));
    gate.set();
    server.join_all_timeout(PATIENCE).unwrap();
    assert_eq!([&server, &readers, &fast].map(ThreadGroup::count), [0; 3]);
    assert!(server.list().is_empty());
    assert!(threads.iter().all(|it| it.state() == ThreadState::Finished));
    assert!(server.contains(&threads[2]), "a thread that has ended is still a member");
}

#[test]
fn threads_without_a_name_are_numbered_in_their_group() {
    let pool = ThreadGroup::new("pool");
    let inner = pool.child("inner");
    let name = |group: &ThreadGroup| group.builder().build(|| ()).name();
    assert_eq!([name(&pool), name(&pool)], ["pool/worker-1", "pool/worker-2"]);
    assert_eq!(name(&inner), "pool/inner/worker-1");
    assert_eq!(pool.builder().name("boss").build(|| ()).name(), "boss");
    assert_eq!(pool.builder().name("").build(|| ()).name(), "pool/worker-3");
    assert_eq!(pool.builder().my_thread(|| 7, ()).name(), "pool/worker-4");
    let inherited = pool.builder().my_thread(|| Thread::new(|| ()).name(), ());
    run(&inherited).unwrap();
    assert_eq!(inherited.get_result().unwrap(), "pool/worker-6");
}

#[test]
fn a_thread_counts_from_its_start_to_its_end_however_it_comes() {
    let (outer, gate) = (ThreadGroup::new("outer"), Arc::new(Event::new()));
    let group = outer.child("counted");
    let check = |count: usize| {
        assert_eq!((group.count(), outer.count()), (count, count));
        assert_eq!((group.list().len(), outer.list().len()), (count, count));
    };
    let new = group.builder().build(|| ());
    check(0);
    let one = gated(&group, &gate);
    check(1);
    one.start().unwrap_err();
    check(1);
    for refused in [
        group.builder().stack_size(crate::support::ABSURD_STACK_SIZE).build(|| ()).erase(),
        group.builder().stack_size(1).build(|| ()).erase(),
        group.builder().name("\0").build(|| ()).erase(),
    ] {
        refused.start().unwrap_err();
        check(1);
    }
    let panics = group.builder().on_panic(|_, _| ()).build(|| panic!("on purpose"));
    run(&panics).unwrap_err();
    check(1);
    run(&new).unwrap();
    check(1);
    gate.set();
    join(&one).unwrap();
    check(0);
}

#[test]
fn a_group_does_not_count_a_joined_thread() {
    let group = ThreadGroup::new("one after the other");
    group.set_limit(1);
    for _ in 0..200 {
        let thread = group.builder().build(|| ());
        thread.start().unwrap();
        thread.join().unwrap();
        assert_eq!((group.count(), group.list().len()), (0, 0));
    }
}

#[test]
fn join_all_takes_a_deadline_or_a_stop() {
    let (group, gate) = (ThreadGroup::new("late"), Arc::new(Event::new()));
    group.join_all_timeout(Duration::ZERO).expect("the group has no threads");
    let threads = [gated(&group, &gate), gated(&group, &gate)];
    let handles = threads.each_ref().map(|it| it.handle().clone());

    let late = group.join_all_timeout(Duration::ZERO).unwrap_err();
    assert_eq!((late.alive(), late.why()), (&handles[..], WaitError::TimedOut));
    let text = "timed out while joining; join again, or stop those that are still alive: 'late/worker-1', 'late/worker-2'";
    assert_eq!(late.to_string(), text);

    let stop = StopSource::new();
    let (waiting, token) = (group.clone(), stop.token());
    let joiner = MyThread::new(move || waiting.join_all_with(&Wait::forever().or_stop(&token)));
    joiner.start().unwrap();
    blocked(&joiner);
    stop.request_stop();
    join(&joiner).unwrap();
    let stopped = joiner.get_result().unwrap().as_ref().unwrap_err();
    assert_eq!((stopped.alive(), stopped.why()), (&handles[..], WaitError::Stopped));
    assert!(stopped.to_string().starts_with("stopped while joining; join again, or stop those"));

    gate.set();
    group.join_all_timeout(PATIENCE).unwrap();
    group
        .join_all_with(&Wait::forever().or_stop(&stop.token()))
        .expect("the group has no threads any more");
}

#[test]
fn each_form_of_join_all_waits_and_leaves_the_callers_line() {
    type Form = fn(&ThreadGroup) -> Result<(), JoinAllError>;
    let forms: [(u32, Form); 3] = [
        (line!(), |group| group.join_all()),
        (line!(), |group| group.join_all_timeout(PATIENCE)),
        (line!(), |group| group.join_all_with(&Wait::timeout(PATIENCE))),
    ];
    for (line, form) in forms {
        let (group, gate) = (ThreadGroup::new("seen"), Arc::new(Event::new()));
        let thread = gated(&group, &gate);
        let waiting = group.clone();
        let joiner = Thread::new(move || form(&waiting).unwrap());
        joiner.start().unwrap();
        let record = blocked(&joiner);
        assert_eq!((record.holder, record.location.line()), (thread.ident(), line));
        gate.set();
        join(&joiner).unwrap();
        assert!(!thread.is_alive());
    }
}

#[test]
fn join_all_timeout_takes_its_timeout() {
    let (group, gate) = (ThreadGroup::new("for a time"), Arc::new(Event::new()));
    let thread = gated(&group, &gate);
    let waiting = group.clone();
    let late = in_time(move || waiting.join_all_timeout(Duration::from_millis(5)).unwrap_err());
    assert_eq!((late.alive(), late.why()), (&[thread.handle().clone()][..], WaitError::TimedOut));
    gate.set();
    group.join_all_timeout(PATIENCE).unwrap();
}

#[test]
fn threads_that_are_started_meanwhile_are_joined_too() {
    static ENDED: AtomicU32 = AtomicU32::new(0);
    fn descend(levels: u32) {
        if levels > 0 {
            Thread::with_args(descend, (levels - 1,)).start().unwrap();
        }
        ENDED.fetch_add(1, Ordering::Relaxed);
    }
    let group = ThreadGroup::new("ancestors");
    let first = group.builder().my_thread(descend, (50,));
    first.start().unwrap();
    let all = group.clone();
    in_time(move || all.join_all().unwrap());
    assert_eq!(ENDED.load(Ordering::Relaxed), 51);
    assert_eq!(group.count(), 0);
}

#[test]
fn a_member_can_join_all_others() {
    let (group, gate) = (ThreadGroup::new("members"), Arc::new(Event::new()));
    let other = gated(&group, &gate);
    let all = group.clone();
    let member = group.builder().my_thread(move || all.join_all().is_ok(), ());
    member.start().unwrap();
    assert_eq!(blocked(&member).holder, other.ident());
    gate.set();
    join(&member).unwrap();
    assert!(member.get_result().unwrap());
}

#[test]
fn a_panic_of_a_member_is_no_error_of_join_all() {
    let group = ThreadGroup::new("failing");
    group.set_panic_handler(|_, _| ());
    group.builder().build(|| panic!("on purpose")).start().unwrap();
    in_time(move || group.join_all().unwrap());
}

#[test]
fn join_all_waits_for_thread_local_destructors_and_does_not_spin() {
    struct WaitsAtTheEnd(Arc<Event>);
    impl Drop for WaitsAtTheEnd {
        fn drop(&mut self) {
            self.0.wait();
        }
    }
    thread_local! {
        static LAST: std::cell::RefCell<Option<WaitsAtTheEnd>> =
            const { std::cell::RefCell::new(None) };
    }

    let stop = StopSource::new();
    let long = || Wait::timeout(Duration::from_secs(1 << 20));
    let or_stop = || Wait::forever().or_stop(&stop.token());
    let waits: [&dyn Fn() -> Wait; 3] = [&Wait::forever, &long, &or_stop];
    for (is_scoped, wait) in waits.iter().flat_map(|wait| [(false, wait), (true, wait)]) {
        let (group, gate) = (ThreadGroup::new("leaving"), Arc::new(Event::new()));
        let waits = Arc::clone(&gate);
        let run = move || LAST.set(Some(WaitsAtTheEnd(Arc::clone(&waits))));
        if is_scoped {
            threadwork_core::scope(|scope| _ = scope.call_as(group.builder(), run).unwrap());
        } else {
            let thread = group.builder().build(run);
            thread.start().unwrap();
            thread.join_timeout(PATIENCE).unwrap();
        }
        assert_eq!(group.count(), 0);
        let (all, wait) = (group.clone(), wait());
        let joiner = Thread::new(move || all.join_all_with(&wait).unwrap());
        joiner.start().unwrap();
        // A thread that polls would not be seen blocked in this wait.
        eventually("join_all polls", || {
            (record_of(joiner.ident()?)?.kind == WaitKind::Join).then_some(())
        });
        assert!(joiner.is_alive());
        gate.set();
        join(&joiner).unwrap();
    }
}

#[test]
fn a_stop_goes_down_the_tree_and_not_up_and_to_those_that_come_later() {
    let server = ThreadGroup::new("server");
    let readers = server.child("readers");
    let sleeps = || sleep(Duration::MAX).unwrap_err();
    let before = readers.builder().my_thread(sleeps, ());
    assert!(readers.request_stop() && !readers.request_stop());
    assert!(!server.stop_requested() && readers.stop_token().stop_requested());
    let after = readers.child("after").builder().my_thread(sleeps, ());
    for thread in [Thread::from(before), after.into()] {
        assert!(thread.stop_requested(), "before the thread is started");
        run(&thread).unwrap();
        assert_eq!(thread.state(), ThreadState::Stopped);
    }
    assert!(!server.builder().build(|| ()).stop_requested());
    server.request_stop();
    assert!(server.builder().build(|| ()).stop_requested());
}

#[test]
fn a_stop_of_a_member_stops_no_other_thread() {
    let group = ThreadGroup::new("brothers");
    let [one, other] = [(); 2].map(|()| group.builder().build(|| ()));
    one.request_stop();
    assert!(!other.stop_requested() && !group.stop_requested());
}

#[test]
fn a_thread_with_a_given_token_is_stopped_with_its_group_too() {
    let (group, own) = (ThreadGroup::new("both"), StopSource::new());
    let thread = || group.builder().stop_token(&own.token()).build(|| ());
    let (first, second) = (thread(), thread());
    assert!(!first.stop_token().stop_requested());
    own.request_stop();
    assert!(first.stop_requested() && !group.stop_requested());
    let (group, own) = (ThreadGroup::new("both"), StopSource::new());
    let third = group.builder().stop_token(&own.token()).build(|| ());
    group.request_stop();
    assert!(third.stop_requested() && second.stop_requested());
}

#[test]
fn a_group_without_handles_lives_on_in_its_threads() {
    let gate = Arc::new(Event::new());
    let thread = gated(&ThreadGroup::new("forgotten"), &gate);
    let group = thread.group().unwrap();
    assert_eq!((group.name(), group.count()), ("forgotten", 1));
    gate.set();
    join(&thread).unwrap();
    eventually("the thread is still listed", || (!enumerate().contains(&thread)).then_some(()));
}

#[test]
fn copies_of_a_prototype_are_started_all_or_asked_to_stop() {
    let until_stopped = || while threadwork_core::sleep(Duration::MAX).is_ok() {};
    let pool = ThreadGroup::new("copies");
    let workers = pool.replicate(&until_stopped, 3).unwrap();
    let names: Vec<_> = workers.iter().map(|it| it.name()).collect();
    assert_eq!(names, ["copies/worker-1", "copies/worker-2", "copies/worker-3"]);
    assert!(workers.iter().all(|it| it.is_alive() && it.group() == Some(pool.clone())));

    pool.set_limit(5);
    let refused = pool.replicate(&until_stopped, 3).unwrap_err();
    assert!(matches!(refused, StartError::GroupFull { limit: 5, .. }));
    assert!(workers.iter().all(|it| !it.stop_requested()), "the earlier threads were not stopped");
    workers.iter().for_each(|it| _ = it.request_stop());
    // The threads started before the refusal were asked to stop, or this would wait for ever.
    pool.join_all().unwrap();
    assert_eq!(pool.count(), 0);
}
