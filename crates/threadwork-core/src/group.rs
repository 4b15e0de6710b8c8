//! Thread groups: a tree of names, limits, stop sources and panic handlers. What a group does with its threads is in `group_threads`.

mod count;
mod node;

pub use self::node::ThreadGroup;
