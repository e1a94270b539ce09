//! The process: what operators expect of any server, under the names that all of them use.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use super::names::{self, Name};
use super::register::begun;
use crate::telemetry::process::ProcessReading;

/// Looks at the process whenever it is asked. What the system doesn't say isn't there.
#[derive(Debug)]
pub(super) struct ProcessMetrics;

impl Collector for ProcessMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let reading = ProcessReading::now();
        write(&mut encoder, names::PROCESS_CPU, reading.cpu_seconds.map(ConstCounter::new))?;
        write(&mut encoder, names::PROCESS_MEMORY, reading.resident_bytes.map(ConstGauge::new))?;
        write(&mut encoder, names::PROCESS_OPEN_FILES, reading.open_files.map(ConstGauge::new))?;
        write(&mut encoder, names::PROCESS_MAX_FILES, reading.max_files.map(ConstGauge::new))?;
        write(&mut encoder, names::PROCESS_START, reading.started_at.map(ConstGauge::new))?;
        write(&mut encoder, names::RUNTIME_TASKS, runtime_tasks().map(ConstGauge::new))
    }
}

/// `None` where whoever asks isn't in a runtime.
fn runtime_tasks() -> Option<u64> {
    let runtime = tokio::runtime::Handle::try_current().ok()?;
    u64::try_from(runtime.metrics().num_alive_tasks()).ok()
}

fn write(
    encoder: &mut DescriptorEncoder<'_>,
    name: Name,
    metric: Option<impl EncodeMetric>,
) -> Result<(), fmt::Error> {
    let Some(metric) = metric else { return Ok(()) };
    metric.encode(begun(encoder, name, metric.metric_type())?)
}
