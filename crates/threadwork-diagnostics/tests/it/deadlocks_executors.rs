//! Jobs that wait for jobs of the same executor, which has no free worker for them.

use std::sync::{Arc, OnceLock};

use threadwork_core::{Executor, Task, current_stop_token};
use threadwork_diagnostics::{dump, find_deadlocks};
use threadwork_sync::{Event, Wait, WaitKind, waits};

use crate::{
    deadlocks::{edges, start, the_deadlock},
    program::Program,
};

static EXECUTOR: OnceLock<Executor> = OnceLock::new();

fn executor(workers: usize) -> &'static Executor {
    let new = || Executor::builder().name("pool").workers(workers).build();
    EXECUTOR.get_or_init(new)
}

/// Submits a job that submits another one, and waits for its result until it is stopped.
fn nested(begin: &Arc<Event>) -> Task<bool> {
    let begin = Arc::clone(begin);
    executor(1).submit(move || {
        begin.wait();
        let inner = executor(1).submit(|| 7);
        let wait = Wait::forever().or_stop(&current_stop_token());
        inner.wait_result_with(&wait).is_ok()
    })
}

#[test]
fn a_job_that_waits_for_a_job_of_its_only_worker_is_a_deadlock() {
    let program = Program::new(|| {
        executor(1);
        let begin = Arc::new(Event::new());
        let outer = nested(&begin);
        begin.set();
        let deadlock = the_deadlock();
        assert_eq!(edges(&deadlock), [("pool-0", "Task", "pool", "pool-0")]);
        let said = deadlock.to_string();
        assert!(said.starts_with("deadlock of one thread with itself:\n  'pool-0' (#"), "{said}");
        let end = "result of a task of executor 'pool', for which it would have to be free itself";
        assert!(said.ends_with(end), "{said}");
        let said = dump().to_string();
        let line =
            "waits for result of a task of executor 'pool' (1 pending, all 1 workers busy) at";
        assert!(said.contains(line), "{said}");
        outer.request_stop();
        assert!(!outer.into_result().unwrap());
        assert_eq!(find_deadlocks(), []);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn jobs_that_wait_for_jobs_are_a_deadlock_once_all_workers_do() {
    let program = Program::new(|| {
        executor(2);
        let begin = Arc::new(Event::new());
        let outer = [nested(&begin), nested(&begin)];
        assert_eq!(find_deadlocks(), []);
        begin.set();
        let deadlock = the_deadlock();
        let all = [
            ("pool-0", "Task", "pool", "pool-0"),
            ("pool-0", "Task", "pool", "pool-1"),
            ("pool-1", "Task", "pool", "pool-0"),
            ("pool-1", "Task", "pool", "pool-1"),
        ];
        assert_eq!(edges(&deadlock), all);
        assert!(deadlock.edges.iter().all(|it| it.any_of));
        // A stop of one of them resolves it: its worker runs the jobs that are pending.
        outer[0].request_stop();
        let results = outer.map(|it| it.into_result().unwrap());
        assert_eq!(results, [false, true]);
        assert_eq!(find_deadlocks(), []);
    });
    assert!(program.run().lines().is_empty());
}

/// The other worker is not blocked for ever, so this is no deadlock, whatever it waits for.
#[test]
fn a_worker_that_can_go_on_is_a_way_out() {
    let program = Program::new(|| {
        executor(2);
        let (begin, go) = (Arc::new(Event::new()), Arc::new(Event::new()));
        let inside = Arc::clone(&go);
        let busy = executor(2).submit(move || inside.wait());
        let outer = nested(&begin);
        begin.set();
        while !waits().iter().any(|it| it.kind == WaitKind::Task) {
            std::thread::yield_now();
        }
        assert_eq!(find_deadlocks(), []);
        go.set();
        assert!(outer.into_result().unwrap());
        busy.into_result().unwrap();
    });
    assert!(program.run().lines().is_empty());
}

/// A task that runs is waited for as its worker is, and not as any worker.
#[test]
fn a_circle_through_a_running_task_names_its_worker() {
    let program = Program::new(|| {
        static JOINER: OnceLock<threadwork_core::ThreadHandle> = OnceLock::new();
        static BEGIN: Event = Event::new();

        let task = executor(2).submit(|| {
            BEGIN.wait();
            let wait = Wait::forever().or_stop(&current_stop_token());
            JOINER.get().unwrap().join_with(&wait).is_ok()
        });
        let task = Arc::new(task);
        let inside = Arc::clone(&task);
        let ann = start("ann", move |wait| {
            assert!(inside.wait_result_with(wait).is_ok());
        });
        JOINER.set(ann.handle().clone()).unwrap();
        BEGIN.set();
        let deadlock = the_deadlock();
        let mut all = edges(&deadlock);
        all.sort_unstable();
        assert_eq!(all, [("ann", "Task", "pool", "pool-0"), ("pool-0", "Join", "", "ann")]);
        let said = dump().to_string();
        let line = "result of a task of executor 'pool' (0 pending, 1 of 2 workers busy) at";
        assert!(said.contains(line) && said.contains(", run by 'pool-0' #"), "{said}");
        task.request_stop();
        ann.join().unwrap();
    });
    assert!(program.run().lines().is_empty());
}
