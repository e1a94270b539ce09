//! A server that is kept busy in every way, so that whatever it counts has something to count.

use std::net::SocketAddr;

use promptchain::simulator::{FaultRule, SimulatorConfig};
use serde_json::json;

use crate::support::{
    Collector, Collects, Connection, FakeLoki, Leaving, Metrics, Redis, Request, Served, Takes, Upstream,
    chat, chat_by, has_redis, models, question, token,
};

/// A server that is kept busy in [rounds](Self::go_round).
pub(super) struct BusyServer {
    upstream: Upstream,
    served: Served,
    /// Where its metrics are.
    pub(super) metrics: SocketAddr,
    /// What it counts requests in; without one here, one is named that is gone.
    store: Option<Redis>,
    rounds: u64,
}

impl BusyServer {
    /// The most rounds that there can be.
    pub(super) const ROUNDS: u64 = 40;

    /// Starts it. Nothing has happened yet.
    pub(super) fn start() -> Self {
        let upstream = Upstream::start(SimulatorConfig { faults: faults(), ..SimulatorConfig::default() });
        let store = has_redis().then(|| Redis::start(&[]));
        let store_url = store.as_ref().map_or_else(|| "redis://127.0.0.1:9".to_owned(), Redis::url);
        let served = upstream.serve(&[
            ("REDIS_URL", &store_url),
            ("BUDGET_USD_PER_DAY", "1000"),
            ("METRICS_BIND", "127.0.0.1:0"),
            ("LOKI_URL", &FakeLoki::that(Takes::Refuses(400)).url()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &Collector::that(Collects::AllBut(1)).url()),
            ("BACKGROUND_TASKS", "bypass"),
            // Each run makes the calls that the faults are counted by.
            ("RETRY_MAX_ATTEMPTS", "1"),
            ("MAX_CONCURRENT_RUNS", "1"),
            ("STREAM_HEARTBEAT_SECONDS", "1"),
            ("RATE_LIMIT_ENABLED", "true"),
            ("RATE_LIMIT_CHAT_COMPLETIONS", "100000/hour"),
            ("RATE_LIMIT_MODELS", "1/hour"),
            ("RATE_LIMIT_DEFAULT", "100000/hour"),
        ]);
        let line = served.log().wait_for("Metrics are served without a token");
        let address = line["address"].as_str().unwrap();
        let address = address.strip_prefix("http://").and_then(|it| it.strip_suffix("/metrics"));
        Self { upstream, metrics: address.unwrap().parse().unwrap(), served, store, rounds: 0 }
    }

    /// Has one circuit open. To be called once, before the first round.
    pub(super) fn open_a_circuit(&self) {
        for _ in 0..3 {
            self.served.ask(&accurate()).is_error(503, "overloaded");
        }
        self.served.ask(&accurate()).is_error(503, "circuit_open");
    }

    /// Asks for everything once, well and badly. Takes a second, until a silent stream has its heartbeat.
    pub(super) fn go_round(&mut self) {
        assert!(self.rounds < Self::ROUNDS, "what is waited for doesn't come");
        self.rounds += 1;
        let ask = |request: &Request| self.served.ask(request).status;
        for stream in [false, true] {
            assert_eq!(ask(&chat(stream).header("Idempotency-Key", &self.rounds.to_string())), 200);
        }
        assert_eq!(ask(&chat(true)), 200);
        self.leave_a_silent_stream();
        self.fail_the_store();
        self.served.ask(&chat(true)).stream_error();
        assert_eq!(ask(&chat(false)), 503, "process is overloaded");
        assert_eq!(ask(&title()), 200);
        self.reload();
        ask(&models());
        assert_eq!(ask(&models()), 429);
        assert_eq!(ask(&Request::get("/v1/models")), 401);
        assert_eq!(ask(&Request::get("/v1/models").by("no.good.token")), 403);
        assert_eq!(ask(&Request::get("/nothing")), 404);
        for path in ["/health", "/health/ready"] {
            assert_eq!(ask(&Request::get(path)), 200);
        }
    }

    /// One whose last reply falls silent. While it is there, there is no place for another.
    fn leave_a_silent_stream(&self) {
        let id = format!("leaver-{}", self.rounds);
        let mut client = self.served.connect();
        client.send(chat(true).header("X-Request-ID", &id).bytes());
        assert_eq!(client.head().status, 200);
        while !String::from_utf8(client.chunk()).unwrap().contains(r#""delta":{"content":""}"#) {}
        self.served.ask(&chat(false)).is_error(503, "overloaded");
        client.leave(Leaving::Rst);
        self.served.log().wait_for_end_of(&id);
        let left = self.upstream.calls().len();
        self.upstream.wait_for(|calls| calls[..left].iter().all(|call| call.end.is_some()));
    }

    /// Has a request be counted without the store, which is there again in the end.
    fn fail_the_store(&self) {
        let Some(store) = &self.store else { return };
        store.cli(&["CONFIG", "SET", "maxmemory", "1"]);
        self.served.ask(&models());
        store.cli(&["CONFIG", "SET", "maxmemory", "0"]);
        while self.scrape().sum("promptchain_shared_store_up", "") < 1.0 {}
    }

    /// It takes its configuration anew.
    fn reload(&self) {
        let before = self.served.log().entries(RELOADED).len();
        self.served.signal("HUP");
        self.served.log().wait_for_count(RELOADED, before + 1);
    }

    /// What it counts, as whoever collects it reads it.
    pub(super) fn scrape(&self) -> Metrics {
        Metrics::read(&Connection::to(self.metrics).ask(&Request::get("/metrics")))
    }
}

/// The line that a reload ends with.
const RELOADED: &str = "Configuration reloaded";

/// What a chat UI asks for by itself.
fn title() -> Request {
    let asked =
        "### Task:\nGenerate a short title for this chat history.\n<chat_history>\nHi\n</chat_history>";
    chat_by(token(), &question(asked, false))
}

/// By another model than all others.
fn accurate() -> Request {
    let mut body = question("Say hello", false);
    body["model"] = json!("prompt-chaining-accurate");
    chat_by(token(), &body)
}

/// Those of the start, and of each round: the third of its four answers falls silent, the fourth is cut, and
/// the fifth draft isn't made.
fn faults() -> Vec<FaultRule> {
    let rounds = (0..BusyServer::ROUNDS).flat_map(|round| {
        [
            format!("synthesize:hang-mid-reply@{}", 4 * round + 3),
            format!("synthesize:truncated@{}", 4 * round + 4),
            format!("process:overloaded@{}", 5 * round + 5),
        ]
    });
    let rules = std::iter::once("analyze:overloaded@1-3".to_owned()).chain(rounds);
    rules.map(|rule| rule.parse().unwrap()).collect()
}
