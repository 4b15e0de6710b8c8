//! When a supervisor restarts its children. How it stops them is in `supervisor_stops`; its events are in `tests/events.rs`.

use std::{borrow::Cow, sync::Arc, time::Duration};

use threadwork_core::{
    JoinError, Prototype, Restart, Runnable, Strategy, Supervisor, Thread, ThreadGroup,
    ThreadState, current_thread, sleep,
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
                Some(End::Panics) => panic!("on purpose"),
                Some(End::IsStoppedAlone) => {
                    current_thread().request_stop();
                    assert!(sleep(LONG).is_err());
                }
                None => _ = sleep(LONG),
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum End {
    Returns,
    Panics,
    IsStoppedAlone,
}
use End::{IsStoppedAlone, Panics, Returns};

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
    for end in [&[Returns] as &[_], &[Panics], &[IsStoppedAlone]] {
        check(Restart::Never, end, 1);
        check(Restart::Always, end, 2);
    }
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
fn a_child_has_its_given_name_and_belongs_to_the_group_of_the_supervisor() {
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
    let thread = group.builder().daemon(true).build(supervisor);
    run(&thread).unwrap();
    let mut lines = log.lines();
    lines.sort_unstable();
    let group = r#"Some("supervised") true"#;
    assert_eq!(lines, [format!("named {group}"), format!("supervised/worker-2 {group}")]);
}

#[track_caller]
fn check_gives_up(supervisor: Supervisor, message: &str) {
    let Err(JoinError::Panicked(panic)) = run(&Thread::new(supervisor)) else { panic!("it ends") };
    assert_eq!(panic.message(), message);
}

#[test]
fn a_supervisor_gives_up_at_one_restart_too_many_and_says_why() {
    let log = Log::default();
    let hopeless = || log.child(&[Panics; 10]);
    let supervisor = patient().at_most(2, LONG).child("hopeless", Restart::OnPanic, hopeless());
    check_gives_up(
        supervisor,
        "supervisor gives up after 2 restarts within 3600s; the last to end was 'hopeless': on purpose",
    );
    assert_eq!(log.lines().len(), 3);

    let returns = Supervisor::new().at_most(0, LONG).child("short", Restart::Always, || ());
    check_gives_up(
        returns,
        "supervisor gives up after 0 restarts within 3600s; the last to end was 'short': it has returned",
    );
}

#[test]
fn restarts_of_all_children_count_together() {
    let log = Log::default();
    let supervisor = patient()
        .at_most(3, LONG)
        .child("one", Restart::OnPanic, log.child(&[Panics, Panics]))
        .child("other", Restart::OnPanic, log.child(&[Panics, Panics]));
    run(&Thread::new(supervisor)).unwrap_err();
    assert!((5..=6).contains(&log.lines().len()), "{:?}", log.lines());
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
    let outer = patient().at_most(2, LONG).child("inner", Restart::OnPanic, inner);
    let gives_up = |name, n| {
        format!(
            "supervisor gives up after {n} restarts within 3600s; the last to end was '{name}': "
        )
    };
    check_gives_up(outer, &format!("{}{}on purpose", gives_up("inner", 2), gives_up("leaf", 1)));
    assert_eq!(log.lines().len(), 6, "two runs of the leaf for each of three of the inner one");
}

#[test]
fn a_supervisor_gives_up_if_the_name_of_a_child_is_invalid() {
    let supervisor = patient().at_most(1, LONG).child("\0", Restart::Never, || ());
    check_gives_up(
        supervisor,
        "supervisor gives up after 1 restarts within 3600s; the last to end was '\0': \
         thread name \"\\0\" contains a NUL character; leave it out",
    );
}

#[test]
fn debug_of_a_supervisor_shows_its_children() {
    let supervisor =
        patient().child("one", Restart::Never, || ()).child("other", Restart::Never, || ());
    let shown = r#"Supervisor { children: ["one", "other"], strategy: OneForOne, .. }"#;
    assert_eq!(format!("{:?}", supervisor.clone()), shown);
}
