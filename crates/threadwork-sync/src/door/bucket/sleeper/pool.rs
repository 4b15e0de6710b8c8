//! The sleepers of real threads.
#![expect(unsafe_code, reason = "the child of a fork replaces a lock that nobody can release")]

use std::{cell::OnceCell, num::NonZeroU64, ops::Deref, sync::atomic::Ordering};

use crate::{
    door::bucket::sleeper::{IS_IDLE, Sleeper},
    floor::{AtWork, Part, Place, Renewable},
    number::{self, ReservedIdent},
    os,
};

/// The sleepers of this process. The child of a fork begins with none but that of its thread.
static POOL: Renewable<Pool> = Renewable::new(Pool { all: Vec::new(), free: Vec::new() });

static PART: Part = Part::of_child(Place::Sleepers, has_forked);

struct Pool {
    all: Vec<&'static Sleeper>,
    /// Those that no thread uses.
    free: Vec<&'static Sleeper>,
}

thread_local! {
    static MINE: OnceCell<Mine> = const { OnceCell::new() };
}

/// The sleeper that the current thread uses until this is dropped.
#[derive(Debug)]
struct Mine(&'static Sleeper);

impl Mine {
    #[cold]
    fn begin() -> Mine {
        PART.look_after();
        let mut pool = POOL.lock();
        let mine = pool.free.pop().unwrap_or_else(|| {
            let new: &'static Sleeper = Box::leak(Box::new(Sleeper::new()));
            pool.all.push(new);
            new
        });
        mine.begin();
        Mine(mine)
    }
}

impl Drop for Mine {
    fn drop(&mut self) {
        let _at_work = AtWork::begin();
        self.0.owner.store(0, Ordering::Release);
        POOL.lock().free.push(self.0);
    }
}

/// The sleeper of the current thread, for one wait.
#[derive(Debug)]
pub(in crate::door) struct Lent {
    sleeper: &'static Sleeper,
    /// Keeps a sleeper that the thread uses for this wait only, because its thread-local values are already destroyed.
    _mine: Option<Mine>,
}

impl Deref for Lent {
    type Target = &'static Sleeper;

    fn deref(&self) -> &&'static Sleeper {
        &self.sleeper
    }
}

/// Lends the sleeper of the current thread, which is created now if there is none yet: that would be too late in a queue.
///
/// Scenario "the allocator that uses a lock" in docs/architecture.md.
#[inline]
pub(in crate::door) fn mine() -> Lent {
    match MINE.try_with(|mine| mine.get_or_init(Mine::begin).0) {
        Ok(sleeper) => Lent { sleeper, _mine: None },
        Err(_) => {
            let mine = Mine::begin();
            Lent { sleeper: mine.0, _mine: Some(mine) }
        }
    }
}

/// Makes the operating system's thread go on as another thread, with the number that was reserved for it. The thread that it was before
/// has ended.
///
/// Scenario "the operating system's thread that is used again" in docs/architecture.md.
pub fn go_on_as(ident: &ReservedIdent) {
    change_number(ident.get(), false);
}

/// Makes the operating system's thread one of the library's own, with this number, until it [goes on](go_on_as) as another thread.
pub fn be_idle(ident: NonZeroU64) {
    change_number(ident, true);
}

fn change_number(ident: NonZeroU64, is_idle: bool) {
    IS_IDLE.set(is_idle);
    number::change(ident);
    let _ = MINE.try_with(|mine| mine.get().into_iter().for_each(|it| it.0.is_of_current()));
}

/// Returns all sleepers.
pub(in crate::door) fn all() -> Vec<&'static Sleeper> {
    let _at_work = AtWork::begin();
    PART.look_after();
    POOL.lock().all.clone()
}

/// Keeps the sleeper of the current thread, in the child of a fork, and forgets the others.
fn has_forked() {
    let mine = MINE.try_with(|mine| mine.get().map(|it| it.0)).ok().flatten();
    if let Some(mine) = mine {
        mine.set_native_id(os::get_native_id());
    }
    let pool = Pool { all: mine.into_iter().collect(), free: Vec::new() };
    // SAFETY: the child has no other thread, and this one does not work with the pool (`AtWork::at_the_end`).
    unsafe { POOL.renew(pool) };
}
