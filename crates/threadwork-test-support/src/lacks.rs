//! Checks that a type does not implement a trait.

/// Does not compile if the type implements the trait: two implementations would be ambiguous.
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
