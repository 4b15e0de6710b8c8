//! Thread-local values as objects: [`Local`].
//!
//! Scenario "the value that is given up once" in docs/architecture.md.

mod place;
mod table;
mod value;
mod values;
mod lazy_values;
mod local_ref;
mod object;
mod cells;
mod inherit;
#[cfg(test)]
mod tests;

pub(crate) use self::{
    inherit::{InheritedValues, KeptValues, inherit},
    table::end_in_recycled,
};
pub use self::{
    local_ref::{LocalIter, LocalRef},
    object::Local,
};
