//! Threads that run one given call at a time.

use std::{
    any::Any,
    num::NonZeroU64,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use threadwork_sync::get_ident;

use crate::model::{ACTORS, Answer, Limit, Model};

/// The threads of one case.
///
/// They are not joined if the case fails: a thread that is blocked for ever must not block the test.
pub(crate) struct Actors<M: Model> {
    pub(crate) idents: Vec<NonZeroU64>,
    threads: Vec<Actor<M>>,
    answers: Receiver<(usize, Answer)>,
}

struct Actor<M: Model> {
    calls: Sender<(M::Op, Limit)>,
    thread: JoinHandle<()>,
}

impl<M: Model> Actors<M> {
    pub(crate) fn start(object: &Arc<M::Object>) -> Actors<M> {
        let (answering, answers) = channel();
        let start = |actor| {
            let (calling, calls) = channel::<(M::Op, Limit)>();
            let (naming, ident) = channel();
            let (object, answering) = (Arc::clone(object), answering.clone());
            let thread = thread::spawn(move || {
                naming.send(get_ident()).expect("the driver receives it");
                let mut held = M::Held::default();
                for (op, limit) in calls {
                    let run = || M::run(&object, &mut held, &op, &limit);
                    let answer = catch_unwind(AssertUnwindSafe(run));
                    let answer = answer.unwrap_or_else(|it| Answer::Panicked(message(&*it)));
                    // After a failure the driver does not receive answers any more.
                    let _ = answering.send((actor, answer));
                }
            });
            (ident.recv().expect("the thread has a number"), Actor { calls: calling, thread })
        };
        let (idents, threads) = (0..ACTORS).map(start).unzip();
        Actors { idents, threads, answers }
    }

    pub(crate) fn call(&self, actor: usize, op: M::Op, limit: Limit) {
        let sent = self.threads[actor].calls.send((op, limit));
        sent.expect("an actor waits for calls until the end");
    }

    /// Returns the next answer, or `None` if none comes within `time`.
    pub(crate) fn answer_within(&self, time: Duration) -> Option<(usize, Answer)> {
        self.answers.recv_timeout(time).ok()
    }

    /// Joins all actors. None of them may be blocked.
    pub(crate) fn join(self) {
        for Actor { calls, thread } in self.threads {
            drop(calls);
            thread.join().expect("an actor catches the panics of its calls");
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|it| (*it).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
