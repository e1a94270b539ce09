//! Reloads in process: each variable of the table by itself, and files that come, go and change.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::configuration::{Configuration, Origins, Surviving};
use super::reload::Reloader;
use crate::cli::RecordingArgs;
use crate::commands::chain_config;
use crate::commands::upstream::Upstream;
use crate::error::Error;
use crate::server::{Lifecycle, Server};
use crate::settings::{Kept, LogLevel, sections};
use crate::telemetry::logs::LogLevel as Least;
use crate::telemetry::logs::captured::Captured;

/// What every server here has, one variable a line.
const BASE: &str = "\
JWT_SECRET_KEY=4f1d9a7c3e5b60828a1c0f7e6d5b493727160594837261504f3e2d1c0b9a8877
ANTHROPIC_API_KEY=sk-ant-0123456789
CHAIN_PROMPTS_DIR=@/prompts
";

const SECRET: &str = "2d48636a1e0d9c5f7b3a28b7c1e5a90f2d48636a1e0d9c5f7b3a28b7c1e5a90f";

const PUBLIC_KEY: &str = include_str!("../../server/auth/test_keys/rsa_2048_public.pem");

const MODELS: &str = "[[model]]\nid = \"house-model\"\ncontext = 32768\nmax_output = 4096\n";

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
    // There is no other value yet.
    ("RATE_LIMIT_STORAGE_URI", "memory://", "", ""),
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
];

/// A folder with everything that a server is configured by.
struct House {
    folder: TempDir,
}

impl House {
    fn new() -> Self {
        let house = Self { folder: TempDir::new().unwrap() };
        for (name, text) in [
            ("prompts/chain_analyze.md", "Find out what is asked for."),
            ("prompts/other.md", "Do something else."),
            ("others/chain_analyze.md", "Find out who asks."),
            ("key", "sk-ant-from-a-file"),
            ("secret", SECRET),
            ("public.pem", PUBLIC_KEY),
            ("models.toml", MODELS),
        ] {
            house.write(name, text);
        }
        house.configure(BASE);
        house
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file as if it had been there for long.
    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(60);
        File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    }

    /// Writes the `.env` file.
    fn configure(&self, lines: &str) {
        self.write("env", &lines.replace('@', self.path().to_str().unwrap()));
    }

    fn origins(&self) -> Origins {
        Origins {
            overrides: Vec::new(),
            env_file: Some(self.path().join("env")),
            environment: Vec::new(),
            without_credentials: false,
        }
    }

    /// A server by what the folder has now.
    fn start<'a>(&self, upstream: &'a Upstream) -> Reloader<'a> {
        let origins = Arc::new(self.origins());
        let sources = origins.sources(Kept::default());
        let configuration =
            Arc::new(Configuration::read(&sources).unwrap_or_else(|error| panic!("{error:?}")));
        let surviving = Surviving {
            breakers: chain_config::breakers(&configuration.settings),
            lifecycle: Lifecycle::new(),
            created: 1_700_000_000,
        };
        let parts = configuration.parts(&upstream.client, &surviving);
        let server = Server::new(parts, configuration.grace()).unwrap();
        Reloader {
            kept: Kept::of(&sources),
            origins,
            at_start: Arc::clone(&configuration),
            current: configuration,
            client: Arc::clone(&upstream.client),
            upstream,
            surviving,
            reloads: server.reloads(),
            least_level: LogLevel::Debug,
        }
    }

    /// What a server goes by that is started by what the folder has now.
    fn started(&self, upstream: &Upstream) -> String {
        in_effect(&self.start(upstream))
    }

    /// Whom servers by what the folder has now call.
    async fn upstream(&self) -> Upstream {
        let sources = self.origins().sources(Kept::default());
        let configuration = Configuration::read(&sources).unwrap();
        Upstream::open(&configuration.settings, false, &RecordingArgs::default()).await.unwrap()
    }
}

fn in_effect(server: &Reloader<'_>) -> String {
    format!("{}\n{:?}", server.reloads.in_effect(), server.current.settings.log.level)
}

/// Asserts that two servers go by the same.
#[track_caller]
fn same(one: &str, other: &str, name: &str) {
    let differ = one.chars().zip(other.chars()).position(|(one, other)| one != other);
    if let Some(at) = differ.or((one.len() != other.len()).then_some(0)) {
        let near = |text: &str| text.chars().skip(at.saturating_sub(60)).take(120).collect::<String>();
        panic!("{name}: {}\n---\n{}", near(one), near(other));
    }
}

/// The `.env` of a case.
fn lines(&(name, value, in_place_of, beside): &(&str, &str, &str, &str)) -> String {
    let is_kept = |line: &&str| in_place_of.is_empty() || !line.starts_with(&format!("{in_place_of}="));
    let base: Vec<&str> =
        BASE.lines().filter(is_kept).filter(|line| !line.starts_with(&format!("{name}="))).collect();
    format!("{}\n{beside}{name}={value}\n", base.join("\n"))
}

/// The field of the last line with that message.
fn told(log: &str, message: &str, field: &str) -> Option<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let line = lines.filter(|line| line["message"] == message).last()?;
    line[field].as_str().map(str::to_owned)
}

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
        let client = Arc::clone(&server.client);
        house.configure(&lines(case));
        let as_started = house.started(&upstream);
        let log = Captured::from_level(Least::Info);
        server.reload().await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let log = log.text();
        let named = |message, field| {
            told(&log, message, field).is_some_and(|names| names.split(", ").any(|it| it == name))
        };
        if variable.is_reloadable() {
            assert!(named("Configuration reloaded", "changed"), "{name}: {log}");
            same(&in_effect(&server), &as_started, name);
            let is_new_client = !Arc::ptr_eq(&server.client, &client);
            assert_eq!(is_new_client, name.starts_with("ANTHROPIC_"), "{name}");
            assert!(is_new_client || in_effect(&server) != by_default, "{name} changes nothing");
        } else {
            let has_other_values = name != "RATE_LIMIT_STORAGE_URI";
            assert_eq!(
                named("Changes that need a restart weren't taken", "variables"),
                has_other_values,
                "{log}"
            );
            assert_eq!(told(&log, "Configuration reloaded", "changed"), None, "{name}");
            same(&in_effect(&server), &by_default, name);
            assert!(Arc::ptr_eq(&server.client, &client), "{name}");
        }
        house.configure(BASE);
        server.reload().await.unwrap_or_else(|error| panic!("back from {name}: {error:?}"));
        same(&in_effect(&server), &by_default, name);
    }
}

/// What the server says against what the folder has now. It mustn't change anything.
async fn refused(server: &mut Reloader<'_>) -> Error {
    let before = in_effect(server);
    let error = server.reload().await.expect_err("it is taken");
    same(&in_effect(server), &before, "");
    error
}

/// All that an error says.
fn text(error: &Error) -> String {
    format!("{} {} {}", error.message, error.causes.join(" "), error.hint.as_deref().unwrap_or_default())
}

#[tokio::test]
async fn files_of_another_content_are_changes_of_the_variables_that_name_them() {
    let house = House::new();
    let lines = "JWT_SECRET_KEY_FILE=@/secret\nANTHROPIC_API_KEY_FILE=@/key\nCHAIN_PROMPTS_DIR=@/prompts\n\
                 CHAIN_MODELS_FILE=@/models.toml\n";
    house.configure(lines);
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    for (name, file, text) in [
        ("JWT_SECRET_KEY_FILE", "secret", &SECRET.replace('2', "3")),
        ("ANTHROPIC_API_KEY_FILE", "key", &"sk-ant-another".to_owned()),
        ("CHAIN_MODELS_FILE", "models.toml", &MODELS.replace("4096", "2048")),
        ("CHAIN_ANALYZE_PROMPT_FILE", "prompts/chain_analyze.md", &"Find out more.".to_owned()),
        (
            "CHAIN_ANALYZE_MODEL",
            "prompts/chain_analyze.md",
            &"+++\nmodel = \"claude-haiku-5-5\"\n+++\nFind out more.".to_owned(),
        ),
        ("CHAIN_WORKER_PROMPT_FILE", "prompts/chain_worker.md", &"Write a part.".to_owned()),
    ] {
        house.write(file, text);
        let log = Captured::from_level(Least::Info);
        server.reload().await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(told(&log.text(), "Configuration reloaded", "changed").as_deref(), Some(name));
        assert!(!log.text().contains(text.as_str()), "{}", log.text());
        same(&in_effect(&server), &house.started(&upstream), name);
    }
    let log = Captured::from_level(Least::Info);
    server.reload().await.unwrap();
    assert!(log.text().contains("Configuration reloaded"));
    assert_eq!(told(&log.text(), "Configuration reloaded", "changed"), None);
}

#[tokio::test]
async fn every_problem_is_told_and_none_of_the_rest_is_taken() {
    let house = House::new();
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    house.configure(&format!("{BASE}RETRY_MAX_ATTEMPTS=5\nAPI_PORT=many\nCHAIN_REPAIR_ATTEMPTS=99\n"));
    house.write("prompts/chain_process.md", "+++\nmax_tokens = \"many\"\n+++\nWrite.");
    let told = text(&refused(&mut server).await);
    for problem in ["API_PORT", "CHAIN_REPAIR_ATTEMPTS", "chain_process.md"] {
        assert!(told.contains(problem), "{problem}: {told}");
    }
    // What needs a restart must be right too, or the restart would fail.
    house.configure(&format!("{BASE}API_PORT=many\n"));
    fs::remove_file(house.path().join("prompts/chain_process.md")).unwrap();
    assert!(text(&refused(&mut server).await).contains("API_PORT"));
    // A profile's models can do less than the chain's.
    house.configure(&format!("{BASE}JWT_SECRET_KEY_PREVIOUS=short\n"));
    assert!(text(&refused(&mut server).await).contains("JWT_SECRET_KEY_PREVIOUS"));
}

#[tokio::test]
async fn a_file_that_was_there_and_is_gone_is_missed() {
    let house = House::new();
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    let prompt = house.path().join("prompts/chain_analyze.md");
    fs::rename(&prompt, house.path().join("away.md")).unwrap();
    let told = text(&refused(&mut server).await);
    assert!(told.contains("chain_analyze.md") && told.contains("put it back"), "{told}");
    fs::rename(house.path().join("prompts"), house.path().join("away")).unwrap();
    assert!(text(&refused(&mut server).await).contains("prompts"));
    // Who names no folder any more wants the built-in prompts.
    house.configure(&lines(&("CHAIN_THINKING", "auto", "CHAIN_PROMPTS_DIR", "")));
    server.reload().await.unwrap();
    same(&in_effect(&server), &house.started(&upstream), "");
    fs::remove_file(house.path().join("env")).unwrap();
    assert!(text(&refused(&mut server).await).contains("env"));
}

#[tokio::test]
async fn a_file_that_is_being_written_to_is_read_when_that_is_over() {
    let house = House::new();
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    let prompt = house.path().join("prompts/chain_analyze.md");
    fs::write(&prompt, "Find out mo").unwrap();
    let written_whole = async {
        // Whatever has been read until now, half a prompt was.
        tokio::task::yield_now().await;
        fs::write(&prompt, "Find out more.").unwrap();
    };
    let (reloaded, ()) = tokio::join!(server.reload(), written_whole);
    reloaded.unwrap();
    same(&in_effect(&server), &house.started(&upstream), "");
}

#[tokio::test(start_paused = true)]
async fn files_that_are_written_to_all_the_time_are_not_waited_for_without_end() {
    let house = House::new();
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    let prompt = File::options().write(true).open(house.path().join("prompts/chain_analyze.md")).unwrap();
    // As of a clock that runs ahead a little, so that it is never long ago.
    prompt.set_modified(SystemTime::now() + Duration::from_millis(900)).unwrap();
    let keep_writing = async {
        loop {
            prompt.set_modified(SystemTime::now()).unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let error = tokio::select! {
        error = refused(&mut server) => error,
        () = keep_writing => unreachable!(),
    };
    assert!(text(&error).contains("all the time"), "{error:?}");
    // A date far ahead says nothing of when it was written.
    prompt.set_modified(SystemTime::now() + Duration::from_secs(3600)).unwrap();
    server.reload().await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_ending_takes_nothing() {
    let house = House::new();
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    house.configure(&format!("{BASE}CHAIN_THINKING=auto\n"));
    server.surviving.lifecycle.drain();
    assert!(text(&refused(&mut server).await).contains("ending"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_would_never_end_or_is_too_large_is_refused() {
    let house = House::new();
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    house.write("prompts/chain_process.md", &"x".repeat(2 << 20));
    assert!(text(&refused(&mut server).await).contains("larger than"));
    fs::remove_file(house.path().join("prompts/chain_process.md")).unwrap();
    let pipe = house.path().join("prompts/chain_process.md");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(text(&refused(&mut server).await).contains("pipe"));
}
