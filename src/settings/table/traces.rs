//! Variables: where traces are exported, and what stands in them. Their names are OpenTelemetry's.

use crate::settings::kind::Choice;
use crate::settings::pairs::{PAIRS, parse_pairs};
use crate::settings::{Fallback, Kind, OnReload, SecretForm, Section, TraceProtocol, TraceSampler, Variable};

/// The word that asks for the newest names.
const LATEST_NAMES: &str = "gen_ai_latest_experimental";

pub(super) const SECTION: Section = Section {
    title: "Traces",
    for_server: false,
    variables: &[
        Variable {
            name: "OTEL_EXPORTER_OTLP_ENDPOINT",
            kind: Kind::Url { set: |s, url| s.traces.endpoint = Some(url) },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "An OpenTelemetry collector: traces are exported to it; over HTTP, to /v1/traces below it.",
        },
        Variable {
            name: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            kind: Kind::Url { set: |s, url| s.traces.traces_endpoint = Some(url) },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "Its endpoint for traces, which is used as it is, instead.",
        },
        Variable {
            name: "OTEL_EXPORTER_OTLP_PROTOCOL",
            kind: Kind::Choice(&[
                Choice { word: "http/protobuf", set: |s| s.traces.protocol = TraceProtocol::Http },
                Choice { word: "grpc", set: |s| s.traces.protocol = TraceProtocol::Grpc },
            ]),
            fallback: Fallback::Value("http/protobuf"),
            on_reload: OnReload::Kept,
            doc: "What is spoken with it.",
        },
        Variable {
            name: "OTEL_EXPORTER_OTLP_HEADERS",
            kind: Kind::Secret {
                form: SecretForm::Pairs,
                set: |s, headers| s.traces.headers = Some(headers),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "Headers that go with each export, such as authorization=Bearer%20KEY.",
        },
        Variable {
            name: "OTEL_EXPORTER_OTLP_TIMEOUT",
            kind: Kind::Milliseconds { min: 100, max: 60_000, set: |s, time| s.traces.timeout = time },
            fallback: Fallback::Value("10000"),
            on_reload: OnReload::Kept,
            doc: "The time for one export, in milliseconds.",
        },
        Variable {
            name: "OTEL_SERVICE_NAME",
            kind: Kind::Text {
                allowed: "at most 255 characters",
                check: |text| text.chars().nth(255).is_none(),
                set: |s, name| s.traces.service_name = Some(name),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "The name under which traces are found; else that of service.name below, else promptchain.",
        },
        Variable {
            name: "OTEL_RESOURCE_ATTRIBUTES",
            kind: Kind::Text {
                allowed: PAIRS,
                check: |text| parse_pairs(text).is_some(),
                set: |s, pairs| s.traces.resource_attributes = Some(pairs),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "What else is said of the process in its traces.",
        },
        Variable {
            name: "OTEL_TRACES_SAMPLER",
            kind: Kind::Choice(&[
                Choice { word: "always_on", set: |s| s.traces.sampler = TraceSampler::AlwaysOn },
                Choice { word: "always_off", set: |s| s.traces.sampler = TraceSampler::AlwaysOff },
                Choice { word: "traceidratio", set: |s| s.traces.sampler = TraceSampler::Ratio },
                Choice {
                    word: "parentbased_always_on",
                    set: |s| s.traces.sampler = TraceSampler::ParentOrOn,
                },
                Choice {
                    word: "parentbased_always_off",
                    set: |s| s.traces.sampler = TraceSampler::ParentOrOff,
                },
                Choice {
                    word: "parentbased_traceidratio",
                    set: |s| s.traces.sampler = TraceSampler::ParentOrRatio,
                },
            ]),
            fallback: Fallback::Value("parentbased_always_on"),
            on_reload: OnReload::Kept,
            doc: "Which traces are kept; parentbased: as the caller's traceparent says, where there is one.",
        },
        Variable {
            name: "OTEL_TRACES_SAMPLER_ARG",
            kind: Kind::Decimal { min: 0.0, max: 1.0, set: |s, ratio| s.traces.sampler_ratio = ratio },
            fallback: Fallback::Value("1.0"),
            on_reload: OnReload::Kept,
            doc: "The part of all traces that is kept where a ratio decides.",
        },
        Variable {
            name: "OTEL_SEMCONV_STABILITY_OPT_IN",
            kind: Kind::Text {
                allowed: "words joined by commas",
                check: |_| true,
                set: |s, words| {
                    s.traces.latest_names = words.split(',').any(|word| word.trim() == LATEST_NAMES);
                },
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "With gen_ai_latest_experimental among them, what is about models has its newest names.",
        },
        Variable {
            name: "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
            kind: Kind::Switch { set: |s, on| s.traces.content = on },
            fallback: Fallback::Value("false"),
            on_reload: OnReload::Kept,
            doc: "Whether prompts and replies stand in traces.",
        },
        Variable {
            name: "OTEL_SDK_DISABLED",
            kind: Kind::Switch { set: |s, on| s.traces.disabled = on },
            fallback: Fallback::Value("false"),
            on_reload: OnReload::Kept,
            doc: "Whether nothing is traced, whatever else is set.",
        },
        Variable {
            name: "TRACEPARENT",
            kind: Kind::Text {
                allowed: "a W3C traceparent; anything else counts as none",
                // One that isn't is as good as none: it is often set by what merely passes it on.
                check: |_| true,
                set: |s, parent| s.traces.parent = Some(parent),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "Where run and batch stand in a caller's trace: the traceparent of its span.",
        },
    ],
};
