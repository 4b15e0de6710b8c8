//! `waits()`: the records that blocked threads leave.

use std::{
    panic::{Location, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::{
    Event, Lock, RawLock, StopSource, Wait, WaitKind, get_ident, get_native_id,
    internal::door::{Subject, be_helper, blocked_elsewhere},
    waits,
};

use crate::support::{Helper, eventually, record_of};

#[test]
fn a_record_has_object_location_start_and_holder() {
    static LOCK: RawLock = RawLock::new().named("what for");
    LOCK.acquire();
    let before = Instant::now();
    let line = line!() + 1;
    let waiter = Helper::start(|| LOCK.acquire());
    let record = waiter.blocked();
    assert_eq!(record.thread.ident, waiter.ident());
    assert_eq!(record.kind, WaitKind::Lock);
    assert_eq!(record.name, Some("what for"));
    assert_eq!((record.location.file(), record.location.line()), (file!(), line));
    assert!((before..=Instant::now()).contains(&record.since));
    assert_eq!(record.holder, Some(get_ident()));
    LOCK.release().unwrap();
    waiter.join();
}

#[test]
fn every_blocking_method_leaves_the_line_of_its_caller() {
    static LOCK: Lock<()> = Lock::new(());
    static EVENT: Event = Event::new();
    const NEVER: std::time::Duration = std::time::Duration::MAX;
    let here = Location::caller().line();
    let guard = LOCK.acquire();
    let waiters = [
        Helper::start(|| drop(LOCK.acquire())),
        Helper::start(|| drop(LOCK.acquire_timeout(NEVER).unwrap())),
        Helper::start(|| drop(LOCK.acquire_with(&Wait::forever()).unwrap())),
        Helper::start(|| EVENT.wait()),
        Helper::start(|| assert!(EVENT.wait_timeout(NEVER).is_ok())),
        Helper::start(|| EVENT.wait_with(&Wait::forever()).unwrap()),
    ];
    let lines = waiters.each_ref().map(|it| it.blocked().location.line());
    assert_eq!(lines, std::array::from_fn(|index| here + 3 + index as u32));
    drop(guard);
    EVENT.set();
    waiters.into_iter().for_each(Helper::join);
}

#[test]
fn the_address_tells_two_unnamed_objects_apart() {
    let lock = Arc::new(RawLock::new());
    let event = Arc::new(Event::new());
    lock.acquire();
    let start = |lock: &Arc<RawLock>| {
        let lock = Arc::clone(lock);
        Helper::start(move || {
            lock.acquire();
            lock.release().unwrap();
        })
    };
    let (one, other) = (start(&lock), start(&lock));
    let third = {
        let event = Arc::clone(&event);
        Helper::start(move || event.wait())
    };
    let [one_at, other_at, third_at] = [&one, &other, &third].map(|it| it.blocked().address);
    assert_eq!(one_at, other_at);
    assert_ne!(one_at, third_at);
    let place = Arc::as_ptr(&lock).addr();
    assert!((place..place + size_of::<RawLock>()).contains(&one_at));
    let place = Arc::as_ptr(&event).addr();
    assert!((place..place + size_of::<Event>()).contains(&third_at));
    lock.release().unwrap();
    event.set();
    [one, other, third].into_iter().for_each(Helper::join);
}

#[test]
fn a_thread_that_does_not_block_leaves_no_record() {
    let lock = Lock::new(());
    let event = Event::new();
    event.set();
    for _ in 0..100 {
        let guard = lock.acquire();
        assert!(lock.try_acquire().is_none());
        event.wait();
        assert_eq!(record_of(get_ident()), None);
        drop(guard);
    }
}

#[test]
fn the_record_is_gone_when_the_wait_is_over() {
    static EVENT: Event = Event::new();
    static THROUGH: AtomicBool = AtomicBool::new(false);
    static ENOUGH: AtomicBool = AtomicBool::new(false);
    let waiter = Helper::start_blocked(|| {
        EVENT.wait();
        THROUGH.store(true, Ordering::Release);
        while !ENOUGH.load(Ordering::Acquire) {
            thread::yield_now();
        }
    });
    EVENT.set();
    eventually("the wait does not end", || THROUGH.load(Ordering::Acquire).then_some(()));
    assert_eq!(record_of(waiter.ident()), None, "the thread is alive and does not wait");
    ENOUGH.store(true, Ordering::Release);
    let ident = waiter.ident();
    waiter.join();
    assert_eq!(record_of(ident), None);
}

#[test]
fn the_record_is_gone_when_a_stop_has_ended_the_wait() {
    let stop = StopSource::new();
    let token = stop.token();
    let waiter = Helper::start_blocked(move || {
        let ended = Event::new().wait_with(&Wait::forever().or_stop(&token));
        (ended, record_of(get_ident()))
    });
    stop.request_stop();
    let (ended, record) = waiter.join();
    assert!(ended.is_err());
    assert_eq!(record, None);
}

#[test]
fn the_next_wait_has_a_record_of_its_own() {
    static LOCK: RawLock = RawLock::new().named("first");
    static EVENT: Event = Event::new().named("second");
    LOCK.acquire();
    let waiter = Helper::start(|| {
        LOCK.acquire();
        LOCK.release().unwrap();
        EVENT.wait();
    });
    let first = waiter.blocked();
    assert_eq!((first.kind, first.name), (WaitKind::Lock, Some("first")));
    LOCK.release().unwrap();
    let second = eventually("the second wait does not begin", || {
        record_of(waiter.ident()).filter(|it| it.kind == WaitKind::Event)
    });
    assert_eq!((second.name, second.holder), (Some("second"), None));
    assert!(second.since >= first.since);
    EVENT.set();
    waiter.join();
}

#[test]
fn the_holder_is_read_when_the_records_are_read() {
    static LOCK: RawLock = RawLock::fair();
    static ENOUGH: Event = Event::new();
    LOCK.acquire();
    let first = Helper::start_blocked(|| {
        LOCK.acquire();
        ENOUGH.wait();
        LOCK.release().unwrap();
    });
    let second = Helper::start(|| {
        LOCK.acquire();
        LOCK.release().unwrap();
    });
    assert_eq!(second.blocked().holder, Some(get_ident()));
    LOCK.release().unwrap();
    assert_eq!(second.blocked().holder, Some(first.ident()));
    ENOUGH.set();
    first.join();
    second.join();
}

#[test]
fn records_come_in_order_of_the_threads_numbers() {
    static EVENT: Event = Event::new();
    let waiters: Vec<_> = (0..5).map(|_| Helper::start(|| EVENT.wait())).collect();
    // They block in reverse order.
    waiters.iter().rev().for_each(|it| _ = it.blocked());
    let idents: Vec<_> = waits().into_iter().map(|it| it.thread.ident).collect();
    assert!(idents.is_sorted());
    assert!(waiters.iter().all(|it| idents.contains(&it.ident())));
    EVENT.set();
    waiters.into_iter().for_each(Helper::join);
}

#[test]
fn a_thread_that_is_blocked_outside_a_queue_leaves_a_record_too() {
    static GO_ON: AtomicBool = AtomicBool::new(false);
    let subject = Subject::join(get_ident(), Location::caller());
    let blocked = Helper::start(move || {
        let panicked = catch_unwind(|| {
            blocked_elsewhere(12, &subject, || {
                while !GO_ON.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
                panic!("on purpose");
            })
        });
        (panicked.is_err(), record_of(get_ident()))
    });
    let record = blocked.blocked();
    assert_eq!((record.kind, record.holder), (WaitKind::Join, Some(get_ident())));
    GO_ON.store(true, Ordering::Relaxed);
    assert_eq!(blocked.join(), (true, None));
}

#[test]
fn a_record_never_mixes_two_waits() {
    static LOCK: RawLock = RawLock::new().named("a lock, with a long name");
    static EVENT: Event = Event::new().named("an event");
    static ENOUGH: AtomicBool = AtomicBool::new(false);
    static LOOKS: AtomicU32 = AtomicU32::new(0);
    LOCK.acquire();
    let here = Location::caller().line();
    let waiter = Helper::start(|| {
        while !ENOUGH.load(Ordering::Relaxed) {
            LOCK.acquire();
            EVENT.wait();
            EVENT.clear();
        }
    });
    let ident = waiter.ident();
    let reader = Helper::start(move || {
        while !ENOUGH.load(Ordering::Relaxed) {
            let Some(it) = record_of(ident) else { continue };
            let expected = match it.kind {
                WaitKind::Lock => (Some("a lock, with a long name"), here + 3),
                _ => (Some("an event"), here + 4),
            };
            assert_eq!((it.name, it.location.line()), expected);
            LOOKS.fetch_add(1, Ordering::Relaxed);
        }
    });
    // On few processors, only few of the threads run at a time.
    let enough = Instant::now() + Duration::from_secs(20);
    for round in 0.. {
        let looks = LOOKS.load(Ordering::Relaxed);
        if reader.is_finished() || looks >= 5000 || looks >= 100 && Instant::now() > enough {
            break;
        }
        EVENT.set();
        let _ = LOCK.release();
        // A wait that ends at once leaves no record.
        thread::sleep(Duration::from_micros(1));
        // On one processor, the record is seen only if the wait lasts.
        while round % 2 == 0 && looks == LOOKS.load(Ordering::Relaxed) && !reader.is_finished() {
            thread::yield_now();
        }
    }
    ENOUGH.store(true, Ordering::Relaxed);
    eventually("the waiter does not end", || {
        EVENT.set();
        let _ = LOCK.release();
        waiter.is_finished().then_some(())
    });
    waiter.join();
    reader.join();
}

#[test]
fn a_thousand_blocked_threads_are_all_listed_and_all_return() {
    static EVENT: Event = Event::new();
    static LOCK: RawLock = RawLock::fair();
    LOCK.acquire();
    let waiters: Vec<_> = (0..1000)
        .map(|number| {
            let builder = thread::Builder::new().stack_size(128 * 1024);
            Helper::start_with(builder, move || {
                if number % 2 == 0 {
                    EVENT.wait();
                } else {
                    LOCK.acquire();
                    LOCK.release().unwrap();
                }
            })
        })
        .collect();
    let mut idents: Vec<_> = waiters.iter().map(Helper::ident).collect();
    idents.sort_unstable();
    let records = eventually("not all are listed", || {
        let mut records = waits();
        records.retain(|it| idents.binary_search(&it.thread.ident).is_ok());
        (records.len() == 1000).then_some(records)
    });
    assert!(records.iter().map(|it| it.thread.ident).eq(idents));
    let of_lock = records.iter().filter(|it| it.kind == WaitKind::Lock);
    assert_eq!(of_lock.filter(|it| it.holder == Some(get_ident())).count(), 500);
    EVENT.set();
    LOCK.release().unwrap();
    waiters.into_iter().for_each(Helper::join);
}

#[test]
fn a_record_has_the_native_id_of_the_thread() {
    static EVENT: Event = Event::new();
    let waiter = Helper::start(|| {
        EVENT.wait();
        get_native_id()
    });
    let record = waiter.blocked();
    EVENT.set();
    let native_id = waiter.join();
    assert_eq!((record.thread.native_id, record.thread.helper), (native_id, None));
}

#[test]
fn a_helper_thread_of_the_library_is_marked() {
    static EVENT: Event = Event::new();
    let waiter = Helper::start(|| {
        be_helper("the helper of a test");
        EVENT.wait();
    });
    assert_eq!(waiter.blocked().thread.helper, Some("the helper of a test"));
    EVENT.set();
    waiter.join();
}
