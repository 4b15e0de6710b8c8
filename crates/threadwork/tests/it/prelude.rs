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
