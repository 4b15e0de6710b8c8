//! Sends the ordinary spans of threads and of the program to an OpenTelemetry collector.
//!
//! `OTEL_EXPORTER_OTLP_ENDPOINT` is the address of the collector; the default is `http://localhost:4318`.
//! With any collector that listens there:
//!
//! ```sh
//! cargo run -p threadwork-opentelemetry
//! ```
//!
//! A thread's span is called `thread` and has the thread's name, number and daemon status as fields. It is a child of the span in which the
//! thread was started, and lasts as long as the thread. Events and spans of the thread belong to it.

use std::error::Error;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use threadwork::{MyThread, Thread};
use tracing::{info, info_span};
use tracing_subscriber::{filter::LevelFilter, prelude::*};

fn fill(order: u32) -> u32 {
    let _span = info_span!("fill", order).entered();
    info!("filled");
    order * 2
}

fn main() -> Result<(), Box<dyn Error>> {
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(SpanExporter::builder().with_http().build()?)
        .with_resource(Resource::builder().with_service_name("shop").build())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("shop"));
    // The exporter itself creates spans at other levels.
    tracing_subscriber::registry().with(layer.with_filter(LevelFilter::INFO)).init();

    let day = info_span!("day").entered();
    let clerks = (1..=2).map(|order| {
        let name = format!("clerk-{order}");
        Thread::builder().name(name).my_thread(fill, (order,))
    });
    let clerks: Vec<MyThread<_, u32>> = clerks.collect();
    clerks.iter().try_for_each(|it| it.start())?;
    let mut filled = 0;
    for clerk in &clerks {
        filled += clerk.wait_result()?;
    }
    // A span is sent when it closes, and a thread's span closes when the thread ends.
    clerks.iter().try_for_each(|it| it.join())?;
    drop(day);
    println!("filled: {filled}");
    provider.shutdown()?;
    Ok(())
}
