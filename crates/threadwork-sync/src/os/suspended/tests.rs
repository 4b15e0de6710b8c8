//! What is read from the kernel, and what is not taken for it.

use std::{fs::File, io::Read, process, sync::mpsc, thread};

use super::{
    has_suspended_thread,
    imp::{is_suspended, stack_pointer},
};
use crate::os::{
    exit_stack::{is_in_exit, leave_files, returns_to_exit},
    native_ids,
};

#[test]
fn the_stack_pointer_is_the_last_but_one_field_of_the_kernels_line() {
    let blocked = "34 0x2 0x0 0x0 0x0 0x0 0x0 0x7ffd1c8a3bd8 0x7f2a1e0c5fb7\n";
    assert_eq!(stack_pointer(blocked), Some(0x7ffd_1c8a_3bd8));
    assert_eq!(stack_pointer("-1 0x7ffd1c8a3bd8 0x7f2a1e0c5fb7\n"), Some(0x7ffd_1c8a_3bd8));
    for nothing in ["running\n", "", "\n", "34\n", "-1 stack 0x1\n", "-1 0x 0x1\n"] {
        assert_eq!(stack_pointer(nothing), None, "{nothing:?}");
    }
}

#[test]
fn threads_that_are_blocked_elsewhere_are_not_suspended() {
    let (stop, stopped) = mpsc::channel::<()>();
    let waits = thread::spawn(move || stopped.recv().unwrap_err());
    assert!(!has_suspended_thread());
    drop(stop);
    waits.join().unwrap();
}

#[test]
fn a_thread_that_is_not_there_is_an_error() {
    let memory = File::open("/proc/self/mem").unwrap();
    is_suspended(0, &memory).unwrap_err();
}

#[test]
fn no_address_outside_of_process_exit_returns_to_it() {
    let exit = process::exit as *const ();
    for address in [0, 1, exit.addr() - 1, exit.addr(), exit.addr() + (1 << 20), usize::MAX] {
        assert!(!returns_to_exit(address), "{address:x}");
    }
    let here = the_stack_pointer_is_the_last_but_one_field_of_the_kernels_line as *const ();
    assert!((here.addr()..here.addr() + 64).all(|it| !returns_to_exit(it)));
    assert!(!is_in_exit());
}

#[test]
fn a_thread_that_leaves_its_files_closes_no_other_threads_files() {
    let mut file = File::open("/proc/self/status").unwrap();
    thread::spawn(|| {
        leave_files();
        assert!(!native_ids().is_empty(), "the thread can open files");
    })
    .join()
    .unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).expect("the file is still open");
    assert!(text.starts_with("Name:"), "{text}");
}
