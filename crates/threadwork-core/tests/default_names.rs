//! Default names are counted from one. This is one test in its own process.

use std::borrow::Cow;

use threadwork_core::{Call, MyThread, Runnable, Thread, current_thread, main_thread};

fn download(_page: u32) {}

struct Notifier;

impl Notifier {
    fn notify(&self) {}
}

struct Upload;

impl Runnable for Upload {
    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed("upload of one file")
    }
}

fn foreign_name() -> String {
    std::thread::spawn(|| current_thread().name()).join().unwrap()
}

#[test]
fn default_names_are_counted_from_one_and_only_where_they_are_used() {
    assert_eq!(Thread::with_args(download, (7,)).name(), "Thread-1 (download)");
    assert_eq!(Thread::new(|| ()).name(), "Thread-2 (<closure>)");
    assert_eq!(Thread::new(Upload).name(), "Thread-3 (upload of one file)");

    // A thread with a given name uses no number, and a thread that has a number takes no second one.
    assert_eq!(Thread::builder().name("loop").build(|| ()).name(), "loop");
    assert_eq!(main_thread().name(), "MainThread");
    assert_eq!(
        Thread::builder().build(Call::with_args(download, (7,))).name(),
        "Thread-4 (download)"
    );

    // A thread takes its number when it is made, started or not, and keeps it.
    let started = Thread::new(Upload);
    started.start().unwrap();
    started.join().unwrap();
    assert_eq!(started.name(), "Thread-5 (upload of one file)");
    let forgotten = Thread::new(|| ()).erase();
    assert_eq!(forgotten.name(), "Thread-6 (<closure>)");

    // A foreign thread takes a number when it first asks for its handle.
    assert_eq!(foreign_name(), "Dummy-7");
    std::thread::spawn(|| assert_eq!(Thread::new(Upload).name(), "Thread-8 (upload of one file)"))
        .join()
        .unwrap();
    assert_eq!(foreign_name(), "Dummy-9");

    assert_eq!(Thread::builder().name("").build(|| ()).name(), "Thread-10 (<closure>)");
    assert_eq!(MyThread::new(|| 7).name(), "Thread-11 (<closure>)");
    assert_eq!(MyThread::with_args(download, (7,)).name(), "Thread-12 (download)");
    assert_eq!(MyThread::with_args(Notifier::notify, (&Notifier,)).name(), "Thread-13 (notify)");
    let names: Vec<_> = Thread::replicate(&(|| ()), 3).iter().map(|it| it.name()).collect();
    assert_eq!(names, ["Thread-14 (<closure>)", "Thread-15 (<closure>)", "Thread-16 (<closure>)"]);
    let boxed: Box<dyn Runnable> = Box::new(Upload);
    assert_eq!(Thread::from(boxed).name(), "Thread-17 (upload of one file)");
}
