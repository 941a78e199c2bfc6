//! What else a service may log its predictions with.

use std::any::Any;
use std::path::Path;

use anyhow::Result;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{BatchLogProcessor, LogBatch, LogExporter, SdkLoggerProvider};
use tracing_subscriber::layer::SubscriberExt as _;

/// What has to be kept while the service runs; what it holds is written when it goes.
pub(super) type Kept = Box<dyn Any>;

/// Lines of JSON by `tracing-appender`, with its default bounds: 128,000 lines, and what is newest is dropped.
pub(super) fn tracing_appender(folder: &Path) -> Result<Kept> {
    let (writer, guard) =
        tracing_appender::non_blocking(tracing_appender::rolling::never(folder, "log.jsonl"));
    tracing::subscriber::set_global_default(
        tracing_subscriber::fmt().json().flatten_event(true).with_writer(writer).finish(),
    )?;
    Ok(Box::new(guard))
}

/// The bridge and the batch processor of OpenTelemetry with their defaults: 2,048 records, and what is newest is dropped.
pub(super) fn open_telemetry() -> Result<Kept> {
    let provider = SdkLoggerProvider::builder()
        .with_log_processor(BatchLogProcessor::builder(Forgetful).build())
        .build();
    let bridge = OpenTelemetryTracingBridge::new(&provider);
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(bridge))?;
    Ok(Box::new(provider))
}

/// Says at once that everything is exported.
#[derive(Debug)]
struct Forgetful;

impl LogExporter for Forgetful {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        std::hint::black_box(batch.iter().count());
        Ok(())
    }
}
