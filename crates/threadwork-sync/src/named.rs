//! The names of objects.

/// Declares `named` and `name` of an object, by its field that keeps the name.
macro_rules! named {
    ($visibility:vis $field:ident: $object:literal, $waits:literal) => {
        #[doc = concat!("The same ", $object, " with a name, which is shown where somebody ", $waits, " it.")]
        #[must_use]
        $visibility const fn named(mut self, name: &'static str) -> Self {
            self.set_name(name);
            self
        }

        pub(crate) const fn set_name(&mut self, name: &'static str) {
            self.$field.set_name(name);
        }

        /// The name, if it was given one.
        #[must_use]
        $visibility const fn name(&self) -> Option<&'static str> {
            self.$field.name()
        }
    };
}
pub(crate) use named;
