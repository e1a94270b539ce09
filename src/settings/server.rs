//! How the chain is served: plain values, each already within its range.

use std::fmt;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;

use super::{BackgroundTasks, CheckpointSettings, RateLimit, StoreSettings};
use crate::profile::Profile;

/// How the chain is served.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// The address or the name of the interface to listen on.
    pub host: String,
    /// The port; 0 for any free one.
    pub port: u16,
    /// Where the metrics are served without a token; `None` for the API's port, with one.
    pub metrics_bind: Option<BindAddress>,
    /// What the server is used for.
    pub environment: DeploymentEnvironment,
    /// The most bytes that a request's body may have.
    pub max_body_bytes: u32,
    /// The most runs at a time.
    pub max_concurrent_runs: u32,
    /// How long runs may go on after the server was asked to end; `None` for both phases and 5 seconds.
    pub shutdown_grace: Option<Duration>,
    /// How a streamed response behaves.
    pub stream: StreamSettings,
    /// What becomes of a chat UI's own requests.
    pub background_tasks: BackgroundTasks,
    /// The name that the chain has as a model; its profiles' names begin with it.
    pub service_model: String,
    /// Further names for the same models.
    pub model_aliases: Vec<ServiceModel>,
    /// Whether the API's documentation is served.
    pub docs: bool,
    /// Whether the page to try the chain is served.
    pub playground: bool,
    /// Whether responses carry the security headers.
    pub security_headers: bool,
    /// Who may say, by `X-Forwarded-For`, whose request they pass on.
    pub trusted_proxies: Vec<IpNet>,
    /// Which other origins' pages may call the API.
    pub cors: Cors,
    /// How tokens are verified.
    pub jwt: Jwt,
    /// How many requests pass.
    pub rate_limits: RateLimits,
    /// What replicas share, and where.
    pub store: StoreSettings,
    /// What each subject may spend in a day, in US dollars; `None` for no limit.
    pub budget_usd_per_day: Option<f64>,
    /// What of a run is kept for its repeat.
    pub checkpoints: CheckpointSettings,
}

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindAddress {
    /// The address or the name of the interface.
    pub host: String,
    /// The port; 0 for any free one.
    pub port: u16,
}

impl fmt::Display for BindAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        // An IPv6 address has colons of its own.
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// What the server is used for. In production, what else is only warned of keeps it from starting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeploymentEnvironment {
    /// On a developer's machine.
    Development,
    /// Before production.
    Staging,
    /// For real.
    Production,
    /// In tests.
    Test,
}

impl DeploymentEnvironment {
    /// `development`, `staging`, `production`, `test`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
            Self::Test => "test",
        }
    }
}

/// How a streamed response behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamSettings {
    /// How long the response's head waits for analyze to end.
    pub commit_after: Duration,
    /// How long nothing is sent before something without content is.
    pub heartbeat: Duration,
    /// Whether the steps' outputs are sent too.
    pub exposed_steps: ExposedSteps,
}

/// Whether a response shows what the steps before the last returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExposedSteps {
    /// It doesn't.
    Off,
    /// As `reasoning_content`.
    Reasoning,
}

/// A further name of a model of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceModel {
    /// The further name.
    pub alias: String,
    /// The profile of the model that it stands for; `None` for the model without one.
    pub profile: Option<Profile>,
}

/// Which other origins' pages may call the API, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// The origins, as browsers write them; `*` alone for all.
    pub origins: Vec<String>,
    /// Whether browsers may send credentials of their own; never together with `*`.
    pub allow_credentials: bool,
    /// The methods; `*` alone for all.
    pub allow_methods: Vec<String>,
    /// The request headers; `*` alone for all, which is answered by naming those that were asked for: to
    /// browsers a literal `*` doesn't include `Authorization`.
    pub allow_headers: Vec<String>,
}

/// How tokens are verified.
#[derive(Debug, Clone)]
pub struct Jwt {
    /// The one algorithm that is accepted.
    pub algorithm: JwtAlgorithm,
    /// The secret of an HS algorithm.
    pub secret: Option<SecretString>,
    /// The secret before it, whose tokens are still accepted.
    pub previous_secret: Option<SecretString>,
    /// The public key of any other algorithm, as PEM.
    pub public_key: Option<String>,
    /// The only issuer that is accepted.
    pub issuer: Option<String>,
    /// The only audience that is accepted.
    pub audience: Option<String>,
    /// By how much clocks may differ.
    pub leeway: Duration,
}

/// The algorithms that tokens may be signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of RFC 7518 and RFC 8037")]
pub enum JwtAlgorithm {
    Hs256,
    Hs384,
    Hs512,
    Rs256,
    Es256,
    EdDsa,
}

impl JwtAlgorithm {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Hs256, Self::Hs384, Self::Hs512, Self::Rs256, Self::Es256, Self::EdDsa];

    /// The name in a token's header: `HS256`, `EdDSA`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Whether the same secret signs and verifies.
    #[must_use]
    pub fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256 | Self::Hs384 | Self::Hs512)
    }
}

/// How many requests pass, for each kind of route. All limits of a kind hold at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimits {
    /// Whether anything is limited.
    pub enabled: bool,
    /// Chat completions.
    pub chat_completions: Vec<RateLimit>,
    /// The lists of models.
    pub models: Vec<RateLimit>,
    /// Everything else, and failed authentication.
    pub default: Vec<RateLimit>,
}
