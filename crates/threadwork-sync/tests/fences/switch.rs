//! The switch that turns the fence off.

use std::{env, sync::Barrier, thread, time::Duration};

use threadwork_sync::Lock;
use threadwork_test_support::program::Program;

use crate::{
    contention::contend,
    mode::{SWITCH, become_store, check, check_swaps, end_at_panics, is_offered},
};

/// How long each program uses its locks.
const TIME: Duration = Duration::from_millis(300);

#[track_caller]
fn contend_in_mode(by_store: bool) {
    end_at_panics();
    contend(TIME);
    check(by_store);
}

#[test]
fn locks_are_freed_by_a_store_if_the_system_allows_it() {
    let program = Program::new(|| contend_in_mode(is_offered()));
    for value in [None, Some(""), Some("on"), Some("OFF"), Some("off ")] {
        let program = program.again();
        let program = match value {
            Some(value) => program.with(SWITCH, value),
            None => program,
        };
        program.run().lines();
    }
}

#[test]
fn the_switch_turns_the_fence_off() {
    Program::new(|| contend_in_mode(false)).with(SWITCH, "off").run().lines();
}

#[test]
fn the_switch_is_read_once() {
    let program = Program::new(|| {
        end_at_panics();
        let is_on = env::var_os(SWITCH).is_none() && is_offered();
        check(is_on);
        // SAFETY: no other thread uses the environment.
        unsafe { env::set_var(SWITCH, if is_on { "off" } else { "on" }) };
        check(is_on);
    });
    program.again().run().lines();
    program.with(SWITCH, "off").run().lines();
}

#[test]
fn threads_that_decide_at_the_same_time_agree() {
    let program = Program::new(|| {
        end_at_panics();
        let begin = Barrier::new(8);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let lock = Lock::new(());
                    begin.wait();
                    if is_offered() { become_store(&lock) } else { check_swaps(&lock) }
                });
            }
        });
    });
    for _ in 0..10 {
        program.again().run().lines();
    }
}
