//! A service whose thread cannot be started leaves nothing behind.
#![cfg(all(target_os = "linux", not(threadwork_portable)))]

use std::{
    error::Error,
    fs,
    io::{self, Read},
    os::unix::process::ExitStatusExt,
    process,
};

use signal_hook::consts::SIGQUIT;
use threadwork_core::StartError;
use threadwork_diagnostics::{DumpServer, DumpServerError, Timeline, Watchdog, dump_on_quit};
use threadwork_sync::Event;
use threadwork_test_support::{program::room::without_room, says};

use crate::program::Program;

/// Sends SIGQUIT to this process.
fn raise_quit() {
    // SAFETY: the process has a handler for it, or is meant to end by it.
    unsafe { libc::kill(process::id().cast_signed(), SIGQUIT) };
}

#[test]
fn a_signal_keeps_its_action_if_its_thread_cannot_be_started() {
    let program = Program::new(|| {
        // A shell that runs the tests in the background makes them ignore the signal.
        // SAFETY: there is no handler, before or after.
        unsafe { libc::signal(SIGQUIT, libc::SIG_DFL) };
        without_room(|| {
            let error = dump_on_quit().unwrap_err();
            assert!(error.to_string().starts_with("cannot dump on signal 3: "), "{error}");
            assert!(error.source().is_some());
            raise_quit();
            Event::new().wait();
        });
    });
    let ended = program.run();
    assert_eq!(ended.status.signal(), Some(SIGQUIT), "{ended:#?}");
}

#[test]
fn a_signal_is_handled_once_there_is_room_again() {
    let program = Program::new(|| {
        without_room(|| drop(dump_on_quit().unwrap_err()));
        dump_on_quit().unwrap();
        raise_quit();
        io::stdin().read_to_end(&mut Vec::new()).unwrap();
    });
    let ended = program.talk(|stdin, lines| {
        let mut dump = lines.skip_while(|it| !it.contains(" of process "));
        assert!(dump.next().is_some(), "there is a dump");
        drop(stdin);
    });
    assert!(ended.status.success(), "{ended:#?}");
}

#[test]
fn a_dump_server_leaves_no_socket_behind() {
    let program = Program::new(|| {
        let folder = std::env::temp_dir().join(format!("tw-{}-refused", process::id()));
        fs::create_dir(&folder).unwrap();
        let server = DumpServer::unix(folder.join("socket"));
        without_room(|| {
            says!(
                server.clone().start(),
                DumpServerError::Thread(StartError::Os(_)),
                "cannot start the dump server: the operating system refused to start a thread (…); \
                 start the thread again once others have ended, or ask for a smaller stack"
            );
        });
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nothing is left behind");
        server.start().expect("there is room again").stop();
        fs::remove_dir(&folder).expect("it is empty");
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_watchdog_can_be_started_again() {
    let program = Program::new(|| {
        let watchdog = Watchdog::new().deadlocks();
        without_room(|| {
            let error = watchdog.clone().start().map(drop).unwrap_err();
            assert!(matches!(error, StartError::Os(_)), "{error}");
        });
        drop(watchdog.start().expect("there is room again"));
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_timeline_without_a_thread_of_its_own_records_all_but_waits_elsewhere() {
    let program = Program::new(|| {
        let mut timeline = None;
        without_room(|| timeline = Some(Timeline::start().unwrap()));
        let _ = Event::new().wait_timeout(std::time::Duration::from_millis(50));
        let recording = timeline.unwrap().stop();
        assert_eq!((recording.n_waits(), recording.n_waits_elsewhere()), (1, 0));
    });
    assert!(program.run().lines().is_empty());
}
