//! The constructors of timers, and of alarms.

use std::{any::type_name, sync::Arc, time::Duration};

pub(crate) use self::alarm::Alarm;
use super::{
    handle::Timer,
    period::Period,
    plan::{Once, Plan, Repeated, Spec, Work},
    service::TIMERS,
};
use crate::{
    outcome::Failure,
    thread::Builder,
    work::{Callable, Ending},
};

mod alarm;

impl Timer {
    /// Creates a timer that calls `function` once, `interval` after the timer is started.
    ///
    /// What `function` returns is dropped, even if it is an error. [`fallible`](Self::fallible) makes that a failure.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::Timer;
    ///
    /// let timer = Timer::new(Duration::ZERO, || panic!("out of paper"));
    /// timer.start()?;
    /// assert!(timer.join().unwrap_err().to_string().ends_with("panicked: out of paper"));
    /// assert!(!timer.is_alive());
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    #[must_use = "a timer does nothing until it is started"]
    pub fn new<F, R>(interval: Duration, function: F) -> Timer
    where
        F: FnOnce() -> R + Send + 'static,
    {
        Timer::inheriting(type_name::<F>, interval, once(function))
    }

    /// Creates a timer like [`new`](Self::new), whose function can fail: an error is the [failure](crate::Failure) of its thread.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{JoinError, Timer};
    ///
    /// let timer = Timer::fallible(Duration::ZERO, || {
    ///     std::fs::remove_file("a file that does not exist")?;
    ///     Ok(())
    /// });
    /// timer.start()?;
    /// assert!(matches!(timer.join(), Err(JoinError::Failed(_))));
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    #[must_use = "a timer does nothing until it is started"]
    pub fn fallible<F>(interval: Duration, function: F) -> Timer
    where
        F: FnOnce() -> Result<(), Failure> + Send + 'static,
    {
        Timer::inheriting(type_name::<F>, interval, Box::new(Once(Some(function))))
    }

    /// Creates a timer that calls `function` with `args`, a tuple: Python's `Timer(interval, function, args)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::Timer;
    ///
    /// fn greet(name: &str, times: u32) {
    ///     assert_eq!((name, times), ("Guido", 3));
    /// }
    ///
    /// let timer = Timer::with_args(Duration::ZERO, greet, ("Guido", 3));
    /// assert!(timer.name().ends_with("(greet)"));
    /// timer.start()?;
    /// timer.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "a timer does nothing until it is started"]
    pub fn with_args<F, Args>(interval: Duration, function: F, args: Args) -> Timer
    where
        F: Callable<Args> + Send + 'static,
        Args: Send + 'static,
    {
        Timer::inheriting(type_name::<F>, interval, once(move || function.call(args)))
    }

    /// Creates a timer that calls `function` repeatedly until it is cancelled: see [`Period`].
    ///
    /// Each run is a thread of its own with the name of the timer. A stop request to the timer also stops the thread of the current run,
    /// and a stop request to that thread ends the timer. Between the runs there is no thread. [`ident`](crate::ThreadHandle::ident) returns
    /// the number of the latest run. The state is [`Running`](crate::ThreadState::Running) from the first run to the end.
    ///
    /// `function` returns nothing, or a `Result<(), E>`. An error is the [failure](crate::Failure) of the thread of this run: the failure handler
    /// is told, and the timer continues, as it does after a panic.
    ///
    /// # Differences from Python
    ///
    /// * Python has no repeating timer.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{Period, Timer};
    /// # use threadwork_sync::Latch;
    ///
    /// static TICKS: Latch = Latch::new(3);
    ///
    /// let tick = Timer::every(Duration::from_millis(1), || _ = TICKS.count_down(1));
    /// tick.start()?;
    /// TICKS.wait();
    /// assert!(tick.cancel());
    /// tick.join()?;
    ///
    /// let on_the_beat = Timer::every(Period::FixedRate(Duration::from_secs(60)), || std::fs::write("beat", ""));
    /// # drop(on_the_beat);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "a timer does nothing until it is started"]
    pub fn every<F, R>(period: impl Into<Period>, function: F) -> Timer
    where
        F: FnMut() -> R + Send + 'static,
        R: Ending,
    {
        let period = period.into();
        let work = Repeated { function, period };
        Timer::inheriting(type_name::<F>, period.duration(), Box::new(work))
    }

    /// Creates a timer that has only the settings that it inherits. `function` returns the type name of the function.
    fn inheriting(
        function: fn() -> &'static str,
        interval: Duration,
        work: Box<dyn Work>,
    ) -> Timer {
        // Two calls, so that in the usual case the parts of the plan are not moved one by one.
        match Spec::plain(function) {
            Some(spec) => Timer::of(spec, interval, work),
            None => Timer::of(Spec::new(Builder::default().inherit(), function), interval, work),
        }
    }

    #[inline]
    fn of(spec: Spec, interval: Duration, work: Box<dyn Work>) -> Timer {
        Timer { plan: Arc::new(Plan::new(&TIMERS, spec, interval, work)) }
    }
}

impl Builder {
    /// Creates a timer that calls `function` once, `interval` after it is started, in a thread with these settings: see [`Timer::new`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::Thread;
    ///
    /// let timer = Thread::builder().name("tea").daemon(true).timer(Duration::from_secs(240), || ());
    /// timer.start()?;
    /// assert_eq!(timer.name(), "tea");
    /// assert!(timer.is_daemon());
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    #[must_use = "a timer does nothing until it is started"]
    pub fn timer<F, R>(self, interval: Duration, function: F) -> Timer
    where
        F: FnOnce() -> R + Send + 'static,
    {
        let spec = Spec::new(self.inherit(), type_name::<F>);
        Timer::of(spec, interval, once(function))
    }

    /// Creates a timer like [`timer`](Self::timer), whose function can fail: see [`Timer::fallible`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::Thread;
    ///
    /// let timer = Thread::builder().name("tea").timer_fallible(Duration::ZERO, || Err("no water".into()));
    /// timer.start()?;
    /// assert_eq!(timer.join().unwrap_err().to_string(), "thread 'tea' failed: no water");
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    #[must_use = "a timer does nothing until it is started"]
    pub fn timer_fallible<F>(self, interval: Duration, function: F) -> Timer
    where
        F: FnOnce() -> Result<(), Failure> + Send + 'static,
    {
        let spec = Spec::new(self.inherit(), type_name::<F>);
        Timer::of(spec, interval, Box::new(Once(Some(function))))
    }

    /// Creates a timer that calls `function` repeatedly, in threads with these settings: see [`Timer::every`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::Thread;
    ///
    /// let timer = Thread::builder().name("beat").every(Duration::from_secs(1), || ());
    /// assert_eq!(timer.name(), "beat");
    /// ```
    #[must_use = "a timer does nothing until it is started"]
    pub fn every<F, R>(self, period: impl Into<Period>, function: F) -> Timer
    where
        F: FnMut() -> R + Send + 'static,
        R: Ending,
    {
        let period = period.into();
        let spec = Spec::new(self.inherit(), type_name::<F>);
        Timer::of(spec, period.duration(), Box::new(Repeated { function, period }))
    }
}

/// The work of a timer whose function returns something that nobody asks for.
fn once<R>(function: impl FnOnce() -> R + Send + 'static) -> Box<dyn Work> {
    Box::new(Once(Some(move || drop(function()))))
}
