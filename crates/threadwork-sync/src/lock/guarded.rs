//! The macros shared by all locks that protect a value.

/// Declares the constructors of a lock that protects a value (in terms of `from_raw`), its name, and its unwind safety (it is never poisoned).
macro_rules! constructors {
    ($lock:ident, $raw:ident) => {
        impl<T> $lock<T> {
            const_new! {
                /// Creates a free lock around `value`.
                #[must_use]
                pub const fn new(value: T) -> $lock<T> {
                    $lock::from_raw($raw::new(), value)
                }
            }

            const_new! {
                /// Creates a free lock around `value` with a name, which is shown for threads that wait for the lock.
                #[must_use]
                pub const fn named(name: &'static str, value: T) -> $lock<T> {
                    $lock::from_raw($raw::new().named(name), value)
                }
            }
        }

        impl<T: ?Sized> $lock<T> {
            /// Returns the name, if there is one.
            #[must_use]
            pub const fn name(&self) -> Option<&'static str> {
                self.raw.name()
            }
        }

        impl<T: Default> Default for $lock<T> {
            fn default() -> Self {
                $lock::new(T::default())
            }
        }

        impl<T> From<T> for $lock<T> {
            fn from(value: T) -> Self {
                $lock::new(value)
            }
        }

        impl<T: ?Sized> std::panic::UnwindSafe for $lock<T> {}
        impl<T: ?Sized> std::panic::RefUnwindSafe for $lock<T> {}
    };
}

/// Declares the four forms of acquiring a lock that protects a value: the forms of the raw lock, each returning a guard.
macro_rules! guarded_forms {
    (
        $guard:ident, |$lock:ident| $raw:expr;
        $(#[$x_attribute:meta])* x: $x:ident;
        $(#[$try_attribute:meta])* try_x: $try_x:ident;
        $(#[$timeout_attribute:meta])* x_timeout: $x_timeout:ident;
        $(#[$with_attribute:meta])* x_with: $x_with:ident;
    ) => {
        $(#[$x_attribute])*
        #[inline]
        #[track_caller]
        pub fn $x(&self) -> $guard<'_, T> {
            let $lock = self;
            $raw.forever();
            $guard::new(self)
        }

        $(#[$try_attribute])*
        #[inline]
        #[track_caller]
        pub fn $try_x(&self) -> Option<$guard<'_, T>> {
            let $lock = self;
            $raw.at_once()?;
            Some($guard::new(self))
        }

        $(#[$timeout_attribute])*
        #[inline]
        #[track_caller]
        pub fn $x_timeout(&self, timeout: Duration) -> Result<$guard<'_, T>, WaitError> {
            let $lock = self;
            $raw.within(timeout)?;
            Ok($guard::new(self))
        }

        $(#[$with_attribute])*
        #[inline]
        #[track_caller]
        pub fn $x_with(&self, wait: &Wait) -> Result<$guard<'_, T>, WaitError> {
            let $lock = self;
            $raw.unless(wait)?;
            Ok($guard::new(self))
        }
    };
}

/// Declares the guard of a lock, given how to reach the value and how to release the lock.
macro_rules! guard {
    (
        $(#[$attribute:meta])* $guard:ident of $lock:ident;
        value: |$reached:ident| $value:expr;
        release: |$released:ident| $release:expr;
    ) => {
        $(#[$attribute])*
        #[must_use = "if unused the lock is released immediately"]
        #[clippy::has_significant_drop]
        pub struct $guard<'a, T: ?Sized> {
            lock: &'a $lock<T>,
            stays_in_its_thread: PhantomData<*const ()>,
        }

        impl<'a, T: ?Sized> $guard<'a, T> {
            /// Creates the guard. The caller has just acquired the raw lock for it.
            #[inline]
            fn new(lock: &'a $lock<T>) -> Self {
                $crate::lock::held::guard_begins();
                $guard { lock, stays_in_its_thread: PhantomData }
            }
        }

        $crate::lock::guarded::guard_traits! {
            $guard;
            value: |guard| {
                let $reached = guard.lock;
                $value
            };
            release: |guard| {
                let $released = guard.lock;
                $release
            };
        }
    };
}

/// Implements the traits of every guard: it dereferences to the value, releases the lock when dropped, and formats as the value.
macro_rules! guard_traits {
    (
        $guard:ident;
        value: |$reached:ident| $value:expr;
        release: |$released:ident| $release:expr;
    ) => {
        impl<T: ?Sized> Deref for $guard<'_, T> {
            type Target = T;

            #[inline]
            fn deref(&self) -> &T {
                let $reached = self;
                $value
            }
        }

        impl<T: ?Sized> Drop for $guard<'_, T> {
            #[inline]
            fn drop(&mut self) {
                $crate::lock::held::guard_ends();
                let $released = self;
                $release;
            }
        }

        impl<T: ?Sized + fmt::Debug> fmt::Debug for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    };
}

pub(crate) use {constructors, guard, guard_traits, guarded_forms};
