//! The results of one function for many items, in order.

use std::{
    collections::VecDeque,
    fmt,
    iter::FusedIterator,
    num::NonZero,
    panic::{Location, resume_unwind},
    sync::Arc,
    time::Duration,
    vec,
};

use threadwork_sync::Wait;

use crate::{
    error::{JoinError, ResultError},
    executor::{handle::Executor, job::Plain},
    task::Task,
};

/// Configures a [`map`](Executor::map) over many items. See [`Executor::mapping`].
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::Executor;
///
/// let executor = Executor::new(4);
/// // Jobs of a thousand items each, and never more than four of them at a time.
/// let squares = executor.mapping().chunk_size(1000).buffer_size(4000).map(|n| n * n, 1_u64..);
/// assert_eq!(squares.take(3).collect::<Vec<_>>(), [1, 4, 9]);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it maps"]
pub struct MapBuilder<'a> {
    executor: &'a Executor,
    chunk_size: NonZero<usize>,
    buffer_size: Option<NonZero<usize>>,
    priority: i32,
}

impl<'a> MapBuilder<'a> {
    /// Sets how many items one job is for. By default it is one. If the function is quick, larger jobs cost less.
    ///
    /// # Panics
    ///
    /// Panics if `items` is zero.
    #[track_caller]
    pub fn chunk_size(self, items: usize) -> MapBuilder<'a> {
        MapBuilder { chunk_size: at_least_one("a chunk", items), ..self }
    }

    /// Sets how many items may be on their way: taken from the iterator, and their results not returned yet. Further items are taken as results
    /// are asked for. It is rounded up to whole chunks. By default there is no limit, and all items are submitted at once.
    ///
    /// # Panics
    ///
    /// Panics if `items` is zero.
    #[track_caller]
    pub fn buffer_size(self, items: usize) -> MapBuilder<'a> {
        MapBuilder { buffer_size: Some(at_least_one("a buffer", items)), ..self }
    }

    /// Sets the [priority](crate::JobBuilder::priority) of the jobs.
    pub fn priority(self, priority: i32) -> MapBuilder<'a> {
        MapBuilder { priority, ..self }
    }

    /// Calls `function` for each item. See [`Executor::map`].
    #[track_caller]
    pub fn map<F, I, R>(&self, function: F, items: I) -> Map<'a, R>
    where
        F: Fn(I::Item) -> R + Send + Sync + 'static,
        I: IntoIterator,
        I::IntoIter: 'a,
        I::Item: Send + 'static,
        R: Send + 'static,
    {
        let (function, mut items) = (Arc::new(function), items.into_iter());
        let (job, size) = (self.executor.job().priority(self.priority), self.chunk_size.get());
        let submit_next = move |location| {
            let chunk: Vec<_> = items.by_ref().take(size).collect();
            if chunk.is_empty() {
                return None;
            }
            let function = Arc::clone(&function);
            let work = move || chunk.into_iter().map(|item| function(item)).collect();
            Some(job.send_from(location, Plain(work)))
        };
        let limit = self.buffer_size.map_or(usize::MAX, |it| it.get().div_ceil(size));
        let mut map = Map {
            submit_next: Some(Box::new(submit_next)),
            tasks: VecDeque::new(),
            ready: Vec::new().into_iter(),
            limit,
        };
        map.fill(Location::caller());
        map
    }
}

#[track_caller]
fn at_least_one(what: &str, items: usize) -> NonZero<usize> {
    NonZero::new(items).unwrap_or_else(|| panic!("{what} of no items; give it at least one"))
}

/// # Many items
impl Executor {
    /// Calls `function` for each item, in the workers, and returns an iterator over the results in the order of the items: Python's
    /// `Executor.map`.
    ///
    /// All items are taken from the iterator and submitted before this returns; [`mapping`](Self::mapping) sets a limit, and how many items
    /// one job is for. The iterator waits for the next result; [`next_timeout`](Map::next_timeout) and [`next_with`](Map::next_with) do not
    /// wait for ever. Dropping it cancels the jobs that have not begun.
    ///
    /// If the function panics, the panic is resumed in the thread that comes to that result, and the jobs that have not begun are cancelled.
    /// A function that can fail returns a `Result`, and collecting into a `Result` ends with the first error, in the order of the items.
    ///
    /// To map over several iterators at once, zip them.
    ///
    /// # Differences from Python
    ///
    /// * A timeout belongs to each call of `next_timeout`, or as a [`Wait`] with a deadline to several calls of `next_with`. The iterator can
    ///   be used after it.
    /// * `chunksize` and `buffersize` are settings of [`mapping`](Self::mapping), and work together.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Executor;
    ///
    /// let executor = Executor::new(4);
    /// let lengths: Vec<usize> = executor.map(str::len, ["one", "two", "three"]).collect();
    /// assert_eq!(lengths, [3, 3, 5]);
    ///
    /// let numbers = executor.map(str::parse::<u32>, ["7", "eight", "9"]);
    /// assert!(numbers.collect::<Result<Vec<_>, _>>().is_err());
    /// ```
    #[track_caller]
    pub fn map<'a, F, I, R>(&'a self, function: F, items: I) -> Map<'a, R>
    where
        F: Fn(I::Item) -> R + Send + Sync + 'static,
        I: IntoIterator,
        I::IntoIter: 'a,
        I::Item: Send + 'static,
        R: Send + 'static,
    {
        self.mapping().map(function, items)
    }

    /// Returns a builder for a map with chunks, a limit of the items that are on their way, or a priority.
    pub fn mapping(&self) -> MapBuilder<'_> {
        MapBuilder {
            executor: self,
            chunk_size: NonZero::<usize>::MIN,
            buffer_size: None,
            priority: 0,
        }
    }
}

/// The results of [`Executor::map`], in the order of the items.
///
/// Dropping it cancels the jobs that have not begun. Those that have run to their ends.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::{Executor, ResultError};
/// # use threadwork_sync::Event;
///
/// static GO: Event = Event::new();
///
/// let executor = Executor::new(1);
/// let mut results = executor.map(|n| { GO.wait(); n }, 1..=2);
/// assert_eq!(results.next_timeout(Duration::from_millis(1)), Err(ResultError::StillRunning));
/// GO.set();
/// assert_eq!(results.next_timeout(Duration::from_secs(60)), Ok(Some(1)));
/// assert_eq!(results.next(), Some(2));
/// assert_eq!(results.next(), None);
/// ```
#[must_use = "dropping it cancels the jobs that have not begun"]
pub struct Map<'a, R> {
    /// Submits the next chunk, if there is one. `None` once there was none.
    submit_next: Option<SubmitNext<'a, R>>,
    /// The chunks that are on their way, in order.
    tasks: VecDeque<Task<Vec<R>>>,
    /// The results of the chunk before those.
    ready: vec::IntoIter<R>,
    /// How many chunks may be on their way.
    limit: usize,
}

/// Submits the next chunk for a caller in that line.
type SubmitNext<'a, R> = Box<dyn FnMut(&'static Location<'static>) -> Option<Task<Vec<R>>> + 'a>;

impl<R> Map<'_, R> {
    /// Returns the next result, and blocks the current thread for at most `timeout` until it is there. `None` means that there are no more.
    ///
    /// # Errors
    ///
    /// As [`next_with`](Self::next_with).
    #[track_caller]
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Option<R>, ResultError> {
        self.next_with(&Wait::timeout(timeout))
    }

    /// Returns the next result, and blocks the current thread until it is there or `wait` ends. `None` means that there are no more.
    ///
    /// # Errors
    ///
    /// Returns [`ResultError::StillRunning`] or [`ResultError::WaitStopped`] if `wait` ends first; the result comes with a later call.
    /// Returns [`Panicked`](ResultError::Panicked) if the function has panicked, and [`Refused`](ResultError::Refused) or
    /// [`Cancelled`](ResultError::Cancelled) if the executor does not run the job. Then the results that come after this one are given up,
    /// with those of the same chunk: the jobs that have not begun are cancelled, and further calls return `None`.
    #[track_caller]
    pub fn next_with(&mut self, wait: &Wait) -> Result<Option<R>, ResultError> {
        let location = Location::caller();
        loop {
            if let Some(result) = self.ready.next() {
                return Ok(Some(result));
            }
            let Some(first) = self.tasks.front() else { return Ok(None) };
            wait_for(first, wait, location)?;
            let first = self.tasks.pop_front().map(|mut it| it.take_result());
            match first.transpose() {
                Ok(results) => self.ready = results.unwrap_or_default().into_iter(),
                Err(error) => {
                    self.give_up();
                    return Err(error);
                }
            }
            self.fill(location);
        }
    }

    /// Submits chunks until as many are on their way as may be.
    fn fill(&mut self, location: &'static Location<'static>) {
        while self.tasks.len() < self.limit
            && let Some(submit_next) = &mut self.submit_next
        {
            match submit_next(location) {
                Some(task) => self.tasks.push_back(task),
                // The iterator is dropped: it may not be asked again.
                None => self.submit_next = None,
            }
        }
    }

    /// Cancels the jobs that have not begun, and forgets the others.
    fn give_up(&mut self) {
        self.submit_next = None;
        // The last one first: otherwise a worker would begin with the next one meanwhile.
        for task in self.tasks.drain(..).rev() {
            task.cancel();
        }
    }
}

fn wait_for<R>(
    task: &Task<R>,
    wait: &Wait,
    location: &'static Location<'static>,
) -> Result<(), ResultError> {
    let awaited = task.awaited(location)?;
    awaited.wait(wait).map_err(|it| JoinError::from(it).into())
}

impl<R> Iterator for Map<'_, R> {
    type Item = R;

    /// Returns the next result, and blocks the current thread until it is there.
    ///
    /// # Panics
    ///
    /// Panics if the function has panicked for this item, with the same payload, or if the executor does not run the job.
    #[track_caller]
    fn next(&mut self) -> Option<R> {
        match self.next_with(&Wait::forever()) {
            Ok(next) => next,
            Err(ResultError::Panicked(panic)) => match panic.take_payload() {
                Some(payload) => resume_unwind(payload),
                None => panic!("{panic}"),
            },
            Err(error) => panic!("{error}"),
        }
    }
}

impl<R> FusedIterator for Map<'_, R> {}

impl<R> Drop for Map<'_, R> {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl<R> fmt::Debug for Map<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("ready", &self.ready.len())
            .field("chunks_on_their_way", &self.tasks.len())
            .finish_non_exhaustive()
    }
}
