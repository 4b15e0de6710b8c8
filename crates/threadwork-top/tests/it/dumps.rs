//! Invented dumps, in the form that programs write.

use serde_json::{Value, json};
use threadwork::diagnostics::Dump;
use threadwork_top::{App, LookError};

/// A thread that waits for a lock.
pub(crate) fn waits(name: &str, ident: u64, lock: &str, holder: (&str, u64)) -> Value {
    let mut thread = runs(name, ident, 0.0);
    thread["state"] = "Waiting".into();
    thread["waits_for"] = json!({
        "kind": "Lock", "name": lock, "address": 4096, "location": "src/shop.rs:12:5", "seconds": 3.5,
        "holder": holder.0, "holder_ident": holder.1,
    });
    thread
}

/// A thread that has been running for ten seconds, with its CPU time.
pub(crate) fn runs(name: &str, ident: u64, cpu: f64) -> Value {
    json!({
        "name": name, "ident": ident, "native_id": 70_000 + ident, "daemon": false, "state": "Running",
        "seconds_in_state": 10.0, "age": 10.0, "cpu": cpu, "waits_for": null,
    })
}

/// A thread that waits outside the library.
pub(crate) fn elsewhere(name: &str, ident: u64, call: Option<&str>) -> Value {
    let mut thread = runs(name, ident, 0.125);
    thread["state"] = "WaitsElsewhere".into();
    thread["seconds_in_state"] = Value::Null;
    thread["system_call"] = call.into();
    thread
}

pub(crate) fn group(name: &str, threads: &[Value], groups: &[Value]) -> Value {
    json!({ "name": name, "threads": threads, "groups": groups })
}

/// The dump of a program with these threads and groups, without deadlocks.
pub(crate) fn program(threads: &[Value], groups: &[Value]) -> Value {
    json!({
        "pid": 4711, "time": "Sun Aug 13 19:14:26 2006", "count": threads.len(),
        "root": { "name": null, "threads": threads, "groups": groups },
        "own_threads": [elsewhere("threadwork-signals", 9, Some("read"))],
        "others": [{ "native_id": 99_999, "name": "tokio", "state": "WaitsElsewhere", "system_call": "epoll_wait" }],
        "deadlocks": [],
    })
}

/// Two threads, each of which holds what the other one waits for.
pub(crate) fn deadlock(count: usize) -> Value {
    let edge = |waiter: &str, ident: u64, object: &str, holder: &str, holder_ident: u64| {
        json!({
            "waiter": waiter, "waiter_ident": ident, "kind": "Lock", "object": object, "address": 4096,
            "location": "src/shop.rs:12:5", "holder": holder, "holder_ident": holder_ident,
            "holder_location": "src/shop.rs:31:5",
        })
    };
    let edges = [edge("ann", 2, "orders", "bob", 3), edge("bob", 3, "stock", "ann", 2)];
    vec![json!({ "edges": edges }); count].into()
}

/// A shop with a deadlock, a busy main thread, and long or odd names.
pub(crate) fn shop() -> Value {
    let clerks = [
        waits("ann", 2, "orders", ("bob", 3)),
        waits("bob", 3, "stock", ("ann", 2)),
        waits(
            "a clerk whose name is longer than the screen is wide, if it is narrow",
            4,
            "till",
            ("bob", 3),
        ),
        runs("猫 größer\u{1b}[31m", 5, 0.25),
    ];
    let clerks = group("shop/clerks", &clerks, &[]);
    let root = [runs("MainThread", 1, 9.5), elsewhere("reader", 6, Some("recvfrom"))];
    let mut shop = program(&root, &[group("shop", &[], &[clerks])]);
    shop["count"] = 6.into();
    shop["deadlocks"] = deadlock(1);
    shop
}

pub(crate) fn dump(value: Value) -> Dump {
    serde_json::from_value(value).expect("it is a dump")
}

pub(crate) fn app(value: Value) -> App {
    let mut app = App::new("unix:/run/shop");
    app.update(Ok(dump(value)));
    app
}

/// The result of a look when the program is gone.
pub(crate) fn gone() -> Result<Dump, LookError> {
    Err(LookError::Connect(std::io::ErrorKind::ConnectionRefused.into()))
}
