//! Each variable of the table by itself.

use std::collections::BTreeSet;

use super::house::{BASE, House, SECRET, in_effect, same};
use super::{lines, told};
use crate::settings::sections;
use crate::telemetry::logs::LogLevel;
use crate::telemetry::logs::captured::Captured;

/// For each variable a value that isn't what it is by default; of those that can't stand beside another of
/// `BASE`, that one's name; lines that it needs beside it.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("ANTHROPIC_API_KEY", "sk-ant-another", "", ""),
    ("ANTHROPIC_API_KEY_FILE", "@/key", "ANTHROPIC_API_KEY", ""),
    ("ANTHROPIC_AUTH_TOKEN", "a-token", "ANTHROPIC_API_KEY", ""),
    ("ANTHROPIC_BASE_URL", "http://127.0.0.1:9", "", ""),
    ("ANTHROPIC_VERSION", "2026-10-21", "", ""),
    ("CHAIN_STRUCTURED_OUTPUT", "prompt", "", ""),
    ("CHAIN_THINKING", "auto", "", ""),
    ("CHAIN_MODELS_FILE", "@/models.toml", "", ""),
    ("CHAIN_MAX_COST_USD", "0.5", "", ""),
    ("CHAIN_ANALYZE_MODEL", "claude-haiku-5-5", "", ""),
    ("CHAIN_ANALYZE_MAX_TOKENS", "1000", "", ""),
    ("CHAIN_ANALYZE_TEMPERATURE", "0.1", "", ""),
    ("CHAIN_ANALYZE_TIMEOUT", "9", "", ""),
    ("CHAIN_PROCESS_MODEL", "claude-haiku-5-5", "", ""),
    ("CHAIN_PROCESS_MAX_TOKENS", "1000", "", ""),
    ("CHAIN_PROCESS_TEMPERATURE", "0.1", "", ""),
    ("CHAIN_PROCESS_TIMEOUT", "9", "", ""),
    ("CHAIN_SYNTHESIZE_MODEL", "claude-haiku-5-5", "", ""),
    ("CHAIN_SYNTHESIZE_MAX_TOKENS", "1000", "", ""),
    ("CHAIN_SYNTHESIZE_TEMPERATURE", "0.1", "", ""),
    ("CHAIN_SYNTHESIZE_TIMEOUT", "9", "", ""),
    ("CHAIN_PROCESS_WORKERS", "4", "", ""),
    ("CHAIN_WORKERS_FROM", "simple", "", ""),
    ("CHAIN_PROMPTS_DIR", "@/others", "CHAIN_PROMPTS_DIR", ""),
    ("CHAIN_ANALYZE_PROMPT_FILE", "other.md", "", ""),
    ("CHAIN_PROCESS_PROMPT_FILE", "other.md", "", ""),
    ("CHAIN_SYNTHESIZE_PROMPT_FILE", "other.md", "", ""),
    ("CHAIN_WORKER_PROMPT_FILE", "other.md", "", ""),
    ("CHAIN_ENABLE_VALIDATION", "false", "", ""),
    ("CHAIN_STRICT_VALIDATION", "true", "", ""),
    ("CHAIN_MIN_CONFIDENCE_THRESHOLD", "0.9", "", ""),
    ("CHAIN_REPAIR_ATTEMPTS", "3", "", ""),
    ("WORKER_COORDINATION_TIMEOUT", "50", "", ""),
    ("SYNTHESIS_TIMEOUT", "40", "", ""),
    ("STREAMING_TIMEOUT", "50", "", ""),
    ("STREAMING_CHUNK_BUFFER", "20", "", ""),
    ("RETRY_MAX_ATTEMPTS", "5", "", ""),
    ("RETRY_EXPONENTIAL_MULTIPLIER", "2.0", "", ""),
    ("RETRY_EXPONENTIAL_MAX", "20", "", ""),
    ("CIRCUIT_BREAKER_ENABLED", "false", "", ""),
    ("CIRCUIT_BREAKER_FAILURE_THRESHOLD", "5", "", ""),
    ("CIRCUIT_BREAKER_TIMEOUT", "50", "", ""),
    ("CIRCUIT_BREAKER_HALF_OPEN_ATTEMPTS", "2", "", ""),
    ("API_HOST", "127.0.0.2", "", ""),
    ("API_PORT", "9000", "", ""),
    ("METRICS_BIND", "127.0.0.1:9090", "", ""),
    ("ENVIRONMENT", "test", "", ""),
    ("MAX_REQUEST_BODY_SIZE", "5000", "", ""),
    ("MAX_CONCURRENT_RUNS", "5", "", ""),
    ("SHUTDOWN_GRACE_SECONDS", "5", "", ""),
    ("STREAM_COMMIT_MS", "5", "", ""),
    ("STREAM_HEARTBEAT_SECONDS", "5", "", ""),
    ("CHAIN_EXPOSE_STEPS", "reasoning", "", ""),
    ("BACKGROUND_TASKS", "bypass", "", ""),
    ("BACKGROUND_TASK_PATTERNS", "title=^Title", "", ""),
    ("SERVICE_MODEL_NAME", "house", "", ""),
    ("SERVICE_MODEL_ALIASES", "gpt-4o", "", ""),
    ("DOCS_ENABLED", "false", "", ""),
    ("PLAYGROUND_ENABLED", "false", "", ""),
    ("ENABLE_SECURITY_HEADERS", "false", "", ""),
    ("TRUSTED_PROXIES", "10.0.0.0/8", "", ""),
    ("JWT_SECRET_KEY", SECRET, "JWT_SECRET_KEY", ""),
    ("JWT_SECRET_KEY_FILE", "@/secret", "JWT_SECRET_KEY", ""),
    ("JWT_SECRET_KEY_PREVIOUS", SECRET, "", ""),
    ("JWT_ALGORITHM", "HS512", "", ""),
    ("JWT_PUBLIC_KEY_FILE", "@/public.pem", "", ""),
    ("JWT_ISSUER", "https://id.example", "", ""),
    ("JWT_AUDIENCE", "house", "", ""),
    ("JWT_LEEWAY_SECONDS", "5", "", ""),
    ("RATE_LIMIT_ENABLED", "false", "", ""),
    ("RATE_LIMIT_CHAT_COMPLETIONS", "5/minute", "", ""),
    ("RATE_LIMIT_MODELS", "5/minute", "", ""),
    ("RATE_LIMIT_DEFAULT", "5/minute", "", ""),
    ("BUDGET_USD_PER_DAY", "5", "", ""),
    ("RATE_LIMIT_STORAGE_URI", "redis://127.0.0.1:9", "", ""),
    ("RATE_LIMIT_ON_STORAGE_ERROR", "deny", "", ""),
    ("REDIS_URL", "redis://127.0.0.1:9", "", ""),
    ("REDIS_CA_FILE", "@/ca.pem", "", "REDIS_URL=rediss://127.0.0.1:9\n"),
    ("REDIS_KEY_PREFIX", "house", "", ""),
    ("CHECKPOINT_TTL_SECONDS", "600", "", ""),
    ("CHECKPOINT_KEY", SECRET, "", ""),
    ("CHECKPOINT_KEY_FILE", "@/secret", "", ""),
    (
        "CHECKPOINT_KEY_PREVIOUS",
        SECRET,
        "",
        "CHECKPOINT_KEY=9a3b5d7f1c2e4a6880b1d3f5a7c9e0123b5d7f1c2e4a6880b1d3f5a7c9e01234\n",
    ),
    ("CORS_ORIGINS", "https://app.example", "", ""),
    ("CORS_ALLOW_CREDENTIALS", "true", "", ""),
    ("CORS_ALLOW_METHODS", "GET", "", ""),
    ("CORS_ALLOW_HEADERS", "Authorization", "", ""),
    ("LOG_LEVEL", "WARNING", "", ""),
    ("LOG_FORMAT", "standard", "", ""),
    ("LOG_CONTENT", "true", "", ""),
    ("LOKI_URL", "http://127.0.0.1:9", "", ""),
    ("LOKI_USERNAME", "house", "", "LOKI_URL=http://127.0.0.1:9\nLOKI_PASSWORD=x\n"),
    ("LOKI_PASSWORD", "a-word", "", "LOKI_URL=http://127.0.0.1:9\nLOKI_USERNAME=x\n"),
    ("LOKI_PASSWORD_FILE", "@/key", "", "LOKI_URL=http://127.0.0.1:9\nLOKI_USERNAME=x\n"),
    ("LOKI_TENANT", "house", "", "LOKI_URL=http://127.0.0.1:9\n"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9", "", ""),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:9", "", ""),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "", ""),
    ("OTEL_EXPORTER_OTLP_HEADERS", "a=b", "", ""),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "500", "", ""),
    ("OTEL_SERVICE_NAME", "house", "", ""),
    ("OTEL_RESOURCE_ATTRIBUTES", "a=b", "", ""),
    ("OTEL_TRACES_SAMPLER", "always_off", "", ""),
    ("OTEL_TRACES_SAMPLER_ARG", "0.5", "", ""),
    ("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental", "", ""),
    ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true", "", ""),
    ("OTEL_SDK_DISABLED", "true", "", ""),
    ("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "", ""),
];

#[test]
fn every_variable_is_tried() {
    let tried: BTreeSet<&str> = CASES.iter().map(|case| case.0).collect();
    let declared: BTreeSet<&str> =
        sections().iter().flat_map(|section| section.variables).map(|variable| variable.name).collect();
    assert_eq!(tried, declared);
    assert_eq!(tried.len(), CASES.len());
}

#[tokio::test]
async fn what_is_taken_has_the_effect_that_a_start_with_it_would_have_and_what_is_kept_has_none() {
    let house = House::new();
    let upstream = house.upstream().await;
    let by_default = house.started(&upstream);
    let mut server = house.start(&upstream);
    for case in CASES {
        let name = case.0;
        let variable =
            sections().iter().flat_map(|section| section.variables).find(|it| it.name == name).unwrap();
        let engine = server.engine.clone();
        house.configure(&lines(case));
        let as_started = house.started(&upstream);
        let log = Captured::from_level(LogLevel::Info);
        server.reload().await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let log = log.text();
        let named = |message, field| {
            told(&log, message, field).is_some_and(|names| names.split(", ").any(|it| it == name))
        };
        if variable.is_reloadable() {
            assert!(named("Configuration reloaded", "changed"), "{name}: {log}");
            same(&in_effect(&server), &as_started, name);
            let is_new_client = !server.engine.is(&engine);
            assert_eq!(is_new_client, name.starts_with("ANTHROPIC_"), "{name}");
            assert!(is_new_client || in_effect(&server) != by_default, "{name} changes nothing");
        } else {
            assert!(named("Changes that need a restart weren't taken", "variables"), "{log}");
            assert_eq!(told(&log, "Configuration reloaded", "changed"), None, "{name}");
            same(&in_effect(&server), &by_default, name);
            assert!(server.engine.is(&engine), "{name}");
        }
        house.configure(BASE);
        server.reload().await.unwrap_or_else(|error| panic!("back from {name}: {error:?}"));
        same(&in_effect(&server), &by_default, name);
    }
}
