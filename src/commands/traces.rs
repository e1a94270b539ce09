//! The traces of this process: where they go, and where a run of ours stands in its caller's.

use std::sync::{Arc, Mutex};

use super::warn_on_stderr;
use crate::chain::ChainConfig;
use crate::error::{Error, ErrorCode};
use crate::settings::{TraceProtocol, TraceSampler, TraceSettings};
use crate::telemetry::RunTelemetry;
use crate::telemetry::deliveries::DeliveryCounts;
use crate::telemetry::traces::{
    GenAiNames, Otlp, OtlpConfig, OtlpLimits, OtlpProtocol, RunTrace, Sampler, SpanStyle, TracedCalls,
    TracedRun, Tracer,
};
use crate::trace_context::TraceContext;

/// The name of a chain that nobody asked for by one.
const CHAIN: &str = "promptchain";

/// What exports, and whether it is quiet about what it loses: one for the whole process.
static EXPORTING: Mutex<Option<(Otlp, bool)>> = Mutex::new(None);

/// What runs need to be traced.
#[derive(Debug, Clone)]
pub(super) struct Traces {
    /// `None` where no spans are made.
    tracer: Option<Tracer>,
    counts: Option<Arc<DeliveryCounts>>,
    /// Where our caller stands.
    parent: Option<TraceContext>,
}

/// What is traced.
#[derive(Debug, Clone, Copy)]
pub(super) enum TracedProcess {
    /// A command that somebody waits for. If it isn't quiet, it says on stderr what didn't reach the collector.
    Command { quiet: bool },
    /// A server, in that environment. It says it in its log alone.
    Server { environment: &'static str },
}

impl Traces {
    /// Begins to export, if the settings say where.
    pub(super) fn begin(settings: &TraceSettings, process: TracedProcess) -> Result<Self, Error> {
        let parent = TraceContext::of_caller(settings.parent.as_deref(), None);
        let Some(config) = otlp(settings, process) else {
            return Ok(Self { tracer: None, counts: None, parent });
        };
        let otlp = Otlp::start(&config).map_err(|error| {
            Error::new(ErrorCode::Configuration, "traces can't be exported").because(error)
        })?;
        let tracer = Tracer::new(otlp.queue(), style(settings));
        let counts = otlp.counts();
        if let Ok(mut exporting) = EXPORTING.lock() {
            *exporting = Some((otlp, !matches!(process, TracedProcess::Command { quiet: false })));
        }
        Ok(Self { tracer: Some(tracer), counts: Some(counts), parent })
    }

    /// What becomes of spans, if they are made at all.
    pub(super) fn counts(&self) -> Option<Arc<DeliveryCounts>> {
        self.counts.clone()
    }

    /// Where spans begin, if they are made at all.
    pub(super) fn tracer(&self) -> Option<&Tracer> {
        self.tracer.as_ref()
    }

    /// What tells of a run that begins now, and where it stands.
    pub(super) fn run(
        &self,
        chain: &ChainConfig,
        upstream: &str,
        calls: TracedCalls,
    ) -> (RunTelemetry, Option<TraceContext>) {
        let Some(tracer) = &self.tracer else { return (RunTelemetry::default(), self.parent.clone()) };
        let run = TracedRun { name: CHAIN, chain, upstream, calls };
        let (trace, place) = RunTrace::begin(tracer, self.parent.as_ref(), run);
        (RunTelemetry::begin(trace), Some(place))
    }
}

/// Exports what is left, within a bound, and says what couldn't be.
pub(super) async fn finish() {
    let exporting = EXPORTING.lock().ok().and_then(|mut exporting| exporting.take());
    let Some((otlp, quiet)) = exporting else { return };
    let lost = otlp.finish().await;
    if lost.spans > 0 && !quiet {
        warn_on_stderr(&format!("{} spans didn't reach the collector: {}", lost.spans, lost.reason));
    }
}

fn otlp(settings: &TraceSettings, process: TracedProcess) -> Option<OtlpConfig> {
    let limits = match process {
        TracedProcess::Command { .. } => OtlpLimits::brief(),
        TracedProcess::Server { .. } => OtlpLimits::default(),
    };
    let environment = match process {
        TracedProcess::Command { .. } => None,
        TracedProcess::Server { environment } => {
            Some(("deployment.environment.name", environment.to_owned()))
        }
    };
    let own = [
        ("service.name", settings.name()),
        ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        ("service.instance.id", uuid::Uuid::new_v4().to_string()),
    ];
    let own = own.into_iter().chain(environment).map(|(name, value)| (name.to_owned(), value));
    Some(OtlpConfig {
        endpoint: settings.destination()?,
        protocol: match settings.protocol {
            TraceProtocol::Http => OtlpProtocol::Http,
            TraceProtocol::Grpc => OtlpProtocol::Grpc,
        },
        headers: settings.header_pairs(),
        // Of two with one name, the later holds: what was set on purpose.
        resource: own
            .chain(settings.resource_pairs().into_iter().filter(|(name, _)| name != "service.name"))
            .collect(),
        limits: OtlpLimits { export: settings.timeout, ..limits },
    })
}

fn style(settings: &TraceSettings) -> SpanStyle {
    let ratio = Sampler::TraceIdRatioBased(settings.sampler_ratio);
    let parent_or = |root: Sampler| Sampler::ParentBased(Box::new(root));
    SpanStyle {
        sampler: match settings.sampler {
            TraceSampler::AlwaysOn => Sampler::AlwaysOn,
            TraceSampler::AlwaysOff => Sampler::AlwaysOff,
            TraceSampler::Ratio => ratio,
            TraceSampler::ParentOrOn => parent_or(Sampler::AlwaysOn),
            TraceSampler::ParentOrOff => parent_or(Sampler::AlwaysOff),
            TraceSampler::ParentOrRatio => parent_or(ratio),
        },
        names: if settings.latest_names { GenAiNames::Latest } else { GenAiNames::Older },
        content: settings.content,
    }
}
