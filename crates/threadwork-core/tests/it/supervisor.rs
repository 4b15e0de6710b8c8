//! When a supervisor restarts its children. How it stops them is in `supervisor_stops`; its events are in `tests/events.rs`.

use std::{borrow::Cow, mem, sync::Arc, time::Duration};

use threadwork_core::{
    ChildSpec, GaveUpError, JoinError, Outcome, Prototype, Restart, Runnable, Strategy, Supervisor,
    Thread, ThreadGroup, ThreadState, current_thread, sleep,
};
use threadwork_sync::Lock;

use crate::support::{eventually, join, run};

pub(crate) const LONG: Duration = Duration::from_secs(3600);

/// The actions of children, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Lock<Vec<String>>>);

impl Log {
    pub(crate) fn push(&self, line: impl Into<String>) {
        self.0.acquire().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.acquire().clone()
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, n_lines: usize) {
        eventually("the children do not do that much", || {
            (self.lines().len() >= n_lines).then_some(())
        });
    }

    /// A child that logs its name and ends as `runs` says, one entry per run; after the last it waits for a stop.
    fn child(&self, runs: &'static [End]) -> impl Prototype + use<> {
        let log = self.clone();
        move || {
            let name = current_thread().name();
            let n_runs = log.lines().iter().filter(|it| **it == name).count();
            log.push(name);
            match runs.get(n_runs) {
                Some(End::Returns) => (),
                Some(End::Fails) => return Err("on purpose"),
                Some(End::Panics) => panic!("on purpose"),
                Some(End::IsStoppedAlone) => {
                    current_thread().request_stop();
                    assert!(sleep(LONG).is_err());
                }
                None => _ = sleep(LONG),
            }
            Ok(())
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum End {
    Returns,
    Fails,
    Panics,
    IsStoppedAlone,
}
use End::{Fails, IsStoppedAlone, Panics, Returns};

/// A supervisor with short pauses that does not give up.
pub(crate) fn patient() -> Supervisor {
    Supervisor::new().backoff(Duration::ZERO, Duration::ZERO).at_most(1000, LONG)
}

#[track_caller]
pub(crate) fn start(supervisor: Supervisor) -> Thread<Supervisor> {
    let thread = Thread::new(supervisor);
    thread.start().unwrap();
    thread
}

#[track_caller]
pub(crate) fn stop<T: ?Sized>(thread: &Thread<T>) {
    thread.request_stop();
    join(thread).unwrap();
    assert_eq!(thread.state(), ThreadState::Stopped);
}

/// Checks that a child with this policy, whose runs end as given, is run `n_runs` times.
#[track_caller]
fn check(restart: Restart, runs: &'static [End], n_runs: usize) {
    let log = Log::default();
    let thread = start(patient().child("child", restart, log.child(runs)));
    if n_runs > runs.len() {
        log.wait_for(n_runs);
        stop(&thread);
    } else {
        join(&thread).unwrap();
        assert_eq!(thread.state(), ThreadState::Finished);
    }
    assert_eq!(log.lines().len(), n_runs, "{restart:?} {runs:?}");
}

#[test]
fn each_policy_starts_a_child_again_after_the_ends_that_it_names() {
    for end in [&[Returns] as &[_], &[Fails], &[Panics], &[IsStoppedAlone]] {
        check(Restart::Never, end, 1);
        check(Restart::Always, end, 2);
    }
    check(Restart::OnFailure, &[Returns], 1);
    check(Restart::OnFailure, &[IsStoppedAlone], 1);
    check(Restart::OnFailure, &[Fails], 2);
    check(Restart::OnFailure, &[Panics, Fails, Panics, Returns], 4);
    check(Restart::OnPanic, &[Fails], 1);
    check(Restart::OnPanic, &[Returns], 1);
    check(Restart::OnPanic, &[IsStoppedAlone], 1);
    check(Restart::OnPanic, &[Panics], 2);
    check(Restart::OnPanic, &[Panics, Panics, Returns], 3);
    check(Restart::Always, &[Panics, Returns, IsStoppedAlone, Panics], 5);
}

#[test]
fn a_supervisor_without_children_ends_at_once() {
    run(&Thread::new(Supervisor::default())).unwrap();
}

#[test]
fn one_for_one_leaves_the_others_alone() {
    let log = Log::default();
    let thread = start(
        patient()
            .strategy(Strategy::OneForOne)
            .child("steady", Restart::Always, log.child(&[]))
            .child("failing", Restart::OnPanic, log.child(&[Panics, Panics])),
    );
    log.wait_for(4);
    stop(&thread);
    let lines = log.lines();
    assert_eq!(lines.iter().filter(|it| *it == "steady").count(), 1);
    assert_eq!(lines.len(), 4);
}

/// A child that logs when it runs and when it is stopped.
fn steady(log: &Log) -> impl Prototype + use<> {
    let log = log.clone();
    move || {
        let name = current_thread().name();
        log.push(format!("{name} runs"));
        sleep(LONG).unwrap_err();
        log.push(format!("{name} is stopped"));
    }
}

#[test]
fn one_for_all_stops_the_others_the_last_first_and_starts_all_in_order() {
    let log = Log::default();
    let failing = {
        let log = log.clone();
        move || {
            let is_first = log.lines().iter().all(|it| it != "failing");
            if is_first {
                log.wait_for(4);
            }
            log.push("failing");
            assert!(!is_first, "on purpose");
            sleep(LONG).unwrap_err();
        }
    };
    let thread = start(
        patient()
            .strategy(Strategy::OneForAll)
            .stop_in_order()
            .child("first", Restart::OnPanic, steady(&log))
            .child("done", Restart::OnPanic, {
                let log = log.clone();
                move || log.push("done")
            })
            .child("failing", Restart::OnPanic, failing)
            .child("once", Restart::Never, steady(&log))
            .child("last", Restart::Always, steady(&log)),
    );
    log.wait_for(11);
    stop(&thread);
    let lines = log.lines();
    let mut started = lines[..4].to_vec();
    started.sort_unstable();
    assert_eq!(started, ["done", "first runs", "last runs", "once runs"]);
    let stopped = ["failing", "last is stopped", "once is stopped", "first is stopped"];
    assert_eq!(lines[4..8], stopped);
    let mut again = lines[8..11].to_vec();
    again.sort_unstable();
    assert_eq!(
        again,
        ["failing", "first runs", "last runs"],
        "a child that is done is not restarted: {lines:?}"
    );
    assert_eq!(lines[11..], ["last is stopped", "first is stopped"]);
}

#[test]
fn each_run_is_a_fresh_copy() {
    #[derive(Clone)]
    struct Count {
        runs: u32,
        log: Log,
    }
    impl Runnable for Count {
        fn run(&mut self) {
            self.runs += 1;
            self.log.push(self.runs.to_string());
            assert!(self.log.lines().len() >= 3, "not yet");
        }
        fn name(&self) -> Cow<'_, str> {
            "count".into()
        }
    }

    let log = Log::default();
    let child = Count { runs: 0, log: log.clone() };
    let thread = start(patient().child("child", Restart::OnPanic, child));
    join(&thread).unwrap();
    assert_eq!(log.lines(), ["1", "1", "1"]);
}

#[test]
fn a_child_has_its_given_name_and_is_in_a_group_of_the_supervisors_name() {
    let (group, log) = (ThreadGroup::new("supervised"), Log::default());
    let child = {
        let log = log.clone();
        move || {
            let current = current_thread();
            let group = current.group().map(|it| it.name().to_owned());
            log.push(format!("{} {group:?} {}", current.name(), current.is_daemon()));
        }
    };
    let supervisor =
        patient().child("named", Restart::Never, child.clone()).child("", Restart::Never, child);
    let expected = |name: &str| {
        let group = format!("Some({name:?}) true");
        let mut lines = [format!("named {group}"), format!("{name}/worker-1 {group}")];
        lines.sort_unstable();
        lines
    };
    let named = group.builder().daemon(true).name("loop").build(supervisor.clone());
    let unnamed = group.builder().daemon(true).build(supervisor.clone());
    let alone = Thread::builder().daemon(true).name("alone").build(supervisor);
    let threads = [(named, "supervised/loop"), (unnamed, "supervised/worker-1"), (alone, "alone")];
    for (thread, name) in threads {
        run(&thread).unwrap();
        let mut lines = mem::take(&mut *log.0.acquire());
        lines.sort_unstable();
        assert_eq!(lines, expected(name));
    }
}

/// Runs a supervisor that gives up because of this child, and returns its message.
#[track_caller]
pub(crate) fn gives_up(supervisor: Supervisor, child: &str) -> String {
    let Err(JoinError::Failed(failure)) = run(&Thread::new(supervisor)) else { panic!("it ends") };
    let gave_up = failure.error().downcast_ref::<GaveUpError>().expect("that is why it failed");
    assert_eq!(gave_up.child(), child);
    assert_eq!(failure.message(), gave_up.to_string(), "the message says everything once");
    gave_up.to_string()
}

#[test]
fn a_supervisor_gives_up_at_one_restart_too_many_and_says_why() {
    let log = Log::default();
    let hopeless = || log.child(&[Panics; 10]);
    let supervisor = patient().at_most(2, LONG).child("hopeless", Restart::OnPanic, hopeless());
    assert_eq!(
        gives_up(supervisor, "hopeless"),
        "supervisor gives up after 2 restarts within 3600s; mend this, or allow more with `at_most`: thread 'hopeless' panicked: on purpose",
    );
    assert_eq!(log.lines().len(), 3);

    let fails = patient().at_most(1, LONG).child("f", Restart::OnFailure, log.child(&[Fails; 10]));
    assert_eq!(
        gives_up(fails, "f"),
        "supervisor gives up after 1 restart within 3600s; mend this, or allow more with `at_most`: thread 'f' failed: on purpose",
    );

    let returns = Supervisor::new().at_most(0, LONG).child("short", Restart::Always, || ());
    assert_eq!(
        gives_up(returns, "short"),
        "supervisor gives up after 0 restarts within 3600s; mend this, or allow more with `at_most`: thread 'short' has returned",
    );
}

#[test]
fn the_error_of_a_supervisor_that_gives_up_holds_the_fault_of_the_child() {
    let give_up = |child| {
        let supervisor = Supervisor::new().at_most(0, LONG).add_child(child);
        let Err(JoinError::Failed(failure)) = run(&Thread::new(supervisor)) else { panic!() };
        failure.error().downcast_ref::<GaveUpError>().unwrap().clone()
    };
    let panics = ChildSpec::new("child", || panic!("on purpose"));
    assert!(
        matches!(give_up(panics).fault(), Some(Outcome::Panicked(it)) if it.message() == "on purpose")
    );
    let fails = give_up(ChildSpec::new("child", || Err::<(), _>("on purpose")));
    assert!(matches!(fails.fault(), Some(Outcome::Failed(it)) if it.message() == "on purpose"));
    assert_eq!(std::error::Error::source(&fails).unwrap().to_string(), "on purpose");
    let returns = ChildSpec::new("child", || ()).restart(Restart::Always);
    assert!(give_up(returns).fault().is_none());
}

#[test]
fn restarts_of_all_children_count_together() {
    let log = Log::default();
    let supervisor = patient()
        .at_most(3, LONG)
        .child("one", Restart::OnPanic, log.child(&[Panics, Panics]))
        .child("other", Restart::OnPanic, log.child(&[Panics, Panics]));
    run(&Thread::new(supervisor)).unwrap_err();
    // Three restarts, of which the last may not have been carried out.
    assert!((4..=5).contains(&log.lines().len()), "{:?}", log.lines());
}

#[test]
fn restarts_before_the_period_do_not_count() {
    let log = Log::default();
    // The period is zero, so each earlier restart is outside of it.
    let supervisor = Supervisor::new()
        .backoff(Duration::from_millis(1), Duration::from_millis(1))
        .at_most(1, Duration::ZERO)
        .child("failing", Restart::OnPanic, log.child(&[Panics; 10]));
    let thread = start(supervisor);
    log.wait_for(11);
    stop(&thread);
}

#[test]
fn a_supervisor_that_gives_up_is_restarted_by_its_own_supervisor() {
    let log = Log::default();
    let inner =
        patient().at_most(1, LONG).child("leaf", Restart::OnPanic, log.child(&[Panics; 99]));
    let outer = patient().at_most(2, LONG).child("inner", Restart::OnFailure, inner);
    assert_eq!(
        gives_up(outer, "inner"),
        "supervisor gives up after 2 restarts within 3600s; mend this, or allow more with `at_most`: thread 'inner' failed: \
         supervisor gives up after 1 restart within 3600s; mend this, or allow more with `at_most`: thread 'leaf' panicked: on purpose",
    );
    assert_eq!(log.lines().len(), 6, "two runs of the leaf for each of three of the inner one");
}

#[test]
fn a_supervisor_gives_up_if_the_name_of_a_child_is_invalid() {
    let supervisor = patient().at_most(1, LONG).child("\0", Restart::Never, || ());
    assert_eq!(
        gives_up(supervisor, "\0"),
        "supervisor gives up after 1 restart within 3600s; mend this, or allow more with `at_most`: thread '\0' failed: \
         thread name \"\\0\" contains a NUL character; leave it out",
    );
}

#[test]
fn a_supervisor_whose_children_have_the_same_name_fails() {
    let one = ChildSpec::new("one", || unreachable!("no child is started"));
    let supervisor = patient().add_child(one.clone().named("other")).add_child(one.clone());
    let Err(JoinError::Failed(failure)) = run(&Thread::new(supervisor.add_child(one))) else {
        panic!("it fails")
    };
    assert_eq!(failure.message(), "two children have the name 'one'");
}

#[test]
fn debug_of_a_supervisor_shows_its_children() {
    let supervisor =
        patient().child("one", Restart::Never, || ()).child("other", Restart::Never, || ());
    let shown = r#"Supervisor { children: ["one", "other"], strategy: OneForOne, .. }"#;
    assert_eq!(format!("{:?}", supervisor.clone()), shown);
}
