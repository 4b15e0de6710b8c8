//! The wrappers of `lock_api` around a `RawLock`. What they promise is the same in each version.

macro_rules! promises {
    ($lock_api:ident) => {
        use std::{
            cell::{Cell, RefCell},
            sync::Arc,
            thread,
            time::{Duration, Instant},
        };

        use threadwork_sync::{CurrentIdent, RawLock, get_ident};
        use $lock_api::{Mutex, MutexGuard, ReentrantMutex};

        #[test]
        fn a_mutex_excludes_and_loses_nothing() {
            let total = Mutex::<RawLock, u32>::new(0);
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| (0..1000).for_each(|_| *total.lock() += 1));
                }
            });
            assert_eq!(total.into_inner(), 4000);
        }

        #[test]
        fn a_locked_mutex_cannot_be_locked() {
            let mutex = Mutex::<RawLock, ()>::new(());
            let guard = mutex.lock();
            assert!(mutex.is_locked());
            assert!(mutex.try_lock().is_none());
            assert!(mutex.try_lock_for(Duration::ZERO).is_none());
            assert!(mutex.try_lock_until(Instant::now()).is_none());
            drop(guard);
            assert!(mutex.try_lock_for(Duration::MAX).is_some());
        }

        #[test]
        fn a_fair_unlock_hands_the_mutex_to_the_waiter() {
            let mutex = Arc::new(Mutex::<RawLock, Option<u64>>::new(None));
            let guard = mutex.lock();
            let waiter = {
                let mutex = Arc::clone(&mutex);
                crate::support::Helper::start(move || *mutex.lock() = Some(get_ident().get()))
            };
            waiter.blocked();
            let ident = waiter.ident();
            MutexGuard::unlock_fair(guard);
            // The waiter got the mutex before this thread could lock it again.
            assert_eq!(*mutex.lock(), Some(ident.get()));
            waiter.join();
        }

        #[test]
        fn a_re_entrant_mutex_is_entered_again_by_its_holder_alone() {
            let mutex = ReentrantMutex::<RawLock, CurrentIdent, _>::new(Cell::new(0));
            let outer = mutex.lock();
            mutex.lock().set(1);
            thread::scope(|scope| {
                scope.spawn(|| assert!(mutex.try_lock().is_none()));
            });
            assert_eq!(outer.get(), 1);
        }

        #[test]
        fn a_thread_that_ends_can_lock_in_its_last_destructors() {
            struct AtEnd(Arc<Mutex<RawLock, u32>>);

            impl Drop for AtEnd {
                fn drop(&mut self) {
                    *self.0.lock() += 1;
                }
            }

            thread_local! {
                static AT_END: RefCell<Option<AtEnd>> = const { RefCell::new(None) };
            }

            let total = Arc::new(Mutex::new(0));
            let copy = Arc::clone(&total);
            thread::spawn(|| AT_END.set(Some(AtEnd(copy)))).join().unwrap();
            assert_eq!(*total.lock(), 1);
        }
    };
}

#[cfg(feature = "lock_api")]
mod newest {
    promises!(lock_api);
}

#[cfg(feature = "lock_api_0_4")]
mod v0_4 {
    promises!(lock_api_0_4);
}

#[cfg(all(feature = "lock_api", feature = "lock_api_0_4"))]
#[test]
fn one_lock_can_be_used_through_both_versions() {
    use threadwork_sync::RawLock;

    let lock = RawLock::new();
    let guard = lock_api::RawMutex::lock(&lock);
    assert!(!lock_api_0_4::RawMutex::try_lock(&lock));
    assert_eq!(lock.release(), Ok(()));
    let _ = guard;
    assert!(lock_api_0_4::RawMutex::try_lock(&lock));
    assert!(lock_api::RawMutex::try_lock(&lock).is_none());
}
