//! Names of objects.

/// Declares the methods `named` and `name` of an object, given the field that stores the name.
macro_rules! named {
    ($visibility:vis $field:ident: $object:literal, $waits:literal) => {
        #[doc = concat!("Returns this ", $object, " with a name, which is shown when a thread ", $waits, " it.")]
        #[must_use]
        $visibility const fn named(mut self, name: &'static str) -> Self {
            self.set_name(name);
            self
        }

        pub(crate) const fn set_name(&mut self, name: &'static str) {
            self.$field.set_name(name);
        }

        /// Returns the name, if the object was given one.
        #[must_use]
        $visibility const fn name(&self) -> Option<&'static str> {
            self.$field.name()
        }
    };
}
pub(crate) use named;
