//! The counter at its limit.
#![cfg(not(threadwork_loom))]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering},
};

use super::{FLAG_BITS, MAX_IDENT, from_word, take_number};

#[test]
fn the_last_number_is_given_once_and_no_number_is_repeated() {
    let next = AtomicUsize::new(MAX_IDENT - 1);
    let last = [take_number(&next), take_number(&next)];
    assert_eq!(last.map(|it| it.get()), [MAX_IDENT as u64 - 1, MAX_IDENT as u64]);
    assert_eq!(from_word(MAX_IDENT << FLAG_BITS), Some(last[1]), "it fits beside the flags");
    for _ in 0..3 {
        assert!(catch_unwind(AssertUnwindSafe(|| take_number(&next))).is_err());
        assert_eq!(next.load(Ordering::Relaxed), MAX_IDENT + 1, "it does not start over");
    }
}
