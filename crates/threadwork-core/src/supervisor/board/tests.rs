use super::*;
use crate::registry::current_thread;

fn child(name: &str) -> ChildSpec {
    ChildSpec::new(name, || ())
}

fn infos(names: &[&str]) -> Vec<ChildInfo> {
    names.iter().map(|it| ChildInfo::of_new(child(it))).collect()
}

fn names(board: &Board) -> Vec<String> {
    board.look().1.iter().map(|it| it.name().to_owned()).collect()
}

#[test]
fn a_list_is_not_shown_over_an_order_that_was_not_read() {
    let board = Board::new();
    assert!(board.begin(&current_thread(), infos(&["one"])));
    board.give(Order::Add(child("two"))).unwrap();
    // The supervisor has looked before the order came.
    board.show(infos(&["one"]));
    assert_eq!(names(&board), ["one", "two"]);
    assert!(board.give(Order::Stop("three".to_owned())).is_err());
    assert_eq!(board.take().0.len(), 1);
    board.show(infos(&["one"]));
    assert_eq!(names(&board), ["one"]);
}

#[test]
fn a_run_does_not_end_by_itself_over_an_order_that_was_not_read() {
    let board = Board::new();
    board.begin(&current_thread(), Vec::new());
    board.give(Order::Add(child("late"))).unwrap();
    assert!(!board.end_unless_ordered());
    board.take();
    assert!(board.end_unless_ordered());
    assert_eq!(board.give(Order::Add(child("too late"))), Err(SupervisorError::Ended));
}

#[test]
fn an_order_and_a_signal_set_the_news() {
    let board = Board::new();
    board.give(Order::Add(child("one"))).unwrap();
    assert!(board.news.is_set());
    board.news.clear();
    board.tell(Signal::Returns(current_thread().ident().unwrap()));
    assert!(board.news.is_set());
}

#[test]
fn a_copy_of_the_list_is_outdated_by_a_list_or_a_stage() {
    let board = Board::new();
    let (.., outdated) = board.look();
    board.begin(&current_thread(), infos(&["one"]));
    board.show(infos(&["two"]));
    assert!(outdated.is_set());
    let (.., outdated) = board.look();
    assert!(!outdated.is_set());
    board.enter(Stage::Over { by_itself: true });
    assert!(outdated.is_set());
}

#[test]
fn a_second_run_has_a_board_of_its_own_that_shows_its_children_at_once() {
    let control = Control::new();
    let first = control.begin(&current_thread(), &infos(&["one"]));
    first.enter(Stage::Over { by_itself: false });
    let second = control.begin(&current_thread(), &infos(&["two"]));
    assert_eq!(names(&control.board()), ["two"]);
    assert_eq!(names(&first), ["one"]);
    second.give(Order::Stop("two".to_owned())).unwrap();
    assert!(first.take().0.is_empty());
}
