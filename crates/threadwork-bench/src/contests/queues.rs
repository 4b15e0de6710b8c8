//! Queues beside other channels.

use std::{
    hint::black_box,
    sync::{Arc, Barrier, Mutex, mpsc},
    time::{Duration, Instant},
};

use threadwork::Queue;

use crate::{board::Board, contest::Contest};

/// How many items fit into a bounded channel.
const ROOM: usize = 64;

/// How many items go through a channel in one round.
const ITEMS: usize = 96_000;

/// A channel that any number of threads can use.
trait Channel: Clone + Send + 'static {
    /// Creates a channel with this limit, or without one.
    fn new(limit: Option<usize>) -> Self;
    fn put(&self, item: usize);
    fn get(&self) -> usize;
}

#[derive(Clone)]
struct Ours(Arc<Queue<usize>>);

impl Channel for Ours {
    fn new(limit: Option<usize>) -> Ours {
        Ours(Arc::new(limit.map_or_else(Queue::new, Queue::bounded)))
    }

    fn put(&self, item: usize) {
        self.0.put(item).unwrap();
    }

    fn get(&self) -> usize {
        self.0.get().unwrap()
    }
}

/// Declares a channel of a library whose two ends can be cloned.
macro_rules! rival {
    ($name:ident, $library:ident, $sender:ty, $receiver:ty) => {
        #[derive(Clone)]
        struct $name($sender, $receiver);

        impl Channel for $name {
            fn new(limit: Option<usize>) -> $name {
                let (sender, receiver) = limit.map_or_else($library::unbounded, $library::bounded);
                $name(sender, receiver)
            }

            fn put(&self, item: usize) {
                self.0.send(item).unwrap();
            }

            fn get(&self) -> usize {
                self.1.recv().unwrap()
            }
        }
    };
}

rival!(Flume, flume, flume::Sender<usize>, flume::Receiver<usize>);
rival!(
    Crossbeam,
    crossbeam_channel,
    crossbeam_channel::Sender<usize>,
    crossbeam_channel::Receiver<usize>
);
rival!(Kanal, kanal, kanal::Sender<usize>, kanal::Receiver<usize>);

/// The channel of std has one receiver. Several threads share it by a mutex, as its users do.
#[derive(Clone)]
struct Std(StdSender, Arc<Mutex<mpsc::Receiver<usize>>>);

#[derive(Clone)]
enum StdSender {
    Bounded(mpsc::SyncSender<usize>),
    Unbounded(mpsc::Sender<usize>),
}

impl Channel for Std {
    fn new(limit: Option<usize>) -> Std {
        let (sender, receiver) = match limit {
            Some(limit) => {
                let (sender, receiver) = mpsc::sync_channel(limit);
                (StdSender::Bounded(sender), receiver)
            }
            None => {
                let (sender, receiver) = mpsc::channel();
                (StdSender::Unbounded(sender), receiver)
            }
        };
        Std(sender, Arc::new(Mutex::new(receiver)))
    }

    fn put(&self, item: usize) {
        match &self.0 {
            StdSender::Bounded(it) => it.send(item).unwrap(),
            StdSender::Unbounded(it) => it.send(item).unwrap(),
        }
    }

    fn get(&self) -> usize {
        self.1.lock().unwrap().recv().unwrap()
    }
}

/// Lets `pairs` threads put items and as many get them. Returns the time from the first item to the last.
fn run<C: Channel>(limit: Option<usize>, pairs: usize, items: usize) -> Duration {
    let channel = C::new(limit);
    let begin = Arc::new(Barrier::new(2 * pairs + 1));
    let each = items / pairs;
    let start = |work: fn(&C, usize)| {
        let (channel, begin) = (channel.clone(), Arc::clone(&begin));
        std::thread::spawn(move || {
            begin.wait();
            work(&channel, each);
        })
    };
    let threads: Vec<_> = (0..pairs)
        .flat_map(|_| {
            [
                start(|channel, each| (0..each).for_each(|item| channel.put(item))),
                start(|channel, each| (0..each).for_each(|_| _ = black_box(channel.get()))),
            ]
        })
        .collect();
    begin.wait();
    let since = Instant::now();
    threads.into_iter().for_each(|it| it.join().unwrap());
    since.elapsed()
}

/// Measures queues with a limit and without, between as many threads at one end as at the other.
pub fn queues(board: &mut Board) {
    for (kind, limit) in [("bounded 64", Some(ROOM)), ("unbounded", None)] {
        for pairs in [1, 4, 16] {
            // Each thread has the same number of items.
            let items = board.amount(ITEMS) / 16 * 16;
            let contest = |rival, bound| {
                let what = format!("queue, {kind}, {pairs}:{pairs}");
                Contest::new(what, rival).at_most(bound).rounds(15).each(items)
            };
            let ours = || run::<Ours>(limit, pairs, items);
            board.compare_times(contest("std", 1.0), ours, || run::<Std>(limit, pairs, items));
            board.compare_times(contest("flume", 1.0), ours, || run::<Flume>(limit, pairs, items));
            board.compare_times(contest("crossbeam-channel", 1.3), ours, || {
                run::<Crossbeam>(limit, pairs, items)
            });
            board.compare_times(contest("kanal", 1.3), ours, || run::<Kanal>(limit, pairs, items));
        }
    }
}
