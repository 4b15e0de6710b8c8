//! What a thread inherits from the one that builds it. Spans and dispatchers are in `tests/dispatcher.rs`, `daemon` is in `registry`.

use std::sync::Arc;

use threadwork_core::{
    Builder, MyThread, Thread, ThreadGroup, current_stop_token, current_thread, scope,
};
use threadwork_sync::{Event, StopSource};

use crate::support::{foreign, in_time, run};

/// Returns what a thread built here inherits: whether it is a daemon, and its group.
fn inherited() -> (bool, Option<ThreadGroup>) {
    let thread = Thread::new(|| ());
    assert!(!thread.stop_requested());
    let family = (thread.is_daemon(), thread.group());
    let others: [Thread; 2] =
        [Thread::builder().name("named").build(|| ()).into(), MyThread::new(|| ()).into()];
    assert!(others.iter().all(|it| (it.is_daemon(), it.group()) == family));
    current_thread().request_stop();
    assert!(!thread.stop_requested(), "a stop is for one thread");
    family
}

#[track_caller]
fn check(builder: Builder, expected: (bool, Option<ThreadGroup>)) {
    let thread = builder.my_thread(inherited, ());
    run(&thread).unwrap();
    assert_eq!(thread.get_result().unwrap(), &expected);
}

#[test]
fn a_thread_inherits_daemon_and_group_from_its_builder() {
    let group = ThreadGroup::new("family");
    check(group.builder().daemon(false), (false, Some(group.clone())));
    check(Thread::builder().daemon(true), (true, None));
    let child = group.child("child");
    check(child.builder().daemon(true), (true, Some(child)));
}

#[test]
fn they_are_inherited_from_thread_to_thread() {
    let group = ThreadGroup::new("family");
    let (tell, stop) = (group.clone(), StopSource::new());
    let thread = group.builder().daemon(false).stop_token(&stop.token()).my_thread(
        move || {
            let child = MyThread::new(move || {
                let grandchild = Thread::new(|| ());
                assert_eq!((grandchild.group(), grandchild.is_daemon()), (Some(tell), false));
                stop.request_stop();
                grandchild.stop_requested()
            });
            in_this_thread(child)
        },
        (),
    );
    run(&thread).unwrap();
    assert!(thread.get_result().unwrap());
}

fn in_this_thread<F: FnOnce() -> bool + Send + 'static>(mut thread: MyThread<F, bool>) -> bool {
    run(&thread).unwrap();
    thread.take_result().unwrap()
}

#[test]
fn each_of_them_can_be_overridden() {
    let (family, other) = (ThreadGroup::new("family"), ThreadGroup::new("other"));
    let (elsewhere, stop) = (other.clone(), StopSource::new());
    let thread = family.builder().daemon(false).stop_token(&stop.token()).my_thread(
        move || {
            let threads = [
                Thread::builder().daemon(true),
                Thread::builder().group(&elsewhere),
                Thread::builder().stop_token(&StopSource::new().token()),
            ]
            .map(|it| it.build(|| ()));
            let family = threads.each_ref().map(|it| (it.is_daemon(), it.group()));
            stop.request_stop();
            (family, threads.map(|it| it.stop_requested()))
        },
        (),
    );
    run(&thread).unwrap();
    let (families, stops) = thread.get_result().unwrap();
    let family = || Some(family.clone());
    assert_eq!(*families, [(true, family()), (false, Some(other)), (false, family())]);
    assert_eq!(*stops, [true, true, false]);
}

#[test]
fn a_thread_inherits_from_its_builder_and_not_from_its_starter() {
    let group = ThreadGroup::new("starters");
    let thread = Arc::new(Thread::new(|| ()));
    let inside = Arc::clone(&thread);
    let starter = group.builder().build(move || {
        current_thread().request_stop();
        run(&inside).unwrap();
    });
    run(&starter).unwrap();
    assert_eq!(thread.group(), None);
    assert!(!thread.stop_requested());
}

#[test]
fn scoped_threads_inherit_the_same() {
    let group = ThreadGroup::new("family");
    let expected = Some(group.clone());
    let thread = group.builder().daemon(false).my_thread(
        || {
            scope(|scope| {
                let scoped = scope.call(|| {
                    let current = current_thread();
                    (current.name(), current.group(), current.is_daemon(), current_stop_token())
                });
                let (name, group, daemon, token) = scoped.unwrap().into_result().unwrap();
                current_thread().request_stop();
                (name, group, daemon, token.stop_requested())
            })
        },
        (),
    );
    run(&thread).unwrap();
    let found = thread.get_result().unwrap();
    assert_eq!(*found, ("family/worker-2".to_owned(), expected, false, true));
}

#[test]
fn a_foreign_thread_has_no_group_to_inherit() {
    assert_eq!(foreign(|| Thread::new(|| ()).group()), None);
    assert_eq!(in_time(|| Thread::new(|| ()).group()), None);
}

/// Each thread builds the next one and ends. The next one does not keep its builder's data.
#[test]
fn a_long_chain_of_threads_leaks_nothing() {
    fn next(left: u32, last: Arc<Event>) {
        if left == 0 {
            last.set();
            return;
        }
        let token = current_stop_token();
        let thread = Thread::builder().stack_size(64 * 1024).build(move || {
            assert!(!token.stop_requested());
            next(left - 1, Arc::clone(&last));
        });
        thread.start().unwrap();
    }
    let last = Arc::new(Event::new());
    next(5000, Arc::clone(&last));
    last.wait();
}

#[test]
fn debug_of_a_builder_shows_its_settings() {
    let group = ThreadGroup::new("shown");
    let shown = format!("{:?}", Thread::builder().name("loop").daemon(true).group(&group));
    for part in [r#"name: Some("loop")"#, "daemon: Some(true)", "ThreadGroup", "quiet: false"] {
        assert!(shown.contains(part), "{shown}");
    }
}
