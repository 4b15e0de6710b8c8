//! Groups: a tree of names, limits, stops and panic handlers. What a group does with its threads is in `group_threads`.

mod count;
mod node;

pub use self::node::ThreadGroup;
