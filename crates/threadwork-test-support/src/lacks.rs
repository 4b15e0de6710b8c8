//! Types that must not have a trait.

/// Does not compile if the type has the trait: there would be two implementations to choose from.
#[macro_export]
macro_rules! assert_lacks {
    ($type:ty: $trait:ident) => {
        const _: fn() = || {
            trait AmbiguousIfImplemented<Which> {
                fn item() {}
            }
            impl<T: ?Sized> AmbiguousIfImplemented<()> for T {}
            impl<T: ?Sized + $trait> AmbiguousIfImplemented<u8> for T {}
            let _ = <$type as AmbiguousIfImplemented<_>>::item;
        };
    };
}
