//! Timers, with the process's own service. Tests that need an exact interleaving are in `src/timer/tests.rs`.

#[cfg(all(target_os = "linux", not(threadwork_portable)))]
use std::{fs, io::ErrorKind};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use threadwork_core::{
    Callable, JoinError, Outcome, Period, StartError, Thread, ThreadGroup, ThreadState, Timer,
    current_thread, enumerate,
};
use threadwork_sync::{Event, Lock, WaitKind, get_native_id, waits};

use crate::support::{ABSURD_STACK_SIZE, PATIENCE, eventually, foreign, record_of};

const HOUR: Duration = Duration::from_secs(3600);
const MOMENT: Duration = Duration::from_millis(5);

/// Starts a timer and joins it.
#[track_caller]
fn run(timer: &Timer) -> Result<(), JoinError> {
    timer.start().expect("it can be started");
    match timer.join_timeout(PATIENCE) {
        Err(JoinError::TimedOut) => panic!("{timer:?} does not end; waiting now: {:#?}", waits()),
        _ => timer.join(),
    }
}

/// After `TimerTests.test_init_immutable_default_args`: what one call does to its arguments is not seen by another.
#[test]
fn each_timer_calls_its_function_with_arguments_of_its_own() {
    static SPAM: Lock<Vec<(Vec<u32>, u32)>> = Lock::new(Vec::new());
    fn callback_spam(mut args: Vec<u32>, number: u32) {
        args.push(number);
        SPAM.acquire().push((args, number));
    }
    for number in 1..=2 {
        run(&Timer::with_args(Duration::ZERO, callback_spam, (vec![0], number))).unwrap();
    }
    assert_eq!(*SPAM.acquire(), [(vec![0, 1], 1), (vec![0, 2], 2)]);
}

#[test]
fn a_timer_waits_for_its_interval() {
    let since = Instant::now();
    run(&Timer::new(20 * MOMENT, || ())).unwrap();
    assert!(since.elapsed() >= 20 * MOMENT, "{:?}", since.elapsed());
}

#[test]
fn its_function_runs_in_its_own_thread_that_is_listed_under_its_name() {
    static SEEN: Lock<Vec<threadwork_core::ThreadHandle>> = Lock::new(Vec::new());
    fn work() {
        let current = current_thread();
        assert!(enumerate().contains(&current));
        SEEN.acquire().push(current);
    }
    let timer = Timer::new(MOMENT, work);
    timer.start().unwrap();
    assert!(timer.name().starts_with("Thread-") && timer.name().ends_with(" (work)"));
    timer.join().unwrap();
    let seen = SEEN.acquire();
    assert_eq!(seen.as_slice(), std::slice::from_ref(timer.handle()));
    assert_eq!(timer.native_id().is_some(), get_native_id().is_some());
    assert_ne!(timer.ident(), current_thread().ident());
    assert!(!enumerate().contains(timer.handle()));
}

#[test]
fn a_pending_timer_is_alive_and_not_listed() {
    let timer = Timer::new(HOUR, || ());
    timer.start().unwrap();
    assert!(timer.is_alive() && timer.state() == ThreadState::Started);
    assert_eq!(timer.native_id(), None);
    assert!(!enumerate().contains(timer.handle()));
    assert!(enumerate().iter().all(|it| it.name() != "threadwork-timers"));
    assert!(timer.set_daemon(true).is_err());
    timer.cancel();
}

#[test]
fn the_default_name_is_numbered_in_order_of_making() {
    let number = |name: String| -> u32 {
        let (_, rest) = name.split_once('-').unwrap();
        rest.split(' ').next().unwrap().parse().unwrap()
    };
    let timer = Timer::new(HOUR, || ());
    let thread = Thread::new(|| ());
    assert!(number(timer.name()) < number(thread.name()));
    assert!(timer.name().ends_with("(<closure>)"));
}

#[test]
fn a_timer_inherits_from_the_thread_that_makes_it_and_has_the_settings_of_its_builder() {
    assert!(Timer::new(HOUR, || ()).is_daemon(), "the current thread is a foreign one");
    let group = ThreadGroup::new("nightly");
    let maker = group.builder().daemon(false).my_thread(
        || {
            let timer = Timer::new(MOMENT, || {
                let current = current_thread();
                (current.is_daemon(), current.group())
            });
            timer.start().unwrap();
            (timer, current_thread())
        },
        (),
    );
    maker.start().unwrap();
    let (timer, maker) = maker.wait_result().unwrap();
    assert!(!timer.is_daemon());
    assert_eq!(timer.group().as_ref(), Some(&group));
    assert_eq!(
        (maker.name().as_str(), timer.name().as_str()),
        ("nightly/worker-1", "nightly/worker-2")
    );
    timer.join().unwrap();

    let timer = Thread::builder().name("tea").daemon(false).timer(HOUR, || ());
    assert_eq!((timer.name().as_str(), timer.is_daemon()), ("tea", false));
    timer.set_name("coffee").unwrap();
    timer.set_daemon(true).unwrap();
    assert_eq!((timer.name().as_str(), timer.is_daemon()), ("coffee", true));
}

#[test]
fn a_stop_of_the_group_stops_running_timers_and_later_ones() {
    let group = ThreadGroup::new("stopped");
    let timer = group.builder().timer(Duration::ZERO, || threadwork_core::sleep(Duration::MAX));
    timer.start().unwrap();
    eventually("the timer does not run", || record_of(timer.ident()?));
    group.request_stop();
    timer.join().unwrap();
    assert!(matches!(timer.outcome(), Some(Outcome::Stopped)));
    let late = group.builder().timer(Duration::ZERO, || unreachable!());
    run(&late).unwrap();
    assert_eq!(late.ident().map(record_of), Some(None));
}

#[test]
fn a_panic_is_reported_and_the_timer_has_ended() {
    static REPORTS: Lock<Vec<String>> = Lock::new(Vec::new());
    let timer = Thread::builder()
        .name("parser")
        .on_panic(|thread, panic| {
            REPORTS.acquire().push(format!("{}: {}", thread.name(), panic.message()));
        })
        .timer(Duration::ZERO, || panic!("no input"));
    let Err(JoinError::Panicked(panic)) = run(&timer) else {
        panic!("the join does not return the panic")
    };
    assert_eq!(panic.to_string(), "thread 'parser' panicked: no input");
    assert_eq!((timer.state(), timer.is_alive()), (ThreadState::Panicked, false));
    assert_eq!(*REPORTS.acquire(), ["parser: no input"]);
    assert!(!timer.cancel());
}

#[test]
fn a_failure_is_reported_and_the_timer_has_ended() {
    static REPORTS: Lock<Vec<String>> = Lock::new(Vec::new());
    let timer = Thread::builder()
        .name("parser")
        .on_failure(|thread, failure| {
            REPORTS.acquire().push(format!("{}: {}", thread.name(), failure.message()));
        })
        .timer_fallible(Duration::ZERO, || {
            "seven".parse::<u32>()?;
            Ok(())
        });
    let Err(JoinError::Failed(failure)) = run(&timer) else {
        panic!("the join does not return the failure")
    };
    assert!(failure.error().is::<std::num::ParseIntError>());
    assert_eq!((timer.state(), timer.is_alive()), (ThreadState::Failed, false));
    assert_eq!(*REPORTS.acquire(), ["parser: invalid digit found in string"]);
    run(&Timer::fallible(Duration::ZERO, || Ok(()))).unwrap();
}

#[test]
fn what_the_function_of_a_timer_returns_is_dropped() {
    run(&Timer::new(Duration::ZERO, || Err::<(), _>("not asked for"))).unwrap();
    run(&Timer::new(Duration::ZERO, || 7)).unwrap();
    run(&Timer::with_args(Duration::ZERO, str::parse::<u32>, ("seven",))).unwrap();
}

#[test]
fn a_timer_is_started_once() {
    let timer = Timer::new(HOUR, || ());
    assert!(matches!(timer.join(), Err(JoinError::NotStarted)));
    timer.start().unwrap();
    assert!(matches!(timer.start(), Err(StartError::AlreadyStarted)));
    timer.cancel();
    assert!(matches!(timer.start(), Err(StartError::AlreadyStarted)));
    let timer = Timer::new(Duration::ZERO, || ());
    run(&timer).unwrap();
    assert!(matches!(timer.start(), Err(StartError::AlreadyStarted)));
}

#[test]
fn concurrent_starts_and_cancels_agree() {
    for _ in 0..200 {
        let count = Arc::new(AtomicU32::new(0));
        let counting = Arc::clone(&count);
        let timer = Timer::new(Duration::ZERO, move || counting.fetch_add(1, Ordering::SeqCst));
        let (n_started, n_cancelled) = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..2).map(|_| scope.spawn(|| timer.start().is_ok())).collect();
            let cancels: Vec<_> = (0..2).map(|_| scope.spawn(|| timer.cancel())).collect();
            let joins = scope.spawn(|| _ = timer.join());
            joins.join().unwrap();
            let sum = |it: Vec<std::thread::ScopedJoinHandle<'_, bool>>| -> u32 {
                it.into_iter().map(|it| u32::from(it.join().unwrap())).sum()
            };
            (sum(starts), sum(cancels))
        });
        timer.join().unwrap();
        assert_eq!(n_started, 1);
        assert_eq!(
            count.load(Ordering::SeqCst) + n_cancelled,
            1,
            "the timer ran once or was cancelled once"
        );
        eventually("the function is not dropped", || {
            (Arc::strong_count(&count) == 1).then_some(())
        });
    }
}

#[test]
fn the_record_of_a_join_of_a_pending_timer_is_a_join() {
    let timer = Timer::new(HOUR, || ());
    timer.start().unwrap();
    let joining = timer.clone();
    let joiner = Thread::new(move || joining.join().unwrap());
    joiner.start().unwrap();
    let record = eventually("the joiner is not blocked", || record_of(joiner.ident()?));
    assert_eq!((record.kind, record.holder), (WaitKind::Join, timer.ident()));
    assert_eq!(record.location.file(), file!());
    timer.cancel();
    joiner.join().unwrap();
}

#[test]
fn a_dropped_timer_still_runs() {
    let done = Arc::new(Event::new());
    let setting = Arc::clone(&done);
    Timer::new(MOMENT, move || setting.set()).start().unwrap();
    assert!(done.wait_timeout(PATIENCE).is_ok());
}

#[test]
fn an_earlier_timer_overtakes_one_that_the_service_waits_for() {
    let late = Timer::new(HOUR, || ());
    late.start().unwrap();
    eventually("the service does not wait", || {
        waits().iter().find(|it| it.name == Some("the first timer")).map(drop)
    });
    run(&Timer::new(MOMENT, || ())).unwrap();
    assert!(late.cancel());
}

#[test]
fn timers_and_foreign_threads_can_start_timers() {
    let done = Arc::new(Event::new());
    foreign({
        let done = Arc::clone(&done);
        move || {
            let outer = Timer::new(Duration::ZERO, move || {
                let inner = Timer::new(MOMENT, move || done.set());
                inner.start().unwrap();
            });
            run(&outer).unwrap();
        }
    });
    assert!(done.wait_timeout(PATIENCE).is_ok());
}

#[test]
fn a_thread_that_cannot_be_started_ends_the_timer_and_not_the_service() {
    let timer = Thread::builder().stack_size(ABSURD_STACK_SIZE).timer(Duration::ZERO, || ());
    assert!(matches!(run(&timer), Err(JoinError::Failed(_))));
    let full = ThreadGroup::new("full");
    full.set_limit(0);
    let timer = full.builder().timer(Duration::ZERO, || ());
    let why = run(&timer).unwrap_err().to_string();
    assert!(why.contains("group 'full' is limited to 0 threads"), "{why}");
    run(&Timer::new(Duration::ZERO, || ())).unwrap();
}

#[test]
fn the_drop_of_a_function_that_panics_does_not_end_the_service() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    let bomb = Bomb;
    let builder = Thread::builder().stack_size(ABSURD_STACK_SIZE);
    let timer = builder.timer(Duration::ZERO, move || std::mem::forget(bomb));
    assert!(matches!(run(&timer), Err(JoinError::Failed(_))));
    run(&Timer::new(Duration::ZERO, || ())).unwrap();
}

#[test]
fn a_periodic_timer_ticks_until_it_is_cancelled() {
    for period in [Period::FixedDelay(MOMENT), Period::FixedRate(MOMENT)] {
        let (count, five) = (Arc::new(AtomicU32::new(0)), Arc::new(Event::new()));
        let timer = Timer::every(period, {
            let (count, five) = (Arc::clone(&count), Arc::clone(&five));
            move || {
                if count.fetch_add(1, Ordering::SeqCst) == 4 {
                    five.set();
                }
            }
        });
        let since = Instant::now();
        timer.start().unwrap();
        assert!(five.wait_timeout(PATIENCE).is_ok());
        assert!(since.elapsed() >= 5 * MOMENT);
        assert!(timer.cancel());
        timer.join().unwrap();
        let ran = count.load(Ordering::SeqCst);
        assert!(ran >= 5);
        assert_eq!(Arc::strong_count(&count), 1, "the function is dropped");
        assert_eq!(timer.name(), format!("{}", timer.handle().name()));
    }
}

#[test]
fn a_function_that_can_be_called_is_a_timer() {
    fn check<Args: Send + 'static>(f: impl Callable<Args> + Send + 'static, args: Args) {
        run(&Timer::with_args(Duration::ZERO, f, args)).unwrap();
    }
    check(|| 7, ());
    check(u32::pow, (2, 10));
    check(drop, (Box::new(7),));
}

#[cfg(all(target_os = "linux", not(threadwork_portable)))]
#[test]
fn the_service_sleeps_without_slack_and_the_threads_of_timers_have_as_much_as_others() {
    let slack = |native_id: u64| fs::read_to_string(format!("/proc/{native_id}/timerslack_ns"));
    let here = move || slack(get_native_id().expect("Linux has numbers")).expect("it is readable");
    let theirs = Arc::new(Lock::new(String::new()));
    let note = Arc::clone(&theirs);
    run(&Timer::new(MOMENT, move || *note.acquire() = here())).unwrap();
    assert_eq!(*theirs.acquire(), here());

    let pending = Timer::new(HOUR, || ());
    pending.start().unwrap();
    eventually("the service sleeps without slack", || {
        let service = waits().into_iter().find(|it| it.name == Some("the first timer"))?;
        // Only a privileged process is told about other threads than the current one.
        let slack = slack(service.thread.native_id?);
        slack
            .map_or_else(|it| it.kind() == ErrorKind::PermissionDenied, |it| it.trim() == "1")
            .then_some(())
    });
    pending.cancel();
}
