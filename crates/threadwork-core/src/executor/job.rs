//! A job: a function that a worker will call, and its end.

use std::{panic::Location, ptr, sync::Arc};

use once_cell::race::OnceBox;
use threadwork_sync::{
    Event, StopSource, WaitKind, Waitable,
    internal::{any::Target, door::Subject},
};

use crate::{
    error::{JoinError, Refusal, ResultError},
    life::{Awaited, Exclusive, Owner, Ran, ThreadData, ThreadHandle},
    outcome::Failure,
    panic::Panic,
    process::this_process,
    registry::{
        current,
        job::{OwnStop, is_current, run_as},
    },
    task::Promise,
};

/// A job as the executor sees it.
pub(super) type JobRef = Arc<dyn Job>;

/// A job, whatever its function.
pub(super) trait Job: OwnStop {
    fn life(&self) -> &JobLife;

    /// Calls the function, unless another thread has begun to do that or has given it up. Returns `true` if the caller has to
    /// [announce](JobLife::announce) the end. `this` is the job itself.
    fn run(&self, this: Arc<dyn OwnStop>) -> bool;

    /// Ends the job without calling the function, and returns `true`, unless it was begun before.
    fn give_up(&self, why: Fault) -> bool;
}

/// The life of a job: what is known of it apart from its function and its result.
pub(super) struct JobLife {
    /// Set at the end, once everything else is known.
    ended: Event,
    /// Why there is no result.
    fault: OnceBox<Fault>,
    /// Created on first use.
    stop: OnceBox<StopSource>,
    /// The address of the executor, which tells it from others. It may be gone once the job has ended.
    executor: usize,
    /// The process in which the job was submitted.
    process: u32,
}

/// Why a job has no result.
pub(super) enum Fault {
    Panicked(Panic),
    Failed(Failure),
    Cancelled,
    Refused(Refusal),
}

impl Fault {
    fn to_error(&self) -> ResultError {
        match self {
            Fault::Panicked(panic) => ResultError::Panicked(panic.clone()),
            Fault::Failed(failure) => ResultError::Failed(failure.clone()),
            Fault::Cancelled => ResultError::Cancelled,
            Fault::Refused(refusal) => ResultError::Refused(refusal.clone()),
        }
    }
}

impl JobLife {
    fn new(executor: usize) -> JobLife {
        JobLife {
            ended: Event::new(),
            fault: OnceBox::new(),
            stop: OnceBox::new(),
            executor,
            process: this_process(),
        }
    }

    fn fails(&self, why: Fault) {
        // A job ends once, so nothing was set before.
        let _ = self.fault.set(Box::new(why));
    }

    /// Wakes the threads and the tasks that wait for the end. The wakers of tasks are user code.
    pub(super) fn announce(&self) {
        self.ended.set();
    }

    fn is_left_behind(&self) -> bool {
        self.process != this_process() && !self.ended.is_set()
    }

    fn subject(&self, location: &'static Location<'static>) -> Subject {
        Subject::of_executor(WaitKind::Task, self.executor, location)
    }

    /// Returns where in memory it is: the address of what is waited for is inside.
    pub(super) fn place(&self) -> usize {
        ptr::from_ref(self).addr()
    }
}

/// A job is ready once it has ended. One that the current thread runs never is.
impl Waitable for JobLife {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        let target = Target::event(&self.ended, self.subject(location));
        if is_current(&self.stop) {
            target.answering(false)
        } else if self.is_left_behind() {
            target.answering(true)
        } else {
            target
        }
    }
}

/// The function of a job, which can be called once.
pub(super) trait Function<R>: Send {
    fn call(self) -> Result<R, Failure>;
}

/// A function that returns its result.
pub(super) struct Plain<F>(pub(super) F);

/// A function that returns its result or an error.
pub(super) struct Fallible<F>(pub(super) F);

impl<R, F: FnOnce() -> R + Send> Function<R> for Plain<F> {
    fn call(self) -> Result<R, Failure> {
        Ok(self.0())
    }
}

impl<R, F: FnOnce() -> Result<R, Failure> + Send> Function<R> for Fallible<F> {
    fn call(self) -> Result<R, Failure> {
        self.0()
    }
}

/// The function of a job, and then its result.
pub(super) enum Work<F, R> {
    Waiting(Exclusive<F>),
    Returned(R),
    Empty,
}

impl<F, R> Work<F, R> {
    fn take(&mut self) -> Work<F, R> {
        std::mem::replace(self, Work::Empty)
    }
}

impl<F: Function<R>, R> Work<F, R> {
    fn run(&mut self) -> Result<(), Failure> {
        if let Work::Waiting(function) = self.take() {
            *self = Work::Returned(function.into_inner().call()?);
        }
        Ok(())
    }
}

type JobData<F, R> = ThreadData<Work<F, R>, JobLife>;

impl<F: Function<R>, R: Send> OwnStop for JobData<F, R> {
    fn own_stop(&self) -> &OnceBox<StopSource> {
        &self.life.stop
    }
}

impl<F: Function<R> + 'static, R: Send + 'static> Job for JobData<F, R> {
    fn life(&self) -> &JobLife {
        &self.life
    }

    fn run(&self, this: Arc<dyn OwnStop>) -> bool {
        let ran = run_as(this, || self.cell.use_once(Work::run));
        note(&self.life, ran)
    }

    fn give_up(&self, why: Fault) -> bool {
        let give_up = |work: &mut Work<F, R>| {
            drop(work.take());
            Ok(())
        };
        if self.cell.use_once(give_up).is_none() {
            return false;
        }
        self.life.fails(why);
        self.life.announce();
        true
    }
}

/// Notes how a job has run. Returns `false` if it has not.
fn note(life: &JobLife, ran: Option<Ran>) -> bool {
    let Some(ran) = ran else { return false };
    match ran {
        Ok(Ok(())) => (),
        Ok(Err(failure)) => life.fails(Fault::Failed(failure.of_thread(current::name()))),
        Err(payload) => life.fails(Fault::Panicked(Panic::caught(current::name(), payload))),
    }
    true
}

/// The result of a job that is on its way.
pub(super) struct Submitted<F, R>(Owner<Work<F, R>, JobLife>);

impl<F: Function<R> + 'static, R: Send + 'static> Submitted<F, R> {
    /// Makes a job of the function, for the executor at this address.
    pub(super) fn new(function: F, executor: usize) -> Submitted<F, R> {
        Submitted(Owner::new(JobLife::new(executor), Work::Waiting(Exclusive::new(function))))
    }

    /// Returns the job, which is lent to whoever runs it.
    pub(super) fn lend(&self) -> JobRef {
        let data = self.0.typed_data();
        data.cell.lend();
        Arc::<JobData<F, R>>::clone(data)
    }

    /// Ends a job that the executor has refused, unless it was run all the same.
    pub(super) fn refuse(&self, why: Refusal) {
        self.0.typed_data().give_up(Fault::Refused(why));
    }

    /// Takes the function back, which the executor has refused.
    pub(super) fn into_function(mut self) -> F {
        self.0.typed_data().cell.take_back();
        match self.0.take() {
            Some(Work::Waiting(function)) => function.into_inner(),
            _ => unreachable!("the function of a refused job was not called"),
        }
    }
}

impl<F, R> Submitted<F, R> {
    fn life(&self) -> &JobLife {
        &self.0.typed_data().life
    }

    /// Returns why there is no result, if that is known.
    fn no_result(&self) -> Option<ResultError> {
        if !self.life().ended.is_set() {
            return Some(ResultError::StillRunning);
        }
        self.life().fault.get().map(Fault::to_error)
    }
}

impl<F: Function<R> + 'static, R: Send + 'static> Promise<R> for Submitted<F, R> {
    fn thread(&self) -> Option<&ThreadHandle> {
        None
    }

    fn awaited(&self, location: &'static Location<'static>) -> Result<Awaited<'_>, JoinError> {
        let life = self.life();
        if is_current(&life.stop) {
            return Err(JoinError::CurrentThread);
        }
        Ok(Awaited::new(&life.ended, life.subject(location), life.is_left_behind()))
    }

    fn as_waitable(&self) -> &dyn Waitable {
        self.life()
    }

    fn has_ended(&self) -> bool {
        self.life().ended.is_set()
    }

    fn request_stop(&self) -> bool {
        self.life().stop.get_or_init(Box::default).request_stop()
    }

    fn cancel(&self) -> bool {
        self.0.typed_data().give_up(Fault::Cancelled) || self.is_cancelled()
    }

    fn is_cancelled(&self) -> bool {
        self.has_ended() && matches!(self.life().fault.get(), Some(Fault::Cancelled))
    }

    fn has_failed(&self) -> bool {
        let is_cancelled = |it: &Fault| matches!(it, Fault::Cancelled);
        self.has_ended() && self.life().fault.get().is_some_and(|it| !is_cancelled(it))
    }

    fn result(&self) -> Result<&R, ResultError>
    where
        R: Sync,
    {
        if let Some(error) = self.no_result() {
            return Err(error);
        }
        match self.0.get() {
            Some(Work::Returned(result)) => Ok(result),
            _ => Err(ResultError::Taken),
        }
    }

    fn take_result(&mut self) -> Result<R, ResultError> {
        if let Some(error) = self.no_result() {
            return Err(error);
        }
        match self.0.get_mut().map(Work::take) {
            Some(Work::Returned(result)) => Ok(result),
            _ => Err(ResultError::Taken),
        }
    }
}
