//! The library's first use is in another thread than the main one. This is one test in its own process.

use threadwork_core::{current_thread, enumerate, main_thread};

/// After `ThreadTests.test_import_from_another_thread`.
#[test]
fn the_main_thread_is_known_if_another_thread_asks_first() {
    // The thread of a test is not the main one.
    let main = main_thread();
    let current = current_thread();
    assert_ne!(current, main);
    assert_eq!((main.name(), main.ident().map(u64::from)), ("MainThread".to_owned(), Some(1)));
    assert_eq!(current.name(), "Dummy-1");
    assert!(main.is_alive() && !main.is_daemon() && current.is_daemon());
    assert_eq!(enumerate(), [main.clone(), current]);
    assert_eq!(std::thread::spawn(main_thread).join().unwrap(), main);
    if cfg!(all(target_os = "linux", not(threadwork_portable))) {
        assert_eq!(main.native_id(), Some(std::process::id().into()));
    }
}
