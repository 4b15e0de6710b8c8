//! Beside tokio and rayon: tasks of tokio ask, a thread of this library hands the questions to rayon, which computes on all processors.
//!
//! Each does what it is good at. The queue between them limits how much may pile up, and everything can be stopped.

use std::error::Error;

use rayon::prelude::*;
use threadwork::{Queue, Thread};
use tokio::{sync::oneshot, task::JoinSet};

/// A number, and where the answer is wanted.
type Question = (u64, oneshot::Sender<usize>);

static QUESTIONS: Queue<Question> = Queue::bounded(4).named("questions");

/// Counts the prime numbers below `n`. In a task of tokio it would keep a thread of the runtime busy, and others would have to wait.
fn primes_below(n: u64) -> usize {
    let is_prime = |n: &u64| (2..).take_while(|it| it * it <= *n).all(|it| !n.is_multiple_of(it));
    (2..n).into_par_iter().filter(is_prime).count()
}

/// Answers until nobody can ask any more.
fn answer() {
    for (n, answer) in QUESTIONS.iter() {
        // Who has asked may be gone.
        let _ = answer.send(primes_below(n));
    }
}

/// Waits for room in the queue and for the answer, without blocking a thread.
async fn ask(n: u64) -> Result<usize, Box<dyn Error + Send + Sync>> {
    let (sender, receiver) = oneshot::channel();
    QUESTIONS.put_async((n, sender)).await?;
    Ok(receiver.await?)
}

#[tokio::main]
async fn serve() -> Result<Vec<(u64, usize)>, Box<dyn Error + Send + Sync>> {
    let mut clients = JoinSet::new();
    for n in [10, 100, 1_000, 10_000, 100_000] {
        clients.spawn(async move { Ok::<_, Box<dyn Error + Send + Sync>>((n, ask(n).await?)) });
    }
    let mut answers = Vec::new();
    while let Some(answer) = clients.join_next().await {
        answers.push(answer??);
    }
    answers.sort_unstable();
    Ok(answers)
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let thinker = Thread::builder().name("thinker").spawn(answer)?;
    // The runtime has a thread of this library, so it is listed, joined and named like the others.
    let runtime = Thread::builder().name("runtime").spawn_my_thread(serve)?;
    let answers = runtime.into_result();
    // Also if the runtime has failed: the thinker waits for questions, and the program for the thinker.
    QUESTIONS.shutdown();
    thinker.join()?;

    let answers = answers??;
    for (n, count) in &answers {
        println!("{count} primes below {n}");
    }
    assert_eq!(answers.last(), Some(&(100_000, 9592)));
    Ok(())
}
