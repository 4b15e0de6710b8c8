//! Programs as a new user would write them, from the names alone.

use std::{
    collections::HashMap,
    fs, io,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
};

use threadwork_core::{
    Failure, JoinError, MyThread, Outcome, Prototype, ResultError, Runnable, StartError, Task,
    Thread, ThreadGroup, scope,
};

use crate::support::join;

/// `std::thread::spawn` with this library's threads. The closures give away what they have captured.
#[test]
fn std_spawn() -> Result<(), StartError> {
    let (sender, receiver) = mpsc::channel();
    let mut threads = Vec::new();
    for number in 0..3 {
        let sender = sender.clone();
        threads.push(Thread::spawn(move || sender.send(number).unwrap())?);
    }
    threads.push(Thread::spawn(move || drop(sender))?);
    let mut numbers: Vec<u32> = receiver.iter().collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 1, 2]);
    threads.iter().for_each(|it| it.join().unwrap());
    Ok(())
}

fn read(path: &str) -> io::Result<String> {
    fs::read_to_string(path)
}

/// A worker of a service, whose errors have different types.
#[test]
fn closures_with_question_marks() -> Result<(), StartError> {
    let path = String::from("a file that does not exist");
    let copy = path.clone();
    let threads: Vec<Thread> = vec![
        Thread::spawn(move || read(&path).map(drop))?,
        Thread::spawn_fallible(move || {
            let _number: u32 = read(&copy)?.parse()?;
            drop(copy);
            Ok(())
        })?,
        Thread::builder().name("named").spawn_fallible(|| Err("no paper".into()))?,
    ];
    for thread in &threads {
        assert!(matches!(join(thread), Err(JoinError::Failed(_))));
    }
    assert_eq!(threads[2].join().unwrap_err().to_string(), "thread 'named' failed: no paper");

    let again = Thread::builder().name("again").build_fallible(|| {
        let _number: u32 = "seven".parse()?;
        Ok(())
    });
    again.start()?;
    assert!(matches!(join(&again), Err(JoinError::Failed(_))));
    Ok(())
}

/// A result or a failure, whichever comes first.
#[test]
fn results_with_question_marks() -> Result<(), StartError> {
    let parse = |text: &'static str| {
        MyThread::fallible(move || {
            let number: u32 = text.parse()?;
            Ok(number + 1)
        })
    };
    let (good, bad) = (parse("6"), parse("six"));
    good.start()?;
    bad.start()?;
    assert_eq!(good.into_result().unwrap(), 7);
    let Err(ResultError::Failed(failure)) = bad.wait_result() else { panic!("it has failed") };
    assert_eq!(failure.message(), "invalid digit found in string");
    assert!(matches!(bad.outcome(), Some(Outcome::Failed(_))));
    assert_eq!(bad.name().split(' ').next_back(), Some("(<closure>)"));

    // A `Result` that a `MyThread` keeps is a result like any other.
    let kept = MyThread::spawn(|| "six".parse::<u32>())?;
    assert!(kept.wait_result().unwrap().is_err());
    assert_eq!(kept.outcome(), Some(Outcome::Finished));
    Ok(())
}

/// Java's `new Thread(runnable).start()`, with a list of different runnables.
#[test]
fn a_list_of_boxed_runnables() -> Result<(), StartError> {
    struct Job(u32);
    impl Runnable for Job {
        fn run(&mut self) {
            self.0 += 1;
        }
    }

    let jobs: Vec<Box<dyn Runnable + Send>> = vec![Box::new(Job(6)), Box::new(|| ())];
    for job in jobs {
        let thread = Thread::builder().start(job)?;
        join(&thread).unwrap();
    }
    let failing: Box<dyn Runnable + Send> = Box::new(|| -> Result<(), &str> { Err("no paper") });
    let failing = Thread::builder().start(failing)?;
    assert!(matches!(join(&failing), Err(JoinError::Failed(_))));
    let thread = Thread::builder().name("job").start(Job(6))?;
    join(&thread).unwrap();
    assert_eq!(thread.into_runnable().unwrap().0, 7);
    Ok(())
}

/// One object that all threads run, as a Java `Runnable` that is given to several threads.
#[test]
fn an_object_behind_an_arc() -> Result<(), StartError> {
    struct Counter {
        count: AtomicU32,
        limit: u32,
    }
    impl Runnable for &Counter {
        fn try_run(&mut self) -> Result<(), Failure> {
            if self.count.fetch_add(1, Ordering::Relaxed) == self.limit {
                return Err("the limit is reached".into());
            }
            Ok(())
        }
    }

    let counter = Arc::new(Counter { count: AtomicU32::new(0), limit: 2 });
    let thread = Thread::new(Arc::clone(&counter));
    assert!(thread.name().ends_with("(Counter)"), "{}", thread.name());
    let prototype: Box<dyn Prototype> = Box::new(Arc::clone(&counter));
    let mut threads: Vec<Thread> = vec![thread.into()];
    threads.extend(Thread::replicate(&prototype, 2).into_iter().map(Thread::erase));
    threads.iter().for_each(|it| it.start().unwrap());
    let failed = threads.iter().filter(|it| join(it).is_err()).count();
    assert_eq!((counter.count.load(Ordering::Relaxed), failed), (3, 1));

    let closure: Arc<dyn Fn() + Send + Sync> = Arc::new(|| ());
    let thread = Thread::builder().start(closure)?;
    join(&thread).unwrap();
    Ok(())
}

/// A pool of named threads.
#[test]
fn threads_of_a_group() -> Result<(), StartError> {
    let pool = ThreadGroup::new("newcomers");
    let text = String::from("moved");
    let first = pool.spawn(move || drop(text))?;
    let second = pool.builder().name("second").spawn_my_thread(|| 7)?;
    assert_eq!(first.group(), Some(pool.clone()));
    assert_eq!(second.group(), Some(pool.clone()));
    assert_eq!(second.into_result().unwrap(), 7);
    pool.join_all().unwrap();
    Ok(())
}

/// A service that keeps its threads where all its parts reach them.
#[test]
fn threads_in_shared_state() {
    struct Service {
        threads: Vec<Thread>,
        sizes: HashMap<&'static str, Task<usize>>,
        last: OnceLock<Thread<Box<dyn FnMut() + Send>>>,
    }
    fn check<T: Send + Sync>(it: T) -> T {
        it
    }

    let service = Arc::new(check(Service {
        threads: vec![Thread::spawn(|| ()).unwrap()],
        sizes: HashMap::from([("abc", Task::spawn(|| "abc".len()).unwrap())]),
        last: OnceLock::new(),
    }));
    let its_service = Arc::clone(&service);
    let reader = MyThread::spawn(move || {
        its_service.threads.iter().for_each(|it| it.join().unwrap());
        let last: Box<dyn FnMut() + Send> = Box::new(|| ());
        let _ = its_service.last.set(Thread::builder().start(last).unwrap());
        *its_service.sizes["abc"].wait_result().unwrap()
    });
    assert_eq!(reader.unwrap().into_result().unwrap(), 3);
    join(service.last.get().unwrap()).unwrap();
}

/// A cache of results that are being computed.
#[test]
fn tasks_that_many_wait_for() {
    #[derive(Default)]
    struct Cache(Mutex<HashMap<u64, Arc<Task<u64>>>>);
    impl Cache {
        fn factorial(&self, n: u64) -> u64 {
            let mut tasks = self.0.lock().unwrap();
            let task = tasks
                .entry(n)
                .or_insert_with(|| Task::spawn(move || (1..=n).product()).unwrap().shared());
            let task = Arc::clone(task);
            drop(tasks);
            *task.wait_result().unwrap()
        }
    }

    let cache = Cache::default();
    scope(|scope| {
        let results = [5, 5, 6].map(|n| {
            scope
                .call({
                    let cache = &cache;
                    move || cache.factorial(n)
                })
                .unwrap()
        });
        assert_eq!(results.each_ref().map(|it| *it.wait_result().unwrap()), [120, 120, 720]);
        assert_eq!(results.map(|it| it.into_result().unwrap()), [120, 120, 720]);
    });
}

/// Results that are read before they are taken, in a scope.
#[test]
fn a_scoped_result_is_lent() {
    let words = ["a", "bc"];
    let (longest, panicked) = scope(|scope| {
        let longest = scope.call(|| words.iter().max_by_key(|it| it.len())).unwrap();
        let bad = scope.call(|| -> u32 { panic!("no paper") }).unwrap();
        assert_eq!(longest.wait_result().unwrap(), &Some(&"bc"));
        let panicked = matches!(bad.wait_result(), Err(ResultError::Panicked(_)));
        (longest.into_result().unwrap(), panicked)
    });
    assert_eq!((longest, panicked), (Some(&"bc"), true));
}
