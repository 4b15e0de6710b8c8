//! Tests of this crate's promises. Tests that need their own process are beside this folder.
//!
//! All tests here share one registry, so none counts threads or default names. Only `timeouts` uses real time.

mod support;

mod any;
mod auto_traits;
mod cpython;
mod data;
mod deep_groups;
mod deref;
mod executor;
mod executors;
mod failures;
mod futures;
mod group;
mod group_limits;
mod handlers;
mod inheritance;
mod join;
mod local;
mod local_cpython;
mod local_ends;
mod local_inherit;
mod local_reentry;
mod misuse;
mod my_thread;
mod names;
mod newcomers;
mod ownership;
mod panics;
mod prototype;
mod registry;
mod runnable;
mod running;
mod schedules;
mod scope;
mod scope_failures;
mod scope_jobs;
mod scope_panics;
mod scope_rules;
mod scope_stops;
mod stop;
mod stopping;
mod supervisor;
mod supervisor_handle;
mod supervisor_order;
mod supervisor_runs;
mod supervisor_stops;
mod task;
mod tasks;
mod thread;
mod timeouts;
mod timer;
