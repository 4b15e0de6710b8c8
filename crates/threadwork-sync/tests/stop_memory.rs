//! A relay of stop sources leaks no memory. This is one test in its own process, with a counting allocator.

use threadwork_sync::{StopSource, StopToken};
use threadwork_test_support::heap::CountingHeap;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::new();

/// Calls `next` 100,000 times, each time with the previous result, and checks that the memory in use does not grow. Returns the last one.
#[track_caller]
fn check<T>(what: &str, first: T, mut next: impl FnMut(T) -> T) -> T {
    let mut last = (0..100).fold(first, |last, _| next(last));
    let before = HEAP.bytes();
    for _ in 0..10 {
        last = (0..10_000).fold(last, |last, _| next(last));
        let growth = HEAP.bytes() - before;
        assert!(growth < 4096, "{what}: {growth} bytes more");
    }
    last
}

#[test]
fn a_relay_takes_only_the_memory_of_its_last_runners() {
    let (top, group) = (StopSource::new(), StopSource::new());
    let child = |token: &StopToken| StopSource::child_of_all([token, &group.token()]);

    let token = check("tokens of children", top.token(), |last| child(&last).token());
    let source = check("children", child(&token), |last| child(&last.token()));
    let several = [(); 3].map(|()| child(&source.token()));
    let several = check("several at once", several, |last| {
        let tokens = last.each_ref().map(StopSource::token);
        [(); 3].map(|()| StopSource::child_of_all(&tokens))
    });
    assert!(several[0].request_stop() && !several[1].stop_requested() && !token.stop_requested());
    assert!(top.request_stop());
    assert!(token.stop_requested() && source.stop_requested() && several[2].stop_requested());
    let late = check("after the stop", token, |last| child(&last).token());
    assert!(late.stop_requested());
}
