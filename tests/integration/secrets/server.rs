//! A server: whoever logs, measures, traces or asks for something else learns nothing of keys, tokens and what
//! was said.

use std::thread;

use promptchain::simulator::{Fault, FaultRule};

use super::commands::otlp_headers;
use super::{Canary, TALKATIVE, all, of, sightings};
use crate::support::{
    Collector, Collects, FakeLoki, Metrics, Redis, Request, Response, Served, Takes, Tap, Upstream, chat_by,
    has_redis, question, serve, token_for,
};

/// A server that has every secret there is, and all that it speaks with, listened to.
struct Observed {
    served: Served,
    upstream: Tap,
    loki: Tap,
    collector: Tap,
    token: String,
    canaries: Vec<Canary>,
    /// They end when it does.
    _others: (Upstream, FakeLoki, Collector),
}

impl Observed {
    fn start(upstream: Upstream, further: &[(&str, &str)]) -> Self {
        let (loki, collector) = (FakeLoki::that(Takes::All), Collector::that(Collects::All));
        let taps = [upstream.base_url(), loki.url(), collector.url()].map(|url| Tap::before(&url));
        let [to_upstream, to_loki, to_collector] = taps;
        let mut command = serve(&TALKATIVE);
        command
            .env("ANTHROPIC_BASE_URL", &to_upstream.url())
            .env("ANTHROPIC_API_KEY", &of::api_key().value)
            .env("JWT_SECRET_KEY", &of::jwt_secret().value)
            .env("JWT_SECRET_KEY_PREVIOUS", &of::jwt_previous().value)
            .env("CHECKPOINT_KEY", &of::checkpoint_key().value)
            .env("LOKI_URL", &to_loki.url())
            .env("LOKI_USERNAME", "ada")
            .env("LOKI_PASSWORD", &of::loki_password().value)
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", &to_collector.url())
            .env("OTEL_EXPORTER_OTLP_HEADERS", &otlp_headers())
            .env("CIRCUIT_BREAKER_ENABLED", "false")
            .env("RETRY_MAX_ATTEMPTS", "1")
            .env("CHAIN_REPAIR_ATTEMPTS", "0")
            .env("CHAIN_STRICT_VALIDATION", "true");
        for step in ["ANALYZE", "PROCESS", "SYNTHESIZE"] {
            command.env(&format!("CHAIN_{step}_TIMEOUT"), "2");
        }
        for (name, value) in further {
            command.env(name, value);
        }
        let served = Served::start(command);
        // Half of the clients have tokens of the former secret.
        let token = token_for("tester", &of::jwt_previous().value);
        let canaries = [all(), vec![Canary::token(&token)]].concat();
        let others = (upstream, loki, collector);
        let [upstream, loki, collector] = [to_upstream, to_loki, to_collector];
        Self { served, upstream, loki, collector, token, canaries, _others: others }
    }

    fn ask(&self, stream: bool) -> Response {
        self.served.ask(&self.question(stream))
    }

    fn question(&self, stream: bool) -> Request {
        chat_by(&self.token, &question(&of::prompt().value, stream))
    }

    /// What is seen where, when all is over.
    fn end(self) -> Vec<String> {
        let other = token_for("another", &of::jwt_secret().value);
        let others = [
            Request::get("/health"),
            Request::get("/health/ready"),
            Request::get("/v1/models").by(&other),
            Request::get("/v1/usage").by(&other),
            Request::get("/nothing").by(&other),
            Request::get("/openapi.json"),
            Request::get("/v1/models").by("nonsense"),
            chat_by(&other, &question("", false)),
        ];
        let others: Vec<u8> = others.iter().flat_map(|request| whole(&self.served.ask(request))).collect();
        let metrics = self.served.ask(&Request::get("/metrics").by(&other));
        assert!(Metrics::read(&metrics).sum("http_server_request_duration_seconds_count", "") > 0.0);
        self.served.signal("TERM");
        let log = self.served.finish().exits(0).log.whole_text();
        assert!(log.contains("Token accepted"), "DEBUG is logged: {log}");
        let places = [
            ("log", log.into_bytes()),
            ("loki", self.loki.heard()),
            ("collector", self.collector.heard()),
            ("metrics", whole(&metrics)),
            ("responses to others", others),
            ("upstream", self.upstream.heard()),
        ];
        sightings(&self.canaries, places)
    }
}

/// The response as bytes, with its headers.
fn whole(response: &Response) -> Vec<u8> {
    [format!("{:?}", response.headers).as_bytes(), &response.body].concat()
}

/// What belongs where, whatever happens.
const USUAL: [&str; 4] = [
    "collector: OTEL_EXPORTER_OTLP_HEADERS",
    "loki: LOKI_PASSWORD",
    "upstream: ANTHROPIC_API_KEY",
    "upstream: prompt",
];

#[test]
fn of_a_request_that_goes_well_only_its_answer_shows_what_was_said() {
    let observed = Observed::start(Upstream::good(), &[]);
    for stream in [false, true] {
        let response = observed.ask(stream);
        response.answer();
        assert_eq!(sightings(&observed.canaries, [("response", whole(&response))]), ["response: prompt"]);
    }
    assert_eq!(observed.end(), USUAL);
}

#[test]
fn no_fault_in_any_step_shows_more() {
    for step in ["analyze", "process", "synthesize"] {
        // Some are of another step alone, or of batches.
        let can_strike = |fault: &&str| format!("{step}:{fault}").parse::<FaultRule>().is_ok();
        let faults: Vec<&str> = Fault::all().iter().map(|fault| fault.name()).filter(can_strike).collect();
        let rules: Vec<String> =
            faults.iter().zip(1..).map(|(fault, call)| format!("{step}:{fault}@{call}")).collect();
        let upstream = Upstream::with_faults(&rules.iter().map(String::as_str).collect::<Vec<_>>());
        let observed = Observed::start(upstream, &[("CHAIN_STRUCTURED_OUTPUT", "native")]);
        // At the same time, since some wait for a time limit; which call meets which fault doesn't matter.
        thread::scope(|scope| {
            for nth in 0..faults.len() {
                let observed = &observed;
                scope.spawn(move || {
                    let response = observed.ask(nth % 2 == 0);
                    let keys = observed.canaries.iter().filter(|canary| canary.name != "prompt");
                    let keys: Vec<Canary> = keys.cloned().collect();
                    assert_eq!(sightings(&keys, [("response", whole(&response))]), [""; 0], "{response:?}");
                });
            }
        });
        assert_eq!(observed.end(), USUAL, "{step}");
    }
}

#[test]
fn a_refused_request_shows_nothing_of_itself() {
    let observed = Observed::start(Upstream::good(), &[("MAX_REQUEST_BODY_SIZE", "2048")]);
    let (prompt, token) = (of::prompt().value, observed.token.clone());
    let forged = format!("{token}x");
    let bodies = [
        question(&prompt.repeat(40), false),
        serde_json::json!({"model": prompt, "messages": [{"role": "user", "content": "x"}]}),
        serde_json::json!({"model": "prompt-chaining", "messages": [{"role": prompt, "content": "x"}]}),
        serde_json::json!({"model": "prompt-chaining", "messages": prompt}),
        serde_json::json!({"model": "prompt-chaining", "messages": [], "n": prompt, "stream": prompt}),
        serde_json::Value::from(prompt.as_str()),
    ];
    let mut requests: Vec<Request> = bodies.iter().map(|body| chat_by(&token, body)).collect();
    requests.push(chat_by(&forged, &question(&prompt, false)));
    requests.push(Request::get("/v1/models").header("Authorization", &format!("Basic {token}")));
    requests.push(Request::get(&format!("/v1/models?api_key={token}&q={}", of::api_key().value.len())));
    requests.push(Request::get(&format!("/v1/models/{token}")));
    requests.push(Request::get("/v1/models").by(&token).by(&token));
    for request in requests {
        let response = observed.served.ask(&request);
        assert!(response.status >= 400, "{response:?}");
        let seen = sightings(&observed.canaries, [("response", whole(&response))]);
        assert!(seen.iter().all(|seen| seen == "response: prompt"), "{seen:?}: {response:?}");
    }
    // Nothing has gone upstream.
    assert_eq!(observed.end(), USUAL[..2]);
}

#[test]
fn a_recording_that_does_not_match_is_told_of_without_what_was_asked() {
    let upstream = Upstream::good();
    let mut command = upstream.command(&["--record", "tape", "hello"], &[]);
    let tape = tempfile::TempDir::new().unwrap();
    command.in_place(tape.path());
    command.run().exits(0);
    let mut command = serve(&TALKATIVE);
    command.args(&["--replay", tape.path().join("tape").to_str().unwrap()]);
    command.env("JWT_SECRET_KEY", &of::jwt_secret().value);
    let served = Served::start(command);
    let token = token_for("tester", &of::jwt_secret().value);
    let response = served.ask(&chat_by(&token, &question(&of::prompt().value, false)));
    assert!(response.status >= 500, "{response:?}");
    served.signal("TERM");
    let ended = served.finish();
    let log = ended.log.whole_text();
    assert!(log.contains("recording"), "{log}");
    let canaries = [all(), vec![Canary::token(&token)]].concat();
    let places = [("log", log.into_bytes()), ("response", whole(&response))];
    assert_eq!(sightings(&canaries, places), [""; 0]);
}

#[test]
fn prompts_and_replies_are_logged_at_debug_where_that_is_asked_for_and_keys_never() {
    let content = ("LOG_CONTENT", "true");
    let observed = Observed::start(Upstream::good(), &[content]);
    observed.ask(true).answer();
    let seen = observed.end();
    let expected = [&USUAL[..1], &["log: prompt"], &USUAL[1..2], &["loki: prompt"], &USUAL[2..]].concat();
    assert_eq!(seen, expected);
    let mut command = serve(&[content, ("LOG_LEVEL", "INFO")]);
    let upstream = Upstream::good();
    command.env("ANTHROPIC_BASE_URL", &upstream.base_url()).env("JWT_SECRET_KEY", &of::jwt_secret().value);
    let served = Served::start(command);
    let token = token_for("tester", &of::jwt_secret().value);
    served.ask(&chat_by(&token, &question(&of::prompt().value, false))).answer();
    served.signal("TERM");
    let log = served.finish().exits(0).log.whole_text();
    assert!(!of::prompt().is_in(log.as_bytes()), "{log}");
}

#[test]
fn spans_hold_what_was_said_where_that_is_asked_for_and_keys_never() {
    let capture = ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true");
    let observed = Observed::start(Upstream::good(), &[capture]);
    observed.ask(false).answer();
    let seen = observed.end();
    assert_eq!(seen, [&USUAL[..1], &["collector: prompt"], &USUAL[1..]].concat());
}

#[test]
fn the_store_gets_its_password_and_what_is_kept_there_is_encrypted() {
    if !has_redis() {
        return;
    }
    for is_encrypted in [true, false] {
        // On a busy machine the store may not answer in time, and the run goes on without it.
        let kept = (0..5).find_map(|_| kept_in_the_store(is_encrypted));
        let (in_store, elsewhere) = kept.expect("the store is there for long enough");
        let expected = ["store: prompt", "store: the store's password"];
        assert_eq!(in_store, expected[usize::from(is_encrypted)..]);
        assert_eq!(elsewhere, USUAL);
    }
}

/// What is seen by the store and elsewhere of a request whose steps are kept; `None` if the store wasn't there all
/// the time.
fn kept_in_the_store(is_encrypted: bool) -> Option<(Vec<String>, Vec<String>)> {
    let redis = Redis::start(&["--requirepass", &of::redis_password().value]);
    let tap = Tap::before(&redis.url());
    let url = super::commands::redis_url().replace("127.0.0.1:1", &tap.address().to_string());
    let key = if is_encrypted { of::checkpoint_key().value } else { String::new() };
    let further = [("REDIS_URL", url.as_str()), ("CHECKPOINT_KEY", &key), ("BUDGET_USD_PER_DAY", "9")];
    let observed = Observed::start(Upstream::good(), &further);
    observed.served.log().wait_for_words("The shared store ");
    observed.served.ask(&observed.question(false).header("Idempotency-Key", "k")).answer();
    let in_store = sightings(&observed.canaries, [("store", tap.heard())]);
    let was_there = observed.served.log().entries("The shared store is gone").is_empty();
    let elsewhere = observed.end();
    was_there.then_some((in_store, elsewhere))
}
