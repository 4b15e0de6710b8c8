//! Barriers: all parties of a round pass or none does, with one leader and one action.

use loom::{sync::Arc, thread};
use threadwork_sync::{
    Barrier, BarrierWaitResult, BrokenBarrierError, BrokenReason, StopSource, Wait,
    internal::model::let_time_pass,
};

use crate::{Data, check, timed};

type Outcome = Result<BarrierWaitResult, BrokenBarrierError>;

fn spawn<T: 'static>(
    barrier: &Arc<Barrier>,
    f: impl FnOnce(&Barrier) -> T + 'static,
) -> thread::JoinHandle<T> {
    let barrier = Arc::clone(barrier);
    thread::spawn(move || f(&barrier))
}

/// A barrier of `parties` parties, and the number of times that its action ran.
fn counting(parties: usize) -> (Arc<Barrier>, Arc<Data>) {
    let runs = Arc::new(Data::default());
    let barrier = {
        let runs = Arc::clone(&runs);
        Barrier::new(parties).with_action(move || runs.add_one())
    };
    (Arc::new(barrier), runs)
}

fn reason(outcome: Outcome) -> Option<BrokenReason> {
    outcome.err().as_ref().map(BrokenBarrierError::reason)
}

/// Checks that both parties passed, one of them as the leader.
#[track_caller]
fn check_passed(here: Outcome, there: Outcome) {
    let (here, there) = (here.unwrap(), there.unwrap());
    assert_ne!(here.is_leader(), there.is_leader());
    assert_eq!([here, there].map(|it| usize::from(it.is_leader())), [here.index(), there.index()]);
}

/// In each of two rounds one of two parties leads, after the action ran once, and both see what it did.
#[test]
fn each_round_has_one_leader_and_one_action() {
    check(4, || {
        let (barrier, runs) = counting(2);
        let two_rounds = |barrier: &Barrier, runs: &Data| {
            [1, 2].map(|round| {
                let outcome = barrier.wait();
                assert_eq!(runs.get(), round);
                outcome
            })
        };
        let other = {
            let runs = Arc::clone(&runs);
            spawn(&barrier, move |it| two_rounds(it, &runs))
        };
        let here = two_rounds(&barrier, &runs);
        let there = other.join().unwrap();
        here.into_iter().zip(there).for_each(|(here, there)| check_passed(here, there));
        assert_eq!((barrier.n_waiting(), barrier.is_broken()), (0, false));
    });
}

/// All parties see what each party wrote before it arrived, with two and with three parties.
#[test]
fn all_see_what_each_wrote_before() {
    check(4, || {
        let barrier = Arc::new(Barrier::new(3));
        let written = Arc::new([Data::default(), Data::default(), Data::default()]);
        let party = |barrier: &Barrier, written: &[Data; 3], n: usize| {
            written[n].add_one();
            let leads = barrier.wait().unwrap().is_leader();
            assert!(written.iter().all(|it| it.get() == 1));
            leads
        };
        let others = [1, 2].map(|n| {
            let written = Arc::clone(&written);
            spawn(&barrier, move |it| party(it, &written, n))
        });
        let here = party(&barrier, &written, 0);
        let leaders = others.into_iter().map(|it| it.join().unwrap()).chain([here]);
        assert_eq!(leaders.filter(|it| *it).count(), 1);
    });
}

/// Checks that both parties get the same outcome if `end` breaks the round while they arrive, and that a round that is over stays so.
fn check_all_or_none(
    wait: fn(&StopSource) -> Wait,
    end: fn(&StopSource, &Barrier),
    reason_if_broken: BrokenReason,
) {
    check(4, move || {
        let (barrier, runs) = counting(2);
        let stop = StopSource::new();
        let [first, second] = [(); 2].map(|()| {
            let wait = wait(&stop);
            spawn(&barrier, move |it| it.wait_with(&wait))
        });
        end(&stop, &barrier);
        let outcomes = [first.join().unwrap(), second.join().unwrap()];
        if outcomes.iter().all(Result::is_ok) {
            let [first, second] = outcomes;
            check_passed(first, second);
            assert_eq!(runs.get(), 1);
        } else {
            assert_eq!(outcomes.map(reason), [Some(reason_if_broken); 2]);
            assert!(barrier.is_broken());
            assert_eq!(reason(barrier.wait()), Some(reason_if_broken));
            if reason_if_broken != BrokenReason::Aborted {
                assert_eq!(
                    runs.get(),
                    0,
                    "a party that left before the last arrival is not counted"
                );
            }
        }
        barrier.reset();
        assert_eq!((barrier.n_waiting(), barrier.is_broken()), (0, false));
    });
}

/// An abort during the arrivals breaks the round for all or for none.
#[test]
fn an_abort_breaks_the_round_for_all_or_none() {
    check_all_or_none(|_| Wait::forever(), |_, it| it.abort(), BrokenReason::Aborted);
}

/// A deadline that passes at the last arrival breaks the round for all or for none.
#[test]
fn a_timeout_breaks_the_round_for_all_or_none() {
    check_all_or_none(|_| timed(), |_, _| let_time_pass(), BrokenReason::TimedOut);
}

/// A stop at the last arrival breaks the round for all or for none.
#[test]
fn a_stop_breaks_the_round_for_all_or_none() {
    let wait = |it: &StopSource| Wait::forever().or_stop(&it.token());
    check_all_or_none(wait, |it, _| _ = it.request_stop(), BrokenReason::Stopped);
}

/// Checks that a party whose wait ends while the last one runs the action gets the outcome of the round.
fn check_giving_up_during_the_action(wait: fn(&StopSource) -> Wait, end: fn(&StopSource)) {
    check(4, move || {
        let stop = StopSource::new();
        let action = {
            let stop = stop.clone();
            move || end(&stop)
        };
        let barrier = Arc::new(Barrier::new(2).with_action(action));
        let other = {
            let wait = wait(&stop);
            spawn(&barrier, move |it| it.wait_with(&wait))
        };
        let here = barrier.wait();
        check_passed(here, other.join().unwrap());
        assert!(!barrier.is_broken());
    });
}

/// A deadline that passes during the action breaks nothing.
#[test]
fn a_timeout_during_the_action_breaks_nothing() {
    check_giving_up_during_the_action(|_| timed(), |_| let_time_pass());
}

/// With an abort and a reset during the last arrival, all parties of a round pass or none does.
#[test]
fn an_abort_and_a_reset_let_all_pass_or_none() {
    check(4, || {
        let barrier = Arc::new(Barrier::new(2));
        let stop = StopSource::new();
        let parties = [(); 2].map(|()| {
            let wait = Wait::forever().or_stop(&stop.token());
            spawn(&barrier, move |it| it.wait_with(&wait))
        });
        barrier.abort();
        barrier.reset();
        // A party that arrived after the reset is alone.
        stop.request_stop();
        let [first, second] = parties.map(|it| it.join().unwrap());
        assert_eq!(first.is_ok(), second.is_ok());
        if first.is_ok() {
            check_passed(first, second);
        }
    });
}

/// A reset during the arrivals breaks the round for the parties that had arrived, and the next round succeeds.
#[test]
fn after_a_reset_the_round_starts_over() {
    check(4, || {
        let (barrier, runs) = counting(2);
        let until_passed = |it: &Barrier| match it.wait() {
            Err(error) => {
                assert_eq!(error.reason(), BrokenReason::Reset);
                it.wait()
            }
            passed => passed,
        };
        let resetting = spawn(&barrier, Barrier::reset);
        let other = spawn(&barrier, until_passed);
        let here = until_passed(&barrier);
        check_passed(here, other.join().unwrap());
        resetting.join().unwrap();
        // A reset during the action breaks that round too, although its action ran.
        assert!((1..=2).contains(&runs.get()));
    });
}

/// A party that arrives while the action runs waits until it has returned.
#[test]
fn actions_of_two_rounds_exclude_each_other() {
    check(4, || {
        let (barrier, runs) = counting(1);
        let others = [(); 2].map(|()| spawn(&barrier, |it| it.wait().unwrap().is_leader()));
        assert!(barrier.wait().unwrap().is_leader());
        others.into_iter().for_each(|it| assert!(it.join().unwrap()));
        assert_eq!(barrier.wait().unwrap().index(), 0);
        assert_eq!(runs.get(), 4);
    });
}

/// A party that calls `try_wait` arrives last or not at all.
#[test]
fn try_wait_arrives_last_or_not_at_all() {
    check(4, || {
        let (barrier, runs) = counting(2);
        let other = spawn(&barrier, Barrier::wait);
        let here = match barrier.try_wait().unwrap() {
            Some(passed) => {
                assert!(passed.is_leader());
                Ok(passed)
            }
            None => barrier.wait(),
        };
        check_passed(here, other.join().unwrap());
        assert_eq!(runs.get(), 1);
    });
}

/// A party that returns and waits again is counted for the next round, not for the one that is ending.
#[test]
fn a_party_that_arrives_again_is_counted_for_the_next_round() {
    check(4, || {
        let barrier = Arc::new(Barrier::new(2));
        let once = spawn(&barrier, |it| it.wait_with(&timed()).is_ok());
        let time = thread::spawn(let_time_pass);
        let first = barrier.wait().is_ok();
        assert_eq!(once.join().unwrap(), first);
        time.join().unwrap();
        if first {
            let again = spawn(&barrier, |it| it.wait());
            let here = barrier.wait();
            check_passed(here, again.join().unwrap());
        } else {
            assert_eq!(reason(barrier.wait()), Some(BrokenReason::TimedOut));
        }
    });
}
