//! What an [`AnthropicClient`](super::AnthropicClient) is told, and what can be wrong with it. It
//! comes from the settings whole: nothing here has a default of its own but the time to connect.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;
use thiserror::Error;
use url::Url;

/// How long connecting may take, TLS included, unless the configuration says otherwise.
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How to reach a server that speaks the Messages API.
#[derive(Clone)]
pub struct ClientConfig {
    /// The server: http or https, with the path that comes before `/v1/messages`.
    pub base_url: Url,
    /// Who calls; a local server needs nobody.
    pub credentials: Option<Credentials>,
    /// The `anthropic-version` header, such as `2023-06-01`.
    pub api_version: String,
    /// How long connecting may take, TLS included.
    pub connect_timeout: Duration,
    /// Whether the system's proxies are ignored, which a server on loopback asks for.
    pub direct: bool,
}

/// What proves who calls.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// Sent as `x-api-key`.
    ApiKey(SecretString),
    /// Sent as `Authorization: Bearer`.
    AuthToken(SecretString),
}

/// Why no client can be made of a [`ClientConfig`]. None of them quotes what it was given: it may
/// hold a secret in the wrong place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClientError {
    /// Some other scheme.
    #[error("the base URL must begin with http:// or https://")]
    Scheme,
    /// A user name or a password.
    #[error("the base URL must not hold a user name or a password")]
    UserInfo,
    /// Something after the path.
    #[error("the base URL must end with its path: no query, no fragment")]
    QueryOrFragment,
    /// Characters that a header can't carry, or none at all.
    #[error(
        "the {what} can't be sent in a header: it is empty or holds a character that isn't allowed there"
    )]
    Header {
        /// `API key`, `auth token`, `API version`.
        what: &'static str,
    },
    /// The HTTP client can't be set up: the system's certificates can't be read, for instance.
    #[error("can't set up the HTTP client: {0}")]
    Setup(String),
}

impl fmt::Debug for ClientConfig {
    /// Shows only the URL's origin: a refused URL may hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("base_url", &self.base_url.origin().ascii_serialization())
            .field("credentials", &self.credentials)
            .field("api_version", &self.api_version)
            .field("connect_timeout", &self.connect_timeout)
            .field("direct", &self.direct)
            .finish()
    }
}
