//! The names that most programs need.

use threadwork::prelude::*;

struct Countdown(u32);

impl Runnable for Countdown {
    fn run(&mut self) {
        self.0 = 0;
    }
}

#[test]
fn the_prelude_is_enough_to_start_and_join_threads() {
    let countdown = Thread::new(Countdown(3));
    let sum = MyThread::with_args(|a: u32, b: u32| a + b, (1, 2));
    let prototype: Box<dyn Prototype> = Box::new(|| ());
    let copies = Thread::replicate(&prototype, 2);
    countdown.start().unwrap();
    sum.start().unwrap();
    copies.iter().for_each(|it| it.start().unwrap());
    countdown.join().unwrap();
    sum.join().unwrap();
    copies.iter().for_each(|it| it.join().unwrap());
    assert_eq!(countdown.runnable().unwrap().0, 0);
    assert_eq!(sum.get_result().unwrap(), &3);
}

#[test]
fn the_prelude_is_enough_for_workers_that_share_wait_and_stop() {
    use std::{sync::Arc, time::Duration};

    struct Jobs {
        waiting: Lock<Vec<u32>>,
        new: Event,
    }

    struct Worker {
        jobs: Arc<Jobs>,
        done: u32,
    }

    impl Runnable for Worker {
        fn try_run(&mut self) -> Result<(), Failure> {
            let wait = Wait::forever().or_stop(&current_stop_token());
            while !stop_requested() {
                let Some(job) = self.jobs.waiting.acquire().pop() else {
                    self.jobs.new.clear();
                    if self.jobs.waiting.acquire().is_empty() {
                        let _ = self.jobs.new.wait_with(&wait);
                    }
                    continue;
                };
                self.done = self.done.checked_add(job).ok_or("too many")?;
            }
            Ok(())
        }
    }

    let jobs = Arc::new(Jobs { waiting: Lock::new(Vec::new()), new: Event::new() });
    let workers = ThreadGroup::new("workers");
    let worker = Worker { jobs: Arc::clone(&jobs), done: 0 };
    let thread = workers.builder().start(worker).unwrap();
    let watched: ThreadHandle = thread.handle().clone();
    jobs.waiting.acquire().extend([1, 2]);
    jobs.new.set();
    let sleeper = Task::spawn(|| sleep(Duration::MAX).is_err()).unwrap();
    while !jobs.waiting.acquire().is_empty() {
        std::thread::yield_now();
    }
    watched.request_stop();
    sleeper.request_stop();
    thread.join().unwrap();
    assert_eq!(thread.runnable().unwrap().done, 3);
    assert!(sleeper.into_result().unwrap());
    assert_eq!(
        scope(|scope| scope.call(current_thread).unwrap().into_result().unwrap().group()),
        None
    );
}
