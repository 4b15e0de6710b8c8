//! Switching the lines on changes nothing else.

use threadwork_core::{Thread, events::TARGET};
use threadwork_diagnostics::{InitError, init};
use tracing::{Level, enabled, error_span, event_enabled, info_span, span_enabled};

use crate::program::Program;

#[test]
fn switching_the_lines_on_twice_is_an_error_and_changes_nothing() {
    let program = Program::new(|| {
        assert_eq!(init(), Ok(()));
        let error: InitError = init().unwrap_err();
        assert!(error.to_string().contains("call `init` once"));
        assert_eq!(init(), Err(error));
        let thread = Thread::builder().name("loop").build(|| ());
        thread.start().unwrap();
        thread.join().unwrap();
    });
    let ended = program.run();
    let [started, finished] = ended.lines()[..] else { panic!("{ended:#?}") };
    assert!(started.starts_with("starting loop at: "), "{started:?}");
    assert!(finished.starts_with("loop finished at: "), "{finished:?}");
}

#[test]
fn switching_the_lines_on_beside_another_subscriber_is_an_error_and_changes_nothing() {
    let program = Program::new(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
        let error = init().unwrap_err();
        assert!(error.to_string().contains("add the layer `Lines` to your own subscriber"));
        let thread = Thread::builder().name("loop").build(|| ());
        thread.start().unwrap();
        thread.join().unwrap();
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn one_of_many_threads_that_switch_the_lines_on_succeeds() {
    let program = Program::new(|| {
        let threads: Vec<_> = (0..16).map(|_| std::thread::spawn(init)).collect();
        let results = threads.into_iter().map(|thread| thread.join().unwrap());
        println!("{}", results.filter(Result::is_ok).count());
    });
    assert_eq!(program.run().lines(), ["1"]);
}

#[test]
fn nothing_but_the_events_of_threads_is_enabled() {
    let program = Program::new(|| {
        init().unwrap();
        assert!(event_enabled!(target: TARGET, Level::INFO));
        assert!(event_enabled!(target: TARGET, Level::ERROR));
        assert!(!span_enabled!(target: TARGET, Level::INFO));
        assert!(info_span!(target: TARGET, "thread").is_disabled());

        assert!(!enabled!(Level::ERROR));
        assert!(!enabled!(Level::INFO));
        assert!(!event_enabled!(Level::ERROR));
        assert!(!span_enabled!(Level::ERROR));
        assert!(error_span!("mine").is_disabled());
        assert!(!enabled!(target: TARGET, Level::DEBUG));
        assert!(!enabled!(target: "threadwork", Level::ERROR));
        assert!(!enabled!(target: "threadwork::threads", Level::ERROR));
        tracing::error!(name: "thread.started", name = "mine", "nobody looks at this");
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn nothing_is_enabled_unless_the_lines_are_switched_on() {
    let program = Program::new(|| {
        assert!(!enabled!(target: TARGET, Level::ERROR));
        assert!(!enabled!(Level::ERROR));
    });
    assert!(program.run().lines().is_empty());
}
