//! Simulator, engine and server in the test's own process, as the program puts them together: for tests with
//! so many cases that a process for each would take too long.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use promptchain::chain::{ChainConfig, Engine};
use promptchain::commands::{Setup, setup};
use promptchain::model::Model as _;
use promptchain::model::anthropic::{AnthropicClient, ClientConfig, DEFAULT_CONNECT_TIMEOUT};
use promptchain::resilience::{BreakerConfig, BreakerRegistry};
use promptchain::server::{Lifecycle, Parts, ServedModel, ServedModels, Server};
use promptchain::settings::{Settings, Sources};
use promptchain::simulator::{Simulator, SimulatorConfig};
use promptchain::telemetry::metrics::Deliveries;
use serde_json::Value;
use tokio::task::JoinSet;

use super::{Metrics, Response, SECRET, token};

/// A server and the simulator behind it. Dropped, both end.
pub(crate) struct InProcess {
    pub(crate) simulator: Simulator,
    address: SocketAddr,
    client: reqwest::Client,
    /// Serves.
    _serving: JoinSet<()>,
}

/// What the program makes of these variables.
pub(crate) fn configured(variables: &[(&str, &str)], for_server: bool) -> Setup {
    let sources = Sources {
        environment: variables.iter().map(|(name, value)| (name.into(), OsString::from(value))).collect(),
        without_credentials: true,
        for_server,
        ..Sources::default()
    };
    setup(&sources, &BTreeMap::new()).unwrap_or_else(|error| panic!("{error}: {:?}", error.causes))
}

/// The client of that simulator.
pub(crate) fn client(simulator: &Simulator, api_version: &str) -> Arc<AnthropicClient> {
    let config = ClientConfig {
        base_url: simulator.base_url().parse().unwrap(),
        credentials: None,
        api_version: api_version.to_owned(),
        connect_timeout: DEFAULT_CONNECT_TIMEOUT,
        direct: true,
    };
    Arc::new(AnthropicClient::new(config).unwrap())
}

impl InProcess {
    /// A server with these variables in its environment, before a simulator with these faults.
    pub(crate) async fn serve(faults: &str, variables: &[(&str, &str)]) -> Self {
        let faults = promptchain::simulator::FaultRule::parse_list(faults).unwrap();
        let simulator =
            Simulator::start(SimulatorConfig { faults, ..SimulatorConfig::default() }).await.unwrap();
        let own = [("JWT_SECRET_KEY", SECRET), ("RATE_LIMIT_ENABLED", "false"), ("API_PORT", "0")];
        let Setup { settings, chain, .. } = configured(&[&own, variables].concat(), true);
        let client = client(&simulator, &settings.upstream.version);
        let server = Server::new(parts(settings, chain, &client), Duration::ZERO).unwrap();
        let listening = server.listen().await.unwrap_or_else(|failures| panic!("{failures:?}"));
        let address = listening.address();
        let mut serving = JoinSet::new();
        serving.spawn(listening.serve());
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        Self { simulator, address, client, _serving: serving }
    }

    /// The whole response to a request for a chat completion, by somebody who may.
    pub(crate) async fn chat(&self, body: &Value) -> Response {
        let url = format!("http://{}/v1/chat/completions", self.address);
        let request = self.client.post(url).bearer_auth(token());
        read(request.header("content-type", "application/json").body(body.to_string())).await
    }

    /// What it counts.
    pub(crate) async fn metrics(&self) -> Metrics {
        let url = format!("http://{}/metrics", self.address);
        Metrics::read(&read(self.client.get(url).bearer_auth(token())).await)
    }
}

async fn read(request: reqwest::RequestBuilder) -> Response {
    let response = request.send().await.unwrap();
    let header = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap().to_owned())
    };
    Response {
        status: response.status().as_u16(),
        headers: response.headers().iter().map(header).collect(),
        body: response.bytes().await.unwrap().to_vec(),
    }
}

fn parts(settings: Settings, chain: ChainConfig, client: &Arc<AnthropicClient>) -> Parts {
    let breaker = &settings.breaker;
    let breakers = Arc::new(BreakerRegistry::new(BreakerConfig {
        enabled: breaker.enabled,
        failure_threshold: breaker.failure_threshold,
        open_for: breaker.timeout,
        half_open_attempts: breaker.half_open_attempts,
    }));
    let name = settings.server.service_model.clone();
    Parts {
        engine: Engine::new(client.clone(), Arc::clone(&breakers)),
        breakers,
        upstream: client.upstream().to_owned(),
        models: ServedModels {
            default: ServedModel { name, chain: Arc::new(chain) },
            profiles: Vec::new(),
            aliases: Vec::new(),
            created: 0,
        },
        stall: settings.stream.timeout,
        settings: settings.server,
        lifecycle: Lifecycle::new(),
        tracer: None,
        deliveries: Deliveries::default(),
    }
}
