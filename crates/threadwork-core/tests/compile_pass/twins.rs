//! The programs of `compile_fail` without their mistakes: these compile.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicI32, AtomicU32, Ordering},
    },
};

use threadwork_core::{
    Call, Local, MyThread, Restart, Runnable, Supervisor, Task, Thread, ThreadGroup, ThreadHandle,
    scope,
};

struct Shared(Arc<u32>);

impl Runnable for Shared {}

struct Count(u32);

impl Runnable for Count {
    fn run(&mut self) {
        self.0 += 1;
    }
}

fn greet(name: &str, times: u32) -> String {
    name.repeat(times as usize)
}

fn run<T: ?Sized>(thread: &Thread<T>) {
    thread.start().unwrap();
    thread.join().unwrap();
}

fn runnables_and_closures() {
    let shared = Arc::new(7);
    run(&Thread::new(Shared(Arc::clone(&shared))));
    let captured = Arc::clone(&shared);
    run(&Thread::new(move || assert_eq!(*captured, 7)));

    let mut count = 0;
    run(&Thread::new(move || {
        count += 1;
        assert_eq!(count, 1);
    }));
    let name = String::from("Guido");
    run(&MyThread::new(move || drop(name)));
    run(&MyThread::new(|| 7));
}

fn arguments() {
    run(&Thread::with_args(greet, ("Guido", 3)));
    run(&MyThread::with_args(greet, ("Guido", 3)));
    run(&Thread::builder().my_thread(|it: &str| it.len(), ("Guido",)));
    run(&Thread::builder().build(Call::with_args(greet, ("Guido", 3))));
}

fn ownership() {
    let mut thread = Thread::new(Count(7));
    run(&thread);
    let before = thread.runnable().unwrap().0;
    thread.runnable_mut().unwrap().0 += 1;
    assert_eq!((before, thread.runnable().unwrap().0), (8, 9));

    let handle: ThreadHandle = thread.clone();
    assert_eq!(handle, *thread.handle());
    let again = Thread::new(thread.into_runnable().ok().unwrap());
    run(&again);
}

fn results() {
    let thread = MyThread::new(|| 7);
    thread.start().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(thread.wait_result().unwrap(), &7));
    });
    let thread = MyThread::new(|| Cell::new(7));
    thread.start().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || assert_eq!(thread.into_result().map(Cell::into_inner).unwrap(), 7));
    });
    let task = Task::spawn(|| Arc::new(7)).unwrap().shared();
    let copy = Arc::clone(&task);
    assert_eq!(task.wait_result().unwrap(), copy.wait_result().unwrap());
}

fn spawned_threads() {
    let shared = Arc::new(7);
    let threads = [
        Thread::spawn(move || println!("{shared}")).unwrap(),
        Thread::builder().start(Count(7)).unwrap().into(),
        ThreadGroup::new("sums").spawn(|| -> Result<(), &str> { Ok(()) }).unwrap(),
        Thread::spawn_fallible(|| {
            let _number: u32 = "7".parse()?;
            Ok(())
        })
        .unwrap(),
    ];
    threads.iter().for_each(|it| it.join().unwrap());
    assert_eq!(MyThread::spawn(|| 7_i32).unwrap().into_result().unwrap(), 7);

    struct Unshared(Cell<u32>);
    impl Runnable for Unshared {}
    let mut thread = Thread::new(Unshared(Cell::new(7)));
    run(&thread);
    assert_eq!(thread.runnable_mut().map(|it| it.0.get()), Some(7));
}

fn locals() {
    let local = Local::new(|| Arc::new(AtomicI32::new(7)));
    local.with(|value| assert_eq!(value.load(Ordering::Relaxed), 7));
    assert_eq!(local.iter().map(|value| value.load(Ordering::Relaxed)).sum::<i32>(), 7);

    static NAME: Local<String> = Local::new(|| "here".to_owned());
    let name: String = NAME.with(|name| name.clone());
    assert_eq!(name, "here");
}

fn scopes() {
    let count = AtomicU32::new(0);
    let handle = scope(|scope| {
        let one = 1;
        scope.call(move || one + 1).unwrap();
        scope.call(|| count.store(1, Ordering::Relaxed)).unwrap();
        let kept = Some(scope.clone());
        kept.unwrap().call(|| 7).unwrap().handle().clone()
    });
    handle.join().unwrap();

    let text = String::from("a bc");
    let longest = scope(|scope| {
        scope.call(|| text.split(' ').last().unwrap_or_default()).unwrap().into_result().unwrap()
    });
    assert_eq!(longest, "bc");
}

fn supervisors() {
    #[derive(Clone)]
    struct Reader;
    impl Runnable for Reader {}

    run(&Thread::new(Supervisor::new().child("reader", Restart::Never, Reader)));

    struct Owner;
    impl Runnable for Owner {}
    run(&Thread::new(Supervisor::new().child_with("owner", Restart::Never, || Owner)));
}

fn main() {
    runnables_and_closures();
    arguments();
    ownership();
    results();
    spawned_threads();
    locals();
    scopes();
    supervisors();
}
