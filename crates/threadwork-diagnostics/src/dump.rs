//! Dumps: what all threads are doing.

mod data;
mod text;
mod snapshot;
mod tree;
mod take;
mod on_request;
mod server;

pub(crate) use self::snapshot::Snapshot;
pub use self::{
    data::{
        Dump, ExecutorDump, FaultDump, FaultsDump, FillDump, GroupDump, OtherDump, ReaderDump,
        StateDump, TaskDump, ThreadDump, WaitDump,
    },
    on_request::{SignalError, dump_on_panic, dump_on_quit, dump_on_signal, print_dump},
    server::{DumpServer, DumpServerError, DumpServerGuard},
    take::dump,
};
