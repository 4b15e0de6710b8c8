//! What each error says. Every variant is reached by the calls that users make.

use std::{env, time::Instant};

use threadwork_diagnostics::{
    DumpServer, DumpServerError, InitError, SaveError, Setup, SignalError, Timeline, TimelineError,
    dump_on_signal, init,
};
use threadwork_sync::internal::observe::{Observer, Waited, observe};
use threadwork_test_support::says;

use crate::program::Program;

#[test]
fn of_a_second_switching_on() {
    let program = Program::new(|| {
        init().unwrap();
        says!(
            init(),
            InitError { .. },
            "diagnostics cannot be switched on, because this program already has a `tracing` subscriber; \
             call `init` once, or add the layer `Lines` to your own subscriber"
        );
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn of_a_filter() {
    let program = Program::new(|| {
        says!(
            Setup::new().filter_from_env().init(),
            InitError { .. },
            "diagnostics cannot be switched on, because RUST_LOG is not a valid filter: `a=lolwut`: …; \
             write something like `RUST_LOG=info` or `RUST_LOG=warn,threadwork::thread=info`"
        );
    });
    assert!(program.with("RUST_LOG", "a=lolwut").run().lines().is_empty());
}

#[test]
fn of_a_signal() {
    /// No program can handle this one.
    const SIGKILL: i32 = 9;
    says!(
        dump_on_signal(SIGKILL),
        SignalError { .. },
        "cannot dump on signal 9: …; choose another signal, or call `dump` yourself"
    );
}

/// The error of a thread that cannot be started is reached in `refused`.
#[test]
fn of_a_dump_server() {
    says!(
        DumpServer::tcp(([0, 0, 0, 0], 7777)).start(),
        DumpServerError::NotLoopback(_),
        "cannot serve dumps at 0.0.0.0:7777: other machines can reach it; \
         use 127.0.0.1 or ::1, or a Unix socket"
    );
    let server = DumpServer::tcp(([127, 0, 0, 1], 0)).start().unwrap();
    let address = server.address().unwrap();
    says!(
        DumpServer::tcp(address).start(),
        DumpServerError::Socket { .. },
        &format!("cannot serve dumps at {address}: …; choose another address or path")
    );
    server.stop();
}

#[test]
fn of_timelines() {
    let program = Program::new(|| {
        let timeline = Timeline::start().unwrap();
        says!(
            Timeline::start(),
            TimelineError { .. },
            "a timeline is being recorded already; stop that one first, or take a snapshot of it"
        );
        says!(
            timeline.stop().save_html(env::temp_dir()),
            SaveError { .. },
            "the timeline cannot be written to …; choose a file in an existing, writable folder"
        );
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn of_a_timeline_beside_another_observer() {
    struct Another;
    impl Observer for Another {
        fn waited(&self, _: &Waited) {}
        fn woke(&self, _: usize, _: usize, _: Instant) {}
    }
    let program = Program::new(|| {
        assert!(observe(&Another));
        says!(
            Timeline::start(),
            TimelineError { .. },
            "a timeline cannot be recorded, because another observer of waits is installed in this process; \
             there can be only one, so stop that one first"
        );
    });
    assert!(program.run().lines().is_empty());
}
