//! The value of the user's that a thread has.

use std::sync::Arc;

use threadwork_core::{Thread, current_thread, enumerate};

use crate::support::{eventually, join};

struct Request {
    path: &'static str,
}

#[test]
fn a_thread_and_those_who_list_it_read_its_data() {
    let builder = Thread::builder().data(Request { path: "/data" });
    let server = builder
        .spawn(|| {
            let me = current_thread();
            assert_eq!(me.data::<Request>().unwrap().path, "/data");
            // A thread does not inherit it.
            let inner = Thread::spawn(|| assert!(current_thread().data::<Request>().is_none()));
            join(&inner.unwrap()).unwrap();
            let _ = threadwork_core::sleep(std::time::Duration::MAX);
        })
        .unwrap();
    let listed = enumerate();
    let path = |it: &threadwork_core::ThreadHandle| it.data::<Request>().map(|it| it.path);
    assert_eq!(listed.iter().find_map(path), Some("/data"));
    server.request_stop();
    join(&server).unwrap();
    assert_eq!(path(&server), Some("/data"), "it stays after the end");
}

#[test]
fn data_of_another_type_is_not_there() {
    let thread = Thread::builder().data(7_u32).data("seven").build(|| ());
    assert_eq!(thread.data::<&str>(), Some(&"seven"));
    assert_eq!(thread.data::<u32>(), None, "the second value has replaced the first");
    assert_eq!(Thread::new(|| ()).data::<()>(), None);
}

#[test]
fn clones_of_a_builder_share_the_data_and_the_last_handle_drops_it() {
    let value = Arc::new(());
    let builder = Thread::builder().data(Arc::clone(&value));
    let threads = [builder.clone(), builder].map(|it| it.build(|| ()));
    assert_eq!(Arc::strong_count(&value), 2);
    let handle = threads[0].handle().clone();
    drop(threads);
    assert_eq!(Arc::strong_count(&value), 2);
    assert!(handle.data::<Arc<()>>().is_some());
    drop(handle);
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn the_thread_of_a_timer_has_the_data_of_its_builder() {
    let builder = Thread::builder().data(7_u32);
    let timer = builder.timer(std::time::Duration::ZERO, || {
        assert_eq!(current_thread().data::<u32>(), Some(&7));
    });
    timer.start().unwrap();
    eventually("the timer does not end", || timer.outcome());
    timer.join().unwrap();
    assert_eq!(timer.handle().data::<u32>(), Some(&7));
}
