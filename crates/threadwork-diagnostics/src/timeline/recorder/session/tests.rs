//! More threads than a session has room for.

use std::{num::NonZeroU64, sync::Arc};

use super::{Limits, Session, Track};

fn session(threads: usize) -> Session {
    Session::new(1, String::new(), Limits { events_per_thread: 1, threads })
}

fn track(session: &Session, ident: u64) -> Option<Arc<Track>> {
    session.track(NonZeroU64::new(ident).unwrap())
}

/// The numbers of the threads, and whether they may still add events.
fn idents(session: &Session) -> Vec<(u64, bool)> {
    session.tracks().tracks.iter().map(|(it, may_go_on)| (it.ident.get(), *may_go_on)).collect()
}

#[test]
fn a_thread_has_one_track() {
    let session = session(2);
    let [first, again] = [1, 1].map(|it| track(&session, it).unwrap());
    assert!(Arc::ptr_eq(&first, &again));
}

#[test]
fn of_threads_that_are_gone_the_oldest_makes_room() {
    let session = session(2);
    drop(track(&session, 1));
    drop(track(&session, 2));
    assert_eq!(idents(&session), [(1, false), (2, false)]);
    let third = track(&session, 3);
    assert!(third.is_some());
    assert_eq!(idents(&session), [(2, false), (3, true)]);
    assert_eq!(session.tracks().n_left_out, 1);
}

#[test]
fn threads_that_still_run_make_no_room() {
    let session = session(2);
    let tracks = [track(&session, 1), track(&session, 2)];
    assert!(track(&session, 3).is_none());
    assert_eq!(idents(&session), [(1, true), (2, true)]);
    assert_eq!(session.tracks().n_left_out, 1);
    drop(tracks);
}

#[test]
fn the_list_of_the_living_makes_nobody_look_alive() {
    let session = session(3);
    let first = track(&session, 1);
    drop(track(&session, 2));
    let living = session.living();
    assert_eq!(idents(&session), [(1, true), (2, false)]);
    if cfg!(all(target_os = "linux", not(threadwork_portable))) {
        assert_eq!(living.iter().map(|it| it.ident.get()).collect::<Vec<_>>(), [1]);
        assert_eq!(Some(living[0].native_id), threadwork_sync::get_native_id());
    }
    drop(first);
}
