//! Errors of supervisors, and of programs and threads that are about to end.

use std::time::Duration;

use threadwork_core::{
    AccessError, AtExitError, ChildSpec, GaveUpError, JoinError, Local, Restart, Supervisor,
    SupervisorError, Thread, at_exit, main,
};
use threadwork_sync::{Event, StopSource, Wait};
use threadwork_test_support::{program::Program, says};

use crate::support::{PATIENCE, foreign, run};

#[test]
fn of_supervisors() {
    let supervisor = Supervisor::new().child("reader", Restart::OnPanic, || ());
    let handle = supervisor.handle();
    says!(
        handle.stop_child("writer"),
        SupervisorError::NoSuchChild(_),
        "the supervisor has no child 'writer'; add it first"
    );
    says!(
        handle.add_child(ChildSpec::new("reader", || ())),
        SupervisorError::NameTaken(_),
        "the supervisor already has a child 'reader'; remove that first, or choose another name"
    );
    says!(
        handle.wait_ready_timeout(Duration::ZERO),
        SupervisorError::TimedOut,
        "timed out while waiting for the supervisor; wait again, or look at its `children`"
    );
    let stop = StopSource::new();
    stop.request_stop();
    says!(
        handle.wait_ready_with(&Wait::forever().or_stop(&stop.token())),
        SupervisorError::Stopped,
        "stopped while waiting for the supervisor, because a stop was requested; end what the wait was for"
    );
    run(&Thread::new(supervisor)).unwrap();
    says!(
        handle.stop_child("reader"),
        SupervisorError::Ended,
        "the supervisor has ended or is stopping its children; start a new one"
    );
}

#[test]
fn of_a_supervisor_that_gives_up() {
    let supervisor = Supervisor::new().at_most(0, Duration::from_secs(60)).child(
        "reader",
        Restart::OnFailure,
        || Err::<(), _>("no such file"),
    );
    let Err(JoinError::Failed(failure)) = run(&Thread::new(supervisor)) else {
        panic!("the supervisor gives up");
    };
    says!(
        Err::<(), _>(failure.error().downcast_ref::<GaveUpError>().unwrap().clone()),
        GaveUpError { .. },
        "supervisor gives up after 0 restarts within 60s; mend this, or allow more with `at_most`: \
         thread 'reader' failed: no such file"
    );
}

#[test]
fn of_the_end_of_a_program() {
    let program = Program::new(|| {
        main(|| {
            let late = || {
                says!(
                    at_exit(|| ()),
                    AtExitError { .. },
                    "cannot register an exit callback, because the program is already ending; call the function now"
                );
                println!("checked");
            };
            at_exit(late).unwrap();
        });
    });
    assert_eq!(program.run().lines(), ["checked"]);
}

#[test]
fn of_the_end_of_a_thread() {
    struct AtEnd;
    impl Drop for AtEnd {
        fn drop(&mut self) {
            says!(
                NEW.try_with(|_| ()),
                AccessError { .. },
                "the values of this thread are already dropped, and no new ones are created; \
                 do without them in destructors"
            );
            CHECKED.set();
        }
    }
    static NEW: Local<u8> = Local::new(|| 0);
    static LAST: Local<AtEnd> = Local::new(|| AtEnd);
    static CHECKED: Event = Event::new();
    foreign(|| LAST.with(|_| ()));
    CHECKED.wait_timeout(PATIENCE).expect("the values of the thread are dropped");
}
