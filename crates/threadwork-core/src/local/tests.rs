//! The end of an object and the end of a thread, in every order.

use std::{
    cell::Cell,
    sync::{Arc, Weak},
    thread,
};

use super::{
    Local, inherit,
    lazy_values::LazyValues,
    place::Place,
    table::{self, AnyValues},
    values::Values,
};

fn with_values() -> (LazyValues<Arc<()>>, Weak<()>) {
    let (values, value) = (LazyValues::new(None), Arc::new(()));
    let weak = Arc::downgrade(&value);
    drop(values.make(|| value).unwrap());
    (values, weak)
}

fn shared<T>(values: &LazyValues<T>) -> Arc<Values<T>> {
    Arc::clone(values.shared.get().unwrap())
}

#[test]
fn a_thread_that_ends_before_the_object_drops_its_value() {
    let (values, weak) = with_values();
    let shared = shared(&values);
    shared.leave();
    assert_eq!(weak.strong_count(), 0);
    assert_eq!(shared.look(|entries| entries.len()), Some(0));
    drop(values);
    assert!(shared.look(|_| ()).is_none());
    // The thread's table still has the address, which is not read any more.
    assert!(table::unlink(shared.place()));
}

#[test]
fn an_object_that_is_dropped_before_the_thread_ends_drops_the_value() {
    let (values, weak) = with_values();
    let shared = shared(&values);
    drop(values);
    assert_eq!(weak.strong_count(), 0);
    shared.leave();
    shared.close();
    assert!(!shared.unlink(), "the value is gone");
    assert!(table::find(shared.place()).is_none());
}

#[test]
fn an_object_that_is_gone_takes_no_value() {
    let (values, _) = with_values();
    let shared = shared(&values);
    drop(values);
    let value = Arc::new(());
    assert!(shared.link(Arc::clone(&value)).is_err_and(|back| Arc::ptr_eq(&back, &value)));
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn a_linked_value_is_not_replaced() {
    let (values, weak) = with_values();
    let (shared, second) = (shared(&values), Arc::new(()));
    let first = values.reach.find().unwrap();
    assert!(shared.link(Arc::clone(&second)).is_err_and(|back| Arc::ptr_eq(&back, &second)));
    assert!(values.reach.find().is_some_and(|it| Arc::ptr_eq(&it, &first)));
    assert_eq!((weak.strong_count(), Arc::strong_count(&second)), (1, 1));
    // Nor is a value that was linked while another one was created.
    let values = LazyValues::new(None);
    let made = values.make(|| {
        let shared = Arc::clone(values.shared.get().unwrap());
        assert!(shared.link(Arc::clone(&second)).is_ok());
        Arc::new(())
    });
    assert!(Arc::ptr_eq(&made.unwrap(), &second));
}

#[test]
fn a_value_in_use_is_not_dropped_when_its_thread_ends() {
    // This happens when a program exits from within a `with`.
    let (values, weak) = with_values();
    let value = values.reach.find().unwrap();
    table::unlink(shared(&values).place());
    shared(&values).leave();
    assert_eq!((weak.strong_count(), Arc::weak_count(&value)), (1, 1));
    drop(value);
    assert_eq!(weak.strong_count(), 0);
}

#[test]
fn an_object_at_the_index_of_an_old_one_has_another_place() {
    let mut last = None;
    // Other tests may take the index in the meantime.
    let repeated = (0..10_000).find(|_| {
        let (values, weak) = with_values();
        let place = shared(&values).place();
        let before = last.replace(place);
        let has_same_index = before.is_some_and(|it: Place| it.index() == place.index());
        assert_ne!(before, Some(place));
        assert!(before.is_none_or(|it| table::find(it).is_none() || it.index() != place.index()));
        drop(values);
        assert_eq!(weak.strong_count(), 0);
        // The address stays in the table until the index is used again.
        let next = LazyValues::<String>::new(None);
        next.reach.set(place.next().unwrap());
        assert!(next.reach.find().is_none());
        has_same_index
    });
    assert!(repeated.is_some(), "no index is ever reused");
}

#[test]
fn an_index_whose_count_is_used_up_is_not_reused() {
    let last = Place(usize::MAX << (usize::BITS / 2) | 7);
    assert_eq!((last.index(), last.next()), (7, None));
    let before = Place(last.0 - (1 << (usize::BITS / 2)));
    assert_eq!(before.next(), Some(last));
    assert_ne!(Place::NONE.index(), 7);
    assert!(table::find(Place::NONE).is_none());
}

#[test]
fn a_thread_without_inheritable_values_passes_nothing_on() {
    let plain = Local::new(|| 1);
    plain.with(|_| ());
    assert!(inherit().is_empty());
    let inheritable = Local::inheritable(|| 1, |it| *it);
    assert!(inherit().is_empty());
    inheritable.with(|_| ());
    assert!(!inherit().is_empty());
    inheritable.remove();
    assert!(inherit().is_empty() && !table::has_inheritable());
    inheritable.with(|_| ());
    drop(inheritable);
    assert!(inherit().is_empty());
    assert!(!table::has_inheritable(), "after one look the thread does not ask again");
}

#[test]
fn an_inherited_value_of_a_dropped_object_is_dropped() {
    struct Panics(Cell<bool>, Arc<()>);

    impl Drop for Panics {
        fn drop(&mut self) {
            assert!(!self.0.get(), "on purpose");
        }
    }

    for panics in [false, true] {
        let value = Arc::new(());
        let heir = Arc::clone(&value);
        let local = Local::inheritable(
            move || Panics(Cell::new(false), Arc::clone(&heir)),
            |parent| Panics(Cell::new(parent.0.get()), Arc::clone(&parent.1)),
        );
        local.with(|parent| parent.0.set(panics));
        let inherited = inherit();
        local.with(|parent| parent.0.set(false));
        assert_eq!(Arc::strong_count(&value), 4);
        drop(local);
        assert_eq!(Arc::strong_count(&value), 2);
        thread::spawn(|| inherited.adopt()).join().unwrap();
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
