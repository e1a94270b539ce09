//! Where the log is pushed to: plain values, each already within its range.

use secrecy::SecretString;
use url::Url;

/// Where the log is pushed to.
#[derive(Debug, Clone, Default)]
pub struct LokiSettings {
    /// Loki's base URL, or that of its push endpoint; `None` for nowhere.
    pub url: Option<Url>,
    /// The user name, if one is needed.
    pub username: Option<String>,
    /// The password that goes with it.
    pub password: Option<SecretString>,
    /// The tenant, where there are several.
    pub tenant: Option<String>,
}
