//! A bounded buffer between producers and consumers: one lock, and a condition for each of the two reasons to wait.
//!
//! `Queue::bounded` is such a buffer, ready for use. This is how it can be written.

use std::{collections::VecDeque, error::Error};

use threadwork::{Condition, Lock, scope};

const LIMIT: usize = 4;
const ITEMS: u64 = 1000;

struct Buffer<T> {
    content: Lock<Content<T>>,
    not_full: Condition,
    not_empty: Condition,
}

struct Content<T> {
    items: VecDeque<T>,
    closed: bool,
    /// The most items that were in the buffer at a time.
    most: usize,
}

impl<T> Buffer<T> {
    fn new() -> Buffer<T> {
        let content = Content { items: VecDeque::new(), closed: false, most: 0 };
        Buffer {
            content: Lock::named("buffer", content),
            not_full: Condition::new().named("not full"),
            not_empty: Condition::new().named("not empty"),
        }
    }

    /// Waits until there is room.
    fn put(&self, item: T) {
        let mut content = self.content.acquire();
        self.not_full.wait_while(&mut content, |it| it.items.len() == LIMIT);
        content.items.push_back(item);
        content.most = content.most.max(content.items.len());
        // Only consumers wait at this condition, so one wake-up is enough.
        self.not_empty.notify(&content, 1);
    }

    /// Waits until there is an item. Returns `None` if there will be no more.
    fn take(&self) -> Option<T> {
        let mut content = self.content.acquire();
        self.not_empty.wait_while(&mut content, |it| it.items.is_empty() && !it.closed);
        let item = content.items.pop_front();
        self.not_full.notify(&content, 1);
        item
    }

    /// No more items will be put. The consumers take what is left.
    fn close(&self) {
        let mut content = self.content.acquire();
        content.closed = true;
        self.not_empty.notify_all(&content);
    }
}

/// Takes items until there are no more, and adds them up.
fn consume(buffer: &Buffer<u64>) -> u64 {
    std::iter::from_fn(|| buffer.take()).sum()
}

fn main() -> Result<(), Box<dyn Error>> {
    let buffer = Buffer::new();
    let total = scope(|scope| -> Result<u64, Box<dyn Error>> {
        let consumers = [scope.call(|| consume(&buffer))?, scope.call(|| consume(&buffer))?];
        let odd = scope.call(|| (1..=ITEMS).step_by(2).for_each(|it| buffer.put(it)));
        let even = scope.call(|| (2..=ITEMS).step_by(2).for_each(|it| buffer.put(it)));
        let made = [odd?.into_result(), even?.into_result()];
        // Also if a producer has panicked, or the consumers would wait for ever.
        buffer.close();
        for it in made {
            it?;
        }
        let mut total = 0;
        for consumer in consumers {
            total += consumer.into_result()?;
        }
        Ok(total)
    })?;
    assert_eq!(total, ITEMS * (ITEMS + 1) / 2);
    println!("the sum of {ITEMS} numbers: {total}");

    let most = buffer.content.into_inner().most;
    println!("never more than {LIMIT} in the buffer: {}", most <= LIMIT);
    Ok(())
}
