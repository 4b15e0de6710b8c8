//! A thread's notes about its reads.

use super::*;

fn notes() -> [usize; ROOM] {
    MINE.with(Reads::notes)
}

fn in_order() -> Vec<usize> {
    notes().into_iter().take_while(|it| *it != 0).collect()
}

#[test]
fn reads_end_in_any_order() {
    [8, 16, 24, 16].into_iter().for_each(reads_begin);
    assert_eq!(in_order(), [8, 16, 24, 16]);
    reads_end(16);
    assert_eq!(in_order(), [8, 16, 24]);
    reads_end(8);
    assert_eq!(in_order(), [16, 24]);
    reads_end(24);
    reads_end(16);
    assert_eq!(notes(), [0; ROOM]);
}

#[test]
fn reads_without_room_for_a_note_are_counted() {
    let all: Vec<usize> = (1..=ROOM + 2).map(|it| it * 8).collect();
    all.iter().copied().for_each(reads_begin);
    assert_eq!(in_order(), all[..ROOM]);
    reads_end(all[ROOM]);
    assert_eq!(in_order(), all[..ROOM], "it was not noted");
    reads_end(all[0]);
    assert_eq!(in_order(), all[1..ROOM]);
    reads_begin(4);
    assert_eq!(in_order(), [&all[1..ROOM], &[4]].concat(), "there is room again");
    all[1..].iter().filter(|it| **it != all[ROOM]).for_each(|it| reads_end(*it));
    assert_eq!(in_order(), [4]);
    reads_end(4);
    assert_eq!(MINE.with(|it| (it.count(), it.others.get())), (0, 0));
}
