//! What a collector receives from the example.

use std::{
    collections::BTreeMap,
    env, fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::any_value::Value,
    trace::v1::{ResourceSpans, Span},
};
use prost::Message;
use threadwork_test_support::patience::eventually;

/// Runs the example, which sends to that address.
fn run(address: SocketAddr) {
    let example = Command::new(env!("CARGO_BIN_EXE_threadwork-opentelemetry"))
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(example.status.success(), "{example:?}");
    assert_eq!(String::from_utf8_lossy(&example.stdout), "filled: 6\n", "{example:?}");
}

/// All that the example sends.
fn received() -> Vec<ResourceSpans> {
    let server = tiny_http::Server::http((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = server.server_addr().to_ip().unwrap();
    let example = thread::spawn(move || run(address));
    let mut all = Vec::new();
    while !example.is_finished() {
        let Some(mut request) = server.recv_timeout(Duration::from_millis(10)).unwrap() else {
            continue;
        };
        assert_eq!(request.url(), "/v1/traces");
        let mut body = Vec::new();
        request.as_reader().read_to_end(&mut body).unwrap();
        all.extend(ExportTraceServiceRequest::decode(&body[..]).unwrap().resource_spans);
        request.respond(tiny_http::Response::empty(200)).unwrap();
    }
    example.join().unwrap();
    all
}

fn text(value: Option<Value>) -> String {
    match value {
        Some(Value::StringValue(text)) => text,
        other => format!("{other:?}"),
    }
}

/// The fields of a span that the program or a thread has given it.
fn fields(span: &Span) -> BTreeMap<&str, String> {
    let fields = span.attributes.iter().map(|it| {
        let value = it.value.clone().and_then(|it| it.value);
        (it.key.as_str(), text(value))
    });
    fields.filter(|(key, _)| ["thread", "order", "daemon"].contains(key)).collect()
}

#[test]
fn a_thread_is_a_span_within_that_of_its_start_and_around_what_happens_in_it() {
    let received = received();
    let resource = received[0].resource.as_ref().unwrap();
    let service = resource.attributes.iter().find(|it| it.key == "service.name").unwrap();
    assert_eq!(text(service.value.clone().and_then(|it| it.value)), "shop");

    let scopes = received.iter().flat_map(|it| &it.scope_spans);
    let spans: Vec<&Span> = scopes.flat_map(|it| &it.spans).collect();
    let named = |name| spans.iter().filter(move |it| it.name == name);
    let [day] = named("day").collect::<Vec<_>>()[..] else { panic!("{spans:#?}") };
    assert_eq!((named("thread").count(), named("fill").count(), spans.len()), (2, 2, 5));
    assert!(spans.iter().all(|it| it.trace_id == day.trace_id), "it is one trace");
    for thread in named("thread") {
        assert_eq!(thread.parent_span_id, day.span_id);
        let [fill] =
            named("fill").filter(|it| it.parent_span_id == thread.span_id).collect::<Vec<_>>()[..]
        else {
            panic!("{spans:#?}")
        };
        let order = fields(fill)["order"].clone();
        let name = format!("clerk-{order}");
        assert_eq!(fields(thread)["thread"], name);
        assert!(thread.start_time_unix_nano <= fill.start_time_unix_nano);
        assert!(fill.end_time_unix_nano <= thread.end_time_unix_nano);
        assert!(thread.end_time_unix_nano <= day.end_time_unix_nano);
        let events: Vec<_> = thread.events.iter().map(|it| &*it.name).collect();
        assert_eq!(events, ["thread started", "thread finished"]);
        assert_eq!(fill.events[0].name, "filled");
    }
}

/// A collector that is to be had from `requirements.txt`, if it is there.
fn collector() -> Option<PathBuf> {
    let said = env::var_os("THREADWORK_COLLECTOR").map(PathBuf::from);
    let paths = env::var_os("PATH").unwrap_or_default();
    let mut found = env::split_paths(&paths).map(|it| it.join("rotel-agent"));
    said.or_else(|| found.find(|it| it.is_file()))
}

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_collector_takes_what_is_sent() {
    let Some(collector) = collector() else {
        println!("SKIPPED: there is no collector; THREADWORK_COLLECTOR names one");
        return;
    };
    // Both are free, and different because the second is looked for while the first is there. They stay so: the address is this process's own
    // where there are several on loopback.
    let [.., a, b, c] = std::process::id().to_be_bytes();
    let own = Ipv4Addr::new(127, 64 | a, b, c);
    let address = if cfg!(target_os = "linux") { own } else { Ipv4Addr::LOCALHOST };
    let listeners = [(); 2].map(|()| TcpListener::bind((address, 0)).unwrap());
    let [http, grpc] = listeners.map(|it| it.local_addr().unwrap());
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let log = folder.join("collector.log");
    let file = fs::File::create(&log).unwrap();
    let _collector = Running(
        Command::new(collector)
            .args(["start", "--exporter", "blackhole"])
            .args(["--debug-log", "traces", "--debug-log-verbosity", "detailed"])
            .args(["--otlp-http-endpoint", &http.to_string()])
            .args(["--otlp-grpc-endpoint", &grpc.to_string()])
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap(),
    );
    eventually("the collector does not listen", || TcpStream::connect(http).ok());
    run(http);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = eventually("the collector has not said what it got", || {
        let text = words(&fs::read_to_string(&log).ok()?);
        ["thread: Str(clerk-1)", "thread: Str(clerk-2)", "Name : day"]
            .iter()
            .all(|it| text.contains(it))
            .then_some(text)
    });
    assert_eq!(text.matches("Name : thread Kind").count(), 2, "{text}");
    assert_eq!(text.matches("Name : fill Kind").count(), 2, "{text}");
    assert!(text.contains("service.name: Str(shop)"), "{text}");
}
