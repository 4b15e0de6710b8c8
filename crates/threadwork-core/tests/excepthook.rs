//! The default hook for panics. These tests have their own process and take turns, and they run themselves as programs to see what is printed.

use std::sync::Arc;

use threadwork_core::{
    Panic, Thread, ThreadGroup, ThreadHandle, default_excepthook, excepthook, set_excepthook,
};
use threadwork_sync::Lock;
use threadwork_test_support::program::Program;

static TURN: Lock<()> = Lock::new(());

fn run_panicking(thread: &Thread) {
    thread.start().unwrap();
    thread.join().unwrap_err();
}

fn parser() -> Thread {
    Thread::builder().name("parser").build(|| panic!("no input")).into()
}

/// Returns what the program says on standard error.
#[track_caller]
fn said(program: Program) -> String {
    let ended = program.run();
    assert!(ended.status.success(), "{ended:#?}");
    ended.stderr
}

/// Returns the lines of the excepthook on the program's standard error, without those of the panic hook.
#[track_caller]
fn lines_of(program: Program) -> Vec<String> {
    let said = said(program);
    said.lines().filter(|it| it.starts_with("Exception in thread")).map(str::to_owned).collect()
}

/// After `ThreadingExceptionTests.test_print_exception` and `ExceptHookTests.test_excepthook`.
///
/// DIFFERENCE: the report has the form of std's panic hook, which prints it.
#[test]
fn without_a_hook_a_panic_is_told_once_with_thread_message_and_place() {
    let line = line!() + 2;
    let program = Program::new(|| {
        let parser = Thread::builder().name("parser").build(|| panic!("no input"));
        run_panicking(&parser.into());
    });
    let said = said(program);
    assert_eq!(said.matches("no input").count(), 1, "{said}");
    assert_eq!(said.matches("'parser'").count(), 1, "{said}");
    assert_eq!(said.matches(&format!("panicked at {}:{line}:", file!())).count(), 1, "{said}");
    assert!(!said.contains("Exception in thread"), "{said}");
}

#[test]
fn a_panic_hook_of_the_program_tells_alone() {
    let program = Program::new(|| {
        std::panic::set_hook(Box::new(|it| eprintln!("told: {}", it.payload_as_str().unwrap())));
        run_panicking(&parser());
    });
    assert_eq!(said(program), "told: no input\n");
}

#[test]
fn a_panic_hook_that_is_set_after_the_first_thread_does_not_tell_alone() {
    let program = Program::new(|| {
        let first = Thread::new(|| ());
        first.start().unwrap();
        first.join().unwrap();
        std::panic::set_hook(Box::new(|it| eprintln!("told: {}", it.payload_as_str().unwrap())));
        run_panicking(&parser());
    });
    assert_eq!(said(program), "told: no input\nException in thread parser: no input\n");
}

#[test]
fn a_program_can_have_panics_told_by_the_excepthook_instead() {
    let program = Program::new(|| {
        std::panic::set_hook(Box::new(|_| ()));
        set_excepthook(|thread, panic| {
            eprintln!("{} has died: {}", thread.name(), panic.message());
        });
        run_panicking(&parser());
    });
    assert_eq!(said(program), "parser has died: no input\n");
}

#[test]
fn a_panic_that_is_resumed_has_a_line_that_ends_with_the_message() {
    let program = Program::new(|| {
        let payload = || std::panic::resume_unwind(Box::new("from elsewhere"));
        run_panicking(&Thread::builder().name("parser").build(payload).into());
    });
    assert_eq!(said(program), "Exception in thread parser: from elsewhere\n");
}

#[test]
fn the_panic_of_a_scope_is_told_for_its_thread_and_for_the_thread_that_it_ends() {
    let program = Program::new(|| {
        let outer = Thread::builder().name("outer").build(|| {
            threadwork_core::scope(|scope| _ = scope.call(|| panic!("no input")).unwrap());
        });
        run_panicking(&outer.into());
    });
    let said = said(program);
    assert_eq!(said.matches("panicked at").count(), 1, "{said}");
    assert!(said.ends_with("\nException in thread outer: no input\n"), "{said}");
}

/// After `ExceptHookTests.test_custom_excepthook_fail`.
#[test]
fn a_hook_that_panics_is_reported_itself_and_the_thread_ends_with_its_own_panic() {
    let line = line!() + 2;
    let program = Program::new(|| {
        set_excepthook(|_, _| panic!("the hook"));
        run_panicking(&parser());
    });
    let lines = lines_of(program);
    let [printed] = &lines[..] else { panic!("{lines:?}") };
    let before = format!("Exception in threadwork excepthook: the hook ({}:{line}:", file!());
    assert!(printed.starts_with(&before), "{printed}");
}

/// After `ExceptHookTests.test_excepthook_thread_None`.
///
/// DIFFERENCE: a hook is always given a thread; the default one can be called with any.
#[test]
fn the_default_can_be_called_for_any_thread() {
    let program = Program::new(|| {
        let failed = Thread::builder().name("failed").on_panic(|_, _| ()).build(|| {
            std::panic::resume_unwind(Box::new("long ago"));
        });
        failed.start().unwrap();
        let Err(threadwork_core::JoinError::Panicked(panic)) = failed.join() else {
            unreachable!()
        };
        default_excepthook(&threadwork_core::main_thread(), &panic);
    });
    let lines = lines_of(program);
    assert_eq!(lines, ["Exception in thread MainThread: long ago"]);
}

type Calls = Arc<Lock<Vec<(ThreadHandle, String)>>>;

fn keep(calls: &Calls) -> impl Fn(&ThreadHandle, &Panic) + Send + Sync + 'static {
    let calls = Arc::clone(calls);
    move |thread, panic| calls.acquire().push((thread.clone(), panic.message().to_owned()))
}

/// After `ExceptHookTests.test_custom_excepthook`.
#[test]
fn the_hook_of_the_process_is_called_if_there_is_no_other_handler() {
    let _turn = TURN.acquire();
    let calls = Calls::default();
    set_excepthook(keep(&calls));
    let parser = parser();
    run_panicking(&parser);
    assert_eq!(*calls.acquire(), [(parser.handle().clone(), "no input".to_owned())]);

    let group = ThreadGroup::new("without a handler");
    run_panicking(&group.builder().build(|| panic!("of a group")).into());
    assert_eq!(calls.acquire().len(), 2);
    group.set_panic_handler(|_, _| ());
    run_panicking(&group.builder().build(|| panic!("of a group")).into());
    run_panicking(&Thread::builder().on_panic(|_, _| ()).build(|| panic!("its own")).into());
    assert_eq!(calls.acquire().len(), 2);

    let finished = Thread::new(|| ());
    finished.start().unwrap();
    finished.join().unwrap();
    assert_eq!(calls.acquire().len(), 2);
}

/// After `ExceptHookTests.test_original_excepthook`.
#[test]
fn a_hook_can_call_the_one_before_it_and_the_default_can_be_set_again() {
    let _turn = TURN.acquire();
    let (first, second) = (Calls::default(), Calls::default());
    set_excepthook(keep(&first));
    let before = excepthook();
    let after = keep(&second);
    set_excepthook(move |thread, panic| {
        before(thread, panic);
        after(thread, panic);
    });
    run_panicking(&parser());
    assert_eq!([first.acquire().len(), second.acquire().len()], [1, 1]);
    set_excepthook(default_excepthook);
    run_panicking(&parser());
    assert_eq!([first.acquire().len(), second.acquire().len()], [1, 1]);
}
